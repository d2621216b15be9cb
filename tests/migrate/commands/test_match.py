"""Customers who are at the target already are matched, and never written to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.migrate.moving import (
    Moving,
    bond_to_sonder,
    crosswalk,
    people,
    same_as_made,
    side,
    sonder_person,
    sonder_to_bond,
)
from tests.migrate.unwilling import Deleting

from anybank import Bank, ConfigurationError, NewCustomer, Unsupported, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank_sonder.simulator import SonderSimulator


def there_already(
    directory: Path, count: int = 2, **changed: Any
) -> tuple[Moving, str]:
    """Return a migration to a Sonder that has the first customer, with the id."""
    sonder = SonderSimulator()
    theirs = sonder.seed_customer(**{**sonder_person(0), **changed})
    return bond_to_sonder(directory, count, target=sonder), theirs


def test_customers_of_a_crosswalk_are_not_sent(tmp_path: Path) -> None:
    """A customer who is as expected counts as created; only the third is sent."""
    moving, walked = same_as_made(tmp_path)
    summary = moving.plan(crosswalk=crosswalk(tmp_path, walked.items()))
    assert (summary.counts["created"], summary.counts["ready"]) == (2, 1)
    assert summary.totals["matched"] == 2
    assert moving.apply().totals["sent"] == 1
    assert moving.verify().exit_code == 0
    assert sorted(people(moving.target).values()) == ["Ada", "Bea", "Cleo"]
    assert walked.items() <= moving.crosswalk().items()


def test_who_was_matched_survives_a_rollback(tmp_path: Path) -> None:
    """A rollback does not delete customers that another migration created."""
    moving, walked = same_as_made(tmp_path)
    moving.plan(crosswalk=crosswalk(tmp_path, walked.items()))
    moving.apply()
    _, target = moving.sides()
    migrate.rollback(journal=moving.journal, target=target, yes=True)
    assert sorted(people(moving.target)) == sorted(walked.values())


def test_who_differs_waits_for_a_person(tmp_path: Path) -> None:
    """Nothing is overwritten: the record is ambiguous and is not sent."""
    moving, theirs = there_already(tmp_path, firstName="Zoe")
    (ours, *_) = (row.split(",")[0] for row in _rows(moving))
    summary = moving.plan(crosswalk=crosswalk(tmp_path, [(ours, theirs)]))
    assert (summary.counts["ambiguous"], summary.exit_code) == (1, 2)
    moving.apply()
    assert people(moving.target)[theirs] == "Zoe"
    assert len(people(moving.target)) == 2


def _rows(moving: Moving) -> list[str]:
    assert moving.supplement is not None
    return moving.supplement.read_text().splitlines()[1:]


def test_an_e_mail_is_nobody(tmp_path: Path) -> None:
    """Equal data without a crosswalk or a reference are no match."""
    moving, _ = there_already(tmp_path)
    assert moving.plan().counts["ready"] == 2


def test_two_records_cannot_have_one_customer(tmp_path: Path) -> None:
    """The second record that claims an id waits for a person."""
    moving, walked = same_as_made(tmp_path)
    (one, theirs), (two, _) = walked.items()
    file = crosswalk(tmp_path, [(one, theirs), (two, theirs)])
    summary = moving.plan(crosswalk=file)
    assert (summary.counts["created"], summary.counts["ambiguous"]) == (1, 1)


def test_an_id_that_the_target_does_not_know_blocks(tmp_path: Path) -> None:
    """A wrong crosswalk must not lead to a second customer."""
    moving, walked = same_as_made(tmp_path)
    file = crosswalk(tmp_path, [(next(iter(walked)), "nobody")])
    summary = moving.plan(crosswalk=file)
    assert summary.counts["blocked"] == 1
    assert summary.reasons[0].rule == "crosswalk"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,target_id\na,\n", "line 2, column target_id: is empty"),
        ("source_id\na\n", "line 2, column target_id: is empty"),
        ("source_id,target_id\na,1\na,2\n", "line 3, column source_id: is the same"),
        ("source_id,email\n", "line 1, column 2: is not one of source_id, target_id"),
    ],
)
def test_a_bad_crosswalk_is_named_by_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    """Nothing is planned with a file that has an invalid row."""
    (tmp_path / "old.csv").write_text(text)
    moving = bond_to_sonder(tmp_path, 1)
    with pytest.raises(ConfigurationError, match=message):
        moving.plan(crosswalk=tmp_path / "old.csv")
    assert not moving.journal.exists()


def bond_with(moving: Moving, *, like: str) -> str:
    """Create a customer at Bond with the reference that this migration generates."""
    moving.plan()
    with Journal.open(moving.journal) as journal:
        first, *_ = journal.records({State.READY})
    at = side(moving.target)
    with Bank(at.provider, **at.options) as bank, Bank(**_bank(moving)) as source:
        result = source.customers.get(first.source_id)
        new = NewCustomer(
            first_name=like,
            middle_name=result.middle_name,
            last_name=result.last_name,
            date_of_birth=result.date_of_birth,
            emails=result.emails,
            phones=result.phones,
            addresses=result.addresses,
            external_id=first.reference,
        )
        return bank.customers.create(new, accept_loss="all").id


def _bank(moving: Moving) -> dict[str, Any]:
    at = side(moving.source)
    return {"provider": at.provider, **at.options}


def test_the_owner_of_our_reference_is_not_sent(tmp_path: Path) -> None:
    """Bond stores our reference, so its owner is not created a second time."""
    moving = sonder_to_bond(tmp_path, 2)
    theirs = bond_with(moving, like="Ada")
    summary = moving.plan(match=True)
    assert summary.totals["matched"] == 1
    assert list(moving.crosswalk().values()) == [theirs]
    moving.apply()
    assert len(people(moving.target)) == 2


def test_a_reference_of_another_person_waits(tmp_path: Path) -> None:
    """A customer with our reference and other data waits for a person."""
    moving = sonder_to_bond(tmp_path, 2)
    bond_with(moving, like="Zoe")
    assert moving.plan(match=True).counts["ambiguous"] == 1


def test_without_references_match_is_refused(tmp_path: Path) -> None:
    """Sonder has neither a list nor a reference, so a match needs a crosswalk."""
    with pytest.raises(Unsupported, match="--crosswalk"):
        bond_to_sonder(tmp_path, 1).plan(match=True)


def test_who_was_there_when_applying_is_not_rolled_back(tmp_path: Path) -> None:
    """A customer that the target reported as existing may not be ours."""
    moving = sonder_to_bond(tmp_path, 2)
    theirs = bond_with(moving, like="Ada")
    moving.target = Deleting(moving.target)
    moving.apply()
    _, target = moving.sides()
    migrate.rollback(journal=moving.journal, target=target, yes=True)
    assert theirs in people(moving.target.bank)


def test_a_matched_customer_need_not_have_our_reference(tmp_path: Path) -> None:
    """A crosswalk suffices for customers that Bond created, if the rest is equal."""
    before = sonder_to_bond(tmp_path)
    before.plan()
    before.apply()
    (tmp_path / "again").mkdir()
    again = Moving(tmp_path / "again", before.source, before.target, ids=before.ids)
    walk = crosswalk(tmp_path, before.crosswalk().items())
    assert again.plan(crosswalk=walk).totals["matched"] == 4
    assert again.verify().exit_code == 0
