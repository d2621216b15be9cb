"""Customers who are new or have changed at the source since the plan or the move."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.migrate.moving import (
    NAMES,
    Moving,
    bond_to_sonder,
    people,
    side,
    sonder_to_bond,
    ssn,
    supplement_for,
)

from anybank import Bank, ConfigurationError, CustomerChanges, migrate
from anybank.migrate.journal.journal import Journal


@pytest.fixture
def moved(tmp_path: Path) -> Moving:
    """Return a migration that has moved the first two of four."""
    moving = bond_to_sonder(tmp_path, 4)
    moving.plan(limit=2)
    moving.apply()
    moving.plan()
    return moving


def rename(moving: Moving, source_ids: Iterable[str], name: str = "Xen") -> None:
    """Change customers at the source."""
    at = side(moving.source)
    with Bank(at.provider, **at.options) as bank:
        for source_id, letter in zip(source_ids, "abcdef", strict=False):
            bank.customers.update(source_id, CustomerChanges(first_name=name + letter))


def test_an_unchanged_source_is_not_reported(moved: Moving) -> None:
    """For an unchanged source the counts are zero, without a reason."""
    summary = moved.plan(since_last=True)
    names = ("new", "changed_since_plan", "changed_after_move")
    assert [summary.totals[name] for name in names] == [0, 0, 0]
    assert summary.exit_code == 0


def test_who_changed_after_the_move_is_listed_and_not_touched(moved: Moving) -> None:
    """The summary has count and ids, and nothing is sent to the target."""
    ours, theirs = next(iter(moved.crosswalk().items()))
    before = people(moved.target)[theirs]
    rename(moved, [ours])
    summary = moved.plan(since_last=True)
    reason = summary.reasons[0]
    assert (reason.rule, reason.examples) == ("changed after the move", (ours,))
    assert (summary.totals["changed_after_move"], summary.exit_code) == (1, 2)
    moved.apply()
    assert people(moved.target)[theirs] == before


def test_a_change_before_the_move_is_certified_again(moved: Moving) -> None:
    """The present data of the source are sent."""
    unsent = people(moved.source).keys() - moved.crosswalk().keys()
    rename(moved, unsent)
    summary = moved.plan(since_last=True)
    assert summary.totals["changed_since_plan"] == 2
    assert moved.apply().totals["changed_since_plan"] == 0
    assert moved.verify().exit_code == 0
    assert sorted(people(moved.target).values())[2:] == ["Xena", "Xenb"]


def test_who_is_new_is_planned(moved: Moving) -> None:
    """A new customer is counted and made ready."""
    known = list(people(moved.source))
    new = moved.source.seed_customer(first_name=NAMES[4], middle_name="May", ssn=ssn(4))
    order = [item for item in known if item != new]
    moved.supplement = supplement_for([*order, new], moved.directory / "more.csv")
    assert moved.plan(since_last=True).totals["new"] == 1


def test_a_change_after_the_move_stays_listed(moved: Moving) -> None:
    """A change after the move stays listed until it is resolved."""
    rename(moved, moved.crosswalk())
    assert moved.plan(since_last=True).totals["changed_after_move"] == 2
    assert moved.plan(since_last=True).totals["changed_after_move"] == 2


def leave(moving: Moving, source_ids: Iterable[str]) -> None:
    """Delete customers at the source."""
    at = side(moving.source)
    with Bank(at.provider, **at.options) as bank:
        for source_id in source_ids:
            bank.customers.delete(source_id)


def test_who_has_gone_after_the_move_is_listed(moved: Moving) -> None:
    """The plan counts and names them, and so do verify, status and the report."""
    ours = next(iter(moved.crosswalk()))
    leave(moved, [ours])
    summary = moved.plan(since_last=True)
    assert (summary.totals["departed"], summary.exit_code) == (1, 2)
    reasons = {reason.rule: reason.examples for reason in summary.reasons}
    assert reasons["gone at the source"] == (ours,)
    moved.apply()
    for shown in (moved.verify(), migrate.status(journal=moved.journal)):
        assert (shown.totals["departed"], shown.exit_code) == (1, 0)
    report = migrate.Report.read(moved.journal)
    assert report.departed == (ours,)
    html = moved.directory / "report.html"
    migrate.report(journal=moved.journal, html=html)
    assert "No longer at the source: 1" in html.read_text()
    assert len(people(moved.target)) == 4


def test_who_has_gone_before_the_move_is_blocked(moved: Moving) -> None:
    """Nobody is sent whom the source no longer has."""
    unsent = people(moved.source).keys() - moved.crosswalk().keys()
    leave(moved, unsent)
    summary = moved.plan(since_last=True)
    assert (summary.counts["blocked"], summary.totals["departed"]) == (2, 0)
    assert "gone" in [reason.rule for reason in summary.reasons]
    assert moved.apply().totals["sent"] == 0


def test_who_has_gone_from_a_source_without_a_list_is_found_by_id(
    tmp_path: Path,
) -> None:
    """The file has the id, and the source responds that it is unknown."""
    moving = sonder_to_bond(tmp_path, 2)
    moving.plan()
    moving.apply()
    ours = next(iter(moving.crosswalk()))
    leave(moving, [ours])
    assert moving.plan(since_last=True).totals["departed"] == 1


def test_a_part_of_the_source_says_nothing_of_the_rest(moved: Moving) -> None:
    """A plan of a part of the customers marks nobody as departed."""
    assert moved.plan(limit=1).totals["departed"] == 0
    assert moved.plan(sample=0.01).totals["departed"] == 0


def test_who_returns_to_the_source_is_not_gone_any_more(tmp_path: Path) -> None:
    """The next plan finds the customers again."""
    moving = sonder_to_bond(tmp_path, 2)
    moving.plan()
    moving.apply()
    with Journal.open_locked(moving.journal) as journal:
        journal.mark_departed([1, 2])
    assert migrate.status(journal=moving.journal).totals["departed"] == 2
    assert moving.plan().totals["departed"] == 0


def test_there_must_be_a_last_time(tmp_path: Path) -> None:
    """Without a journal there is nothing to compare with."""
    with pytest.raises(ConfigurationError, match="there is no journal"):
        bond_to_sonder(tmp_path, 1).plan(since_last=True)
