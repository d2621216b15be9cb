"""Customers at the target are overwritten only where a person asks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from tests.migrate.moving import (
    STRIDE,
    Crash,
    Moving,
    Steps,
    bond_to_sonder,
    people,
    side,
    sonder_to_bond,
)

from anybank import (
    AuthenticationFailed,
    Bank,
    ConfigurationError,
    Customer,
    CustomerChanges,
    migrate,
)
from anybank.adapter.wire import Request, Response
from anybank.migrate import Summary
from anybank.sandbox.faults import Faults
from anybank_sonder.simulator import SonderSimulator


@define
class Recorder:
    """A bank that records the updates."""

    bank: SonderSimulator
    written: list[dict[str, Any]] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        if request.method == "PUT":
            self.written.append(json.loads(request.encoded() or b""))
        return self.bank(request)


@pytest.fixture
def moved(tmp_path: Path) -> Moving:
    """Return four customers who were moved and verified."""
    return settled(bond_to_sonder(tmp_path))


def settled(moving: Moving) -> Moving:
    """Move and verify all customers."""
    moving.plan()
    moving.apply()
    moving.verify()
    return moving


def overwritten(moving: Moving, **more: Any) -> Summary:
    """Overwrite the customers that differ."""
    source, target = moving.sides()
    arguments = {"yes": True, **more}
    return migrate.overwrite(
        journal=moving.journal, source=source, target=target, **arguments
    )


def change(simulator: Any, identifier: str, changes: CustomerChanges) -> None:
    """Change a customer without the migration."""
    at = side(simulator)
    with Bank(at.provider, **at.options) as bank:
        bank.customers.update(identifier, changes)


def customer(simulator: Any, identifier: str) -> Customer:
    """Read a customer."""
    at = side(simulator)
    with Bank(at.provider, **at.options) as bank:
        return bank.customers.get(identifier)


def first(moving: Moving) -> tuple[str, str]:
    """Return the ids of the first customer at both banks."""
    return next(iter(moving.crosswalk().items()))


EMAILS = CustomerChanges(emails=["new@example.com"])


def test_who_changed_after_the_move_is_brought_up_to_date(moved: Moving) -> None:
    """The target has the source's present data, read back, and nothing is open."""
    ours, theirs = first(moved)
    change(moved.source, ours, EMAILS)
    moved.plan(since_last=True)
    summary = overwritten(moved)
    assert (summary.totals["overwritten"], summary.exit_code) == (1, 0)
    assert customer(moved.target, theirs).email == "new@example.com"
    assert moved.verify().exit_code == 0


def test_who_was_read_back_different_is_restored(moved: Moving) -> None:
    """A field that somebody changed at the target gets the expected value again."""
    theirs = first(moved)[1]
    before = customer(moved.target, theirs)
    change(moved.target, theirs, EMAILS)
    assert moved.verify().counts["mismatched"] == 1
    assert overwritten(moved).exit_code == 0
    assert customer(moved.target, theirs) == before


def test_only_the_fields_that_differ_are_sent(tmp_path: Path) -> None:
    """A field with the expected value is not in the request."""
    target = Recorder(SonderSimulator())
    moving = settled(bond_to_sonder(tmp_path, target=target))
    change(moving.source, first(moving)[0], EMAILS)
    moving.plan(since_last=True)
    overwritten(moving)
    assert [set(item) for item in target.written] == [{"emails"}]


def test_nothing_is_overwritten_without_consent(moved: Moving) -> None:
    """The error says how many, where, and that it cannot be undone."""
    ours, theirs = first(moved)
    change(moved.source, ours, EMAILS)
    moved.plan(since_last=True)
    with pytest.raises(ConfigurationError, match=r"1 customers at Sonder .* undone"):
        overwritten(moved, yes=False)
    assert customer(moved.target, theirs).email != "new@example.com"


def test_without_differences_no_consent_is_requested(moved: Moving) -> None:
    """A migration without differences has nobody to overwrite."""

    def requests(lines: Sequence[str]) -> bool:
        raise AssertionError(lines)

    assert overwritten(moved, yes=requests).exit_code == 0


def test_a_field_that_never_changes_keeps_the_customer_whole(moved: Moving) -> None:
    """Sonder cannot change a date of birth, so nothing of that customer is sent."""
    ours, theirs = first(moved)
    before = customer(moved.target, theirs)
    born = CustomerChanges(date_of_birth=date(1980, 2, 3), emails=["new@example.com"])
    change(moved.source, ours, born)
    moved.plan(since_last=True)
    summary = overwritten(moved)
    reason = summary.reasons[0]
    assert (reason.field, reason.examples) == ("date_of_birth", (ours,))
    assert (summary.totals["unchanged"], summary.exit_code) == (1, 2)
    assert customer(moved.target, theirs) == before


def test_who_was_recognised_with_other_data_is_overwritten_and_not_ours(
    tmp_path: Path,
) -> None:
    """The match gets the source's data, and a rollback does not delete it."""
    moving = sonder_to_bond(tmp_path, 2)
    settled(moving)
    ours, theirs = first(moving)
    change(moving.target, theirs, CustomerChanges(first_name="Zoe"))
    again = Moving(tmp_path / "again", moving.source, moving.target, ids=moving.ids)
    again.directory.mkdir()
    walk = tmp_path / "walk.csv"
    walk.write_text(f"source_id,target_id\n{ours},{theirs}\n")
    assert again.plan(crosswalk=walk).counts["ambiguous"] == 1
    assert overwritten(again).totals["overwritten"] == 1
    assert people(moving.target)[theirs] == people(moving.source)[ours]
    target = again.sides()[1]
    migrate.rollback(journal=again.journal, target=target, yes=True)
    assert theirs in people(moving.target)


def test_a_file_of_ids_takes_those_alone(moved: Moving, tmp_path: Path) -> None:
    """Customers who are not in the file stay different."""
    one, two = list(moved.crosswalk())[:2]
    for item in (one, two):
        change(moved.source, item, EMAILS)
    moved.plan(since_last=True)
    (tmp_path / "some.txt").write_text(f"{one}\n")
    summary = overwritten(moved, ids=tmp_path / "some.txt")
    assert (summary.counts["verified"], summary.counts["mismatched"]) == (3, 1)


def test_an_id_that_is_not_known_to_differ_is_refused(
    moved: Moving, tmp_path: Path
) -> None:
    """The file is refused as a whole, and the error names the next step."""
    (tmp_path / "some.txt").write_text(f"{first(moved)[0]}\n")
    with pytest.raises(ConfigurationError, match="not known to differ"):
        overwritten(moved, ids=tmp_path / "some.txt")


@pytest.mark.parametrize("fault", ["lost", "500"])
def test_a_lost_answer_is_settled_by_reading(tmp_path: Path, fault: str) -> None:
    """A read shows whether the customer was changed."""
    target = Faults().around(SonderSimulator())
    moving = settled(bond_to_sonder(tmp_path, 1, target=target))
    ours, theirs = first(moving)
    change(moving.source, ours, EMAILS)
    moving.plan(since_last=True)
    target.schedule(None, *[fault] * 3)
    summary = overwritten(moving)
    read = customer(target.bank, theirs).email
    assert summary.counts["verified"] == (read == "new@example.com")


def test_without_credentials_it_gives_up(tmp_path: Path) -> None:
    """The error is raised, and the records still differ."""
    moving = settled(
        bond_to_sonder(tmp_path, 1, target=Faults().around(SonderSimulator()))
    )
    change(moving.source, first(moving)[0], EMAILS)
    moving.plan(since_last=True)
    source, target = moving.sides()
    wrong = migrate.Side("sonder", {**target.options, "token": "wrong"})
    with pytest.raises(AuthenticationFailed):
        migrate.overwrite(journal=moving.journal, source=source, target=wrong, yes=True)
    assert migrate.status(journal=moving.journal).counts["mismatched"] == 1


def test_a_customer_who_is_gone_is_reported(moved: Moving) -> None:
    """A customer whom the target no longer has is not created again."""
    ours, theirs = first(moved)
    del moved.target.world.customers[theirs]
    moved.verify()
    summary = overwritten(moved)
    assert (summary.reasons[0].rule, summary.reasons[0].examples) == ("gone", (ours,))
    assert theirs not in people(moved.target)


def killed(moving: Moving, step: int | None) -> int:
    """Overwrite, crash at a step, and return how many steps were taken."""
    moving.steps = Steps(step)
    with suppress(Crash), moving.steps.counted():
        overwritten(moving)
    taken, moving.steps = moving.steps.taken, Steps()
    return taken


def test_killed_anywhere_it_is_taken_up_again(tmp_path: Path) -> None:
    """After a crash at any commit, request or answer the same command finishes."""
    moving = settled(bond_to_sonder(tmp_path, 2))

    def overwrite_again(step: int | None) -> int:
        email = f"new{step or 0}@example.com"
        for source_id in moving.crosswalk():
            change(moving.source, source_id, CustomerChanges(emails=[email]))
        moving.plan(since_last=True)
        taken = killed(moving, step)
        overwritten(moving)
        assert moving.verify().exit_code == 0
        for target_id in moving.crosswalk().values():
            assert customer(moving.target, target_id).email == email
        return taken

    steps = overwrite_again(None)
    assert steps > 10
    for step in range(1, steps + 1, STRIDE):
        overwrite_again(step)
