"""`verify` detects customers who are at the target twice, or says that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.increase.test_migrations import bond_to_increase
from tests.migrate.moving import (
    Moving,
    bond_to_sonder,
    people,
    side,
    sonder_person,
    sonder_to_bond,
)

from anybank import Bank, NewCustomer, migrate
from anybank.migrate import Summary
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.transitions import Transition
from anybank_increase.simulator import IncreaseSimulator


@pytest.fixture
def moved(tmp_path: Path) -> Moving:
    """Return a finished migration to Bond, which lists and stores references."""
    moving = sonder_to_bond(tmp_path, 3)
    moving.plan()
    moving.apply()
    return moving


def created_again(moving: Moving, target_id: str, external_id: str | None) -> str:
    """Create a customer of Bond a second time, and return the new id."""
    with Bank("bond", **side(moving.target).options) as bank:
        one = bank.customers.get(target_id)
        new = NewCustomer(
            first_name=one.first_name,
            middle_name=one.middle_name,
            last_name=one.last_name,
            date_of_birth=one.date_of_birth,
            ssn=f"912-45-{one.ssn.last_four}" if one.ssn else None,
            emails=one.emails,
            phones=one.phones,
            addresses=one.addresses,
            external_id=external_id,
        )
        return bank.customers.create(new, accept_loss="all").id


def kinds(summary: Summary) -> dict[str, int]:
    names = ("duplicates", "unrecorded", "look_alikes")
    return {name: summary.totals[name] for name in names if summary.totals[name]}


def test_without_duplicates_only_the_cost_is_reported(moved: Moving) -> None:
    """The exit code is 0, and the result has the method and the calls."""
    summary = moved.verify()
    assert (kinds(summary), summary.exit_code) == ({}, 0)
    assert summary.duplicates is not None
    assert (summary.duplicates.listed, summary.duplicates.calls) == (3, 4)
    assert "3 customers in 4 calls" in summary.duplicates.how


def test_a_second_one_under_another_reference_looks_alike(moved: Moving) -> None:
    """Creates of another journal are detected by name, birth date and last four."""
    ours, theirs = next(iter(moved.crosswalk().items()))
    second = created_again(moved, theirs, "another-reference")
    summary = moved.verify()
    assert (kinds(summary), summary.exit_code) == ({"look_alikes": 1}, 2)
    assert summary.duplicates is not None
    (result,) = summary.duplicates.examples
    assert (result.source_id, result.target_ids) == (ours, (theirs, second))
    reason = summary.reasons[0]
    assert (reason.effect, reason.examples) == ("duplicated", (ours,))
    assert migrate.status(journal=moved.journal).exit_code == 2
    report = migrate.Report.read(moved.journal)
    assert report.summary.duplicates == summary.duplicates
    html = moved.directory / "report.html"
    migrate.report(journal=moved.journal, html=html)
    shown = html.read_text()
    assert "Possible duplicates at the target: 1" in shown
    assert "1 may exist twice at the target" in shown
    assert second in shown


def test_a_customer_with_the_reference_of_another_record_is_a_duplicate(
    moved: Moving,
) -> None:
    """Two customers with one reference are duplicates."""
    ours, theirs = next(iter(moved.crosswalk().items()))
    with Journal.open_locked(moved.journal) as journal:
        (record,) = [
            item for item in journal.records({State.CREATED}) if item.source_id == ours
        ]
        move = Transition(
            record.number, State.VERIFIED, {"target_id": "the-first-of-two"}
        )
        journal.write([move])
    summary = moved.verify()
    assert kinds(summary) == {"duplicates": 1}
    assert summary.duplicates is not None
    assert summary.duplicates.examples[0].target_ids == ("the-first-of-two", theirs)


def test_one_that_the_journal_does_not_know_is_unrecorded(tmp_path: Path) -> None:
    """Sending the record would create the customer a second time."""
    moving = sonder_to_bond(tmp_path, 2)
    moving.plan(limit=1)
    moving.apply()
    moving.plan()
    (theirs,) = moving.crosswalk().values()
    with Journal.open(moving.journal) as journal:
        (ready,) = journal.records({State.READY})
    created_again(moving, theirs, ready.reference)
    assert kinds(moving.verify())["unrecorded"] == 1


def test_a_deleted_duplicate_is_no_longer_reported(moved: Moving) -> None:
    """The next verify searches again."""
    second = created_again(moved, next(iter(moved.crosswalk().values())), "other")
    assert moved.verify().exit_code == 2
    with Bank("bond", **side(moved.target).options) as bank:
        bank.customers.delete(second)
    assert moved.verify().exit_code == 0


def test_two_people_of_the_source_who_look_alike_are_no_duplicate(
    tmp_path: Path,
) -> None:
    """Both are in the journal, and each was moved once."""
    moving = sonder_to_bond(tmp_path, 1)
    twin = {**sonder_person(0), "socialSecurityNumber": "913-55-6000"}
    assert moving.ids
    with moving.ids.open("a") as file:
        file.write(moving.source.seed_customer(**twin) + "\n")
    moving.plan(accept_quality=["same-name-and-birth"])
    moving.apply()
    assert len(people(moving.target)) == 2
    assert kinds(moving.verify()) == {}


def test_a_target_without_a_list_has_no_search(tmp_path: Path) -> None:
    """Duplicates at Sonder cannot be detected; the result says so, without a call."""
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    moving.apply()
    summary = moving.verify()
    assert summary.exit_code == 0
    assert summary.duplicates is not None
    assert "cannot be detected from here" in summary.duplicates.how
    assert summary.duplicates.calls == 0
    assert migrate.status(journal=moving.journal).duplicates == summary.duplicates


def test_the_search_can_be_skipped(moved: Moving) -> None:
    """The search can be skipped at a large target, and the result says so."""
    summary = moved.verify(duplicates=False)
    assert summary.duplicates is not None
    assert summary.duplicates.calls == 0
    assert "was skipped" in summary.duplicates.how


def test_a_target_without_references_is_compared_by_person(tmp_path: Path) -> None:
    """Increase stores no reference: duplicates share a name and a number."""
    increase = IncreaseSimulator()
    moving = bond_to_increase(tmp_path, target=increase)
    moving.plan()
    moving.apply()
    first = next(iter(moving.crosswalk().values()))
    assert kinds(moving.verify()) == {}
    person = increase.stored(first).record["natural_person"]
    number = f"91245{person['identification']['number_last4']}"
    second = increase.seed_entity(
        name=person["name"],
        date_of_birth=person["date_of_birth"],
        identification={"method": "social_security_number", "number": number},
    )
    summary = moving.verify()
    assert kinds(summary) == {"look_alikes": 1}
    assert summary.duplicates is not None
    assert summary.duplicates.examples[0].target_ids == (first, second)
