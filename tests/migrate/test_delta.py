"""What is new or has changed at the source since it was planned or moved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from anybank import Bank, ConfigurationError, CustomerChanges

from .moving import NAMES, Moving, bond_to_sonder, people, side, ssn, supplement_for


@pytest.fixture
def moved(tmp_path: Path) -> Moving:
    """Return a migration that has moved the first two of four."""
    moving = bond_to_sonder(tmp_path, 4)
    moving.plan(limit=2)
    moving.apply()
    moving.plan()
    return moving


def rename(moving: Moving, source_ids: Iterable[str], name: str = "Xenia") -> None:
    """Change customers at the source."""
    at = side(moving.source)
    with Bank(at.provider, **at.options) as bank:
        for each in source_ids:
            bank.customers.update(each, CustomerChanges(first_name=name))


def test_with_nothing_new_nothing_is_said(moved: Moving) -> None:
    """An unchanged source leaves counts of zero and no reason."""
    summary = moved.plan(since_last=True)
    names = ("new", "changed_since_plan", "changed_after_move")
    assert [summary.totals[each] for each in names] == [0, 0, 0]
    assert summary.exit_code == 0


def test_who_changed_after_the_move_is_listed_and_not_touched(moved: Moving) -> None:
    """Count and ids are told, the target keeps what it has, nothing is sent."""
    ours, theirs = next(iter(moved.crosswalk().items()))
    before = people(moved.target)[theirs]
    rename(moved, [ours])
    summary = moved.plan(since_last=True)
    reason = summary.reasons[0]
    assert (reason.rule, reason.examples) == ("changed after the move", (ours,))
    assert (summary.totals["changed_after_move"], summary.exit_code) == (1, 2)
    moved.apply()
    assert people(moved.target)[theirs] == before


def test_who_changed_before_the_move_is_certified_anew(moved: Moving) -> None:
    """What is sent is what the source tells now."""
    unsent = people(moved.source).keys() - moved.crosswalk().keys()
    rename(moved, unsent)
    summary = moved.plan(since_last=True)
    assert summary.totals["changed_since_plan"] == 2
    assert moved.apply().totals["changed_since_plan"] == 0
    assert moved.verify().exit_code == 0
    assert sorted(people(moved.target).values())[2:] == ["Xenia", "Xenia"]


def test_who_is_new_is_planned(moved: Moving) -> None:
    """A customer of after the plan is counted and made ready."""
    known = list(people(moved.source))
    new = moved.source.seed_customer(first_name=NAMES[4], middle_name="May", ssn=ssn(4))
    order = [each for each in known if each != new]
    moved.supplement = supplement_for([*order, new], moved.directory / "more.csv")
    assert moved.plan(since_last=True).totals["new"] == 1


def test_once_told_it_is_told_again(moved: Moving) -> None:
    """What changed after the move stays listed: looking does not settle it."""
    rename(moved, moved.crosswalk())
    assert moved.plan(since_last=True).totals["changed_after_move"] == 2
    assert moved.plan(since_last=True).totals["changed_after_move"] == 2


def test_there_must_be_a_last_time(tmp_path: Path) -> None:
    """Without a journal there is nothing to compare with."""
    with pytest.raises(ConfigurationError, match="there is no journal"):
        bond_to_sonder(tmp_path, 1).plan(since_last=True)
