"""A rollback deletes exactly the customers that the migration created."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
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
from tests.migrate.unwilling import Deleting

from anybank import (
    AuthenticationFailed,
    Bank,
    ConfigurationError,
    NewAccount,
    migrate,
)
from anybank.migrate import Summary
from anybank.migrate.commands.target.origins import matched_facts
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.transitions import Transition
from anybank.sandbox.faults import Faults
from anybank_bond.simulator import PROGRAM, BondSimulator
from anybank_sonder.simulator import SonderSimulator


def moved(directory: Path, *spoiled: str, count: int = 4) -> Moving:
    """Return a finished migration to Sonder."""
    target = Deleting(SonderSimulator(), *spoiled)
    moving = bond_to_sonder(directory, count, target=target)
    moving.plan()
    assert moving.apply().counts["created"] == count
    return moving


def rolled_back(moving: Moving, **more: Any) -> Summary:
    _, target = moving.sides()
    arguments = {"yes": True, **more}
    return migrate.rollback(journal=moving.journal, target=target, **arguments)


class Questions(list[str]):
    """Records the warnings, and consents."""

    def __call__(self, lines: Sequence[str]) -> bool:
        self.extend(lines)
        return True


def there(moving: Moving) -> list[str]:
    return sorted(people(getattr(moving.target, "bank", moving.target)).values())


def test_created_customers_are_deleted_and_leave_the_crosswalk(tmp_path: Path) -> None:
    """All customers disappear from the target and from the crosswalk."""
    moving = moved(tmp_path)
    summary = rolled_back(moving)
    assert (summary.counts["rolled_back"], summary.exit_code) == (4, 0)
    assert summary.totals["rolled_back"] == 4
    assert migrate.status(journal=moving.journal).exit_code == 0
    assert there(moving) == []
    assert moving.crosswalk() == {}


def test_the_newest_goes_first(tmp_path: Path) -> None:
    """The last customer of the plan is deleted before the first."""
    moving = moved(tmp_path)
    order = list(moving.crosswalk().values())
    rolled_back(moving)
    assert moving.target.deleted == order[::-1]


def test_another_banks_credentials_record_nothing(tmp_path: Path) -> None:
    """Where no customer is found, none is recorded as deleted, changed or sent."""
    moving = moved(tmp_path)
    ours, moving.target = moving.target, Deleting(SonderSimulator())
    with pytest.raises(ConfigurationError, match="has none of the 4 customers"):
        rolled_back(moving)
    with pytest.raises(ConfigurationError, match="has none of the 4 customers"):
        moving.apply()
    with pytest.raises(ConfigurationError, match="has none of the 4 customers"):
        moving.verify()
    assert migrate.status(journal=moving.journal).counts["created"] == 4
    moving.target = ours
    assert rolled_back(moving).totals["gone"] == 0
    assert there(moving) == []


def test_gone_records_that_all_customers_are_deleted(tmp_path: Path) -> None:
    """With `gone`, customers who were deleted manually are rolled back."""
    moving = moved(tmp_path)
    moving.target = Deleting(SonderSimulator())
    assert rolled_back(moving, gone=True).totals["gone"] == 4
    assert moving.crosswalk() == {}


def test_nobody_is_sent_again_unless_planned_again(tmp_path: Path) -> None:
    """Only a plan with `again` makes rolled back customers ready."""
    moving = moved(tmp_path)
    rolled_back(moving)
    assert moving.plan().counts["rolled_back"] == 4
    assert moving.apply().totals["sent"] == 0
    assert moving.plan(again=True).counts["ready"] == 4
    moving.apply()
    assert moving.verify().exit_code == 0
    assert there(moving) == ["Ada", "Bea", "Cleo", "Dora"]


def test_who_was_there_before_stays(tmp_path: Path) -> None:
    """Matched customers are not deleted."""
    moving = moved(tmp_path, count=2)
    with Journal.open(moving.journal) as journal:
        first, *_ = journal.records({State.CREATED})
        journal.write(
            [Transition(first.number, State.VERIFIED, {"failure": matched_facts("id")})]
        )
    summary = rolled_back(moving)
    assert summary.counts["rolled_back"] == 1
    assert list(moving.crosswalk().values()) == [first.target_id]
    assert len(there(moving)) == 1
    (skipped,) = (reason for reason in summary.reasons if reason.effect == "skipped")
    assert (skipped.rule, skipped.count) == ("matched", 1)
    assert summary.exit_code == 0


def test_who_is_another_person_now_is_not_deleted(tmp_path: Path) -> None:
    """A customer with another name under our id is left to a person."""
    moving = moved(tmp_path, count=2)
    with Journal.open(moving.journal) as journal:
        one, two = journal.records({State.CREATED})
        other = {**one.promise, "last_name": two.promise["last_name"]}
        journal.write([Transition(one.number, State.VERIFIED, {"promise": other})])
    first = one.target_id
    summary = rolled_back(moving)
    assert first in people(moving.target.bank)
    (unchanged,) = (
        reason for reason in summary.reasons if reason.effect == "unchanged"
    )
    assert unchanged.message == (
        "the customer under this id is another person, by last_name: not deleted"
    )
    assert (summary.totals["unchanged"], summary.exit_code) == (1, 2)


def test_who_has_accounts_is_left_unchanged_counted_and_listed(tmp_path: Path) -> None:
    """No delete is sent, and the summary has the ids and what to do."""
    moving = moved(tmp_path)
    ours, theirs = next(iter(moving.crosswalk().items()))
    moving.target.bank.world.customers[theirs].account_ids.append("acc-1")
    summary = rolled_back(moving)
    reason = summary.reasons[0]
    assert (reason.rule, reason.count, reason.examples) == ("accounts", 1, (ours,))
    assert reason.remedy == "close its accounts, then roll back again"
    assert (summary.totals["unchanged"], summary.exit_code) == (1, 2)
    assert theirs not in moving.target.deleted
    assert moving.crosswalk() == {ours: theirs}


def test_what_the_target_refuses_is_left_unchanged(tmp_path: Path) -> None:
    """The customer stays in the crosswalk and can be rolled back later."""
    moving = moved(tmp_path, "422")
    summary = rolled_back(moving)
    assert (summary.totals["unchanged"], summary.counts["created"]) == (1, 1)
    assert rolled_back(moving).exit_code == 0
    assert there(moving) == []


def test_without_credentials_it_gives_up_at_once(tmp_path: Path) -> None:
    """The error is raised, and the record that was being deleted is created again."""
    moving = moved(tmp_path, *["401"] * 4)
    with pytest.raises(AuthenticationFailed):
        rolled_back(moving)
    assert len(moving.crosswalk()) == 4
    assert len(there(moving)) == 4


@pytest.mark.parametrize("how", ["lost", "500"])
def test_a_lost_answer_is_settled_by_reading(tmp_path: Path, how: str) -> None:
    """An absent customer was deleted, and a present one is deleted now."""
    target = Faults().around(SonderSimulator())
    moving = bond_to_sonder(tmp_path, 3, target=target)
    moving.plan()
    moving.apply()
    target.schedule(*[None] * 4, *[how] * 3)  # one is looked for before all others
    assert rolled_back(moving).exit_code == 0
    assert there(moving) == []


def test_only_a_read_shows_that_a_customer_is_deleted(tmp_path: Path) -> None:
    """After a success that deleted nothing, the delete is sent again."""
    moving = moved(tmp_path, "nothing")
    assert rolled_back(moving).counts["rolled_back"] == 4
    assert there(moving) == []


def test_who_is_still_there_after_every_delete_is_left_unchanged(
    tmp_path: Path,
) -> None:
    """A present customer is never recorded as rolled back."""
    moving = moved(tmp_path, *["nothing"] * 3, count=1)
    summary = rolled_back(moving)
    assert (summary.counts["created"], summary.counts["rolled_back"]) == (1, 0)
    assert (summary.reasons[0].rule, summary.exit_code) == ("still there", 2)
    assert len(there(moving)) == 1
    assert rolled_back(moving).exit_code == 0


def test_who_is_gone_already_is_done(tmp_path: Path) -> None:
    """A customer whom somebody else deleted needs no delete."""
    moving = moved(tmp_path)
    del moving.target.bank.world.customers[next(iter(moving.crosswalk().values()))]
    summary = rolled_back(moving)
    assert (summary.counts["rolled_back"], summary.totals["gone"]) == (4, 1)
    assert len(moving.target.deleted) == 3


def test_without_consent_nothing_is_deleted(tmp_path: Path) -> None:
    """The error says how many customers and what cannot be undone."""
    moving = moved(tmp_path)
    with pytest.raises(ConfigurationError, match=r"4 customers .* cannot be undone"):
        rolled_back(moving, yes=False)
    assert len(there(moving)) == 4


def test_consent_is_requested_once_with_all_warnings(tmp_path: Path) -> None:
    """The warnings cover numbers, KYC, accounts and records in doubt."""
    moving, shown = moved(tmp_path), Questions()
    rolled_back(moving, yes=shown)
    message = " ".join(shown)
    assert "4 customers will be deleted at Sonder Labs" in message
    assert "KYC" in message
    assert "accounts, cards and transactions stay" in message


def test_accounts_that_a_customer_does_not_contain_are_listed(tmp_path: Path) -> None:
    """Bond returns no accounts with a customer, so they are listed."""
    moving = sonder_to_bond(tmp_path)
    moving.plan()
    moving.apply()
    ours, theirs = next(iter(moving.crosswalk().items()))
    new = NewAccount(customer_ids=[theirs], program_id=PROGRAM, native_kind="deposit")
    with Bank("bond", **side(moving.target).options) as bank:
        bank.accounts.create(new)
    summary = rolled_back(moving)
    assert moving.crosswalk() == {ours: theirs}
    assert (summary.totals["unchanged"], summary.reasons[0].rule) == (1, "accounts")


def test_a_customer_whose_accounts_are_closed_is_deleted(tmp_path: Path) -> None:
    """The report asks a person to close accounts, and then the rollback continues."""
    moving = sonder_to_bond(tmp_path)
    moving.plan()
    moving.apply()
    (theirs, *_) = moving.crosswalk().values()
    new = NewAccount(customer_ids=[theirs], program_id=PROGRAM, native_kind="deposit")
    with Bank("bond", **side(moving.target).options) as bank:
        bank.accounts.close(bank.accounts.create(new).id)
    rolled_back(moving)
    assert moving.crosswalk() == {}


def test_what_is_in_doubt_stays_in_doubt(tmp_path: Path) -> None:
    """A quarantined record stays, and the rollback is not complete."""
    target = Faults().around(SonderSimulator())
    moving = bond_to_sonder(tmp_path, 2, target=target)
    target.schedule("lost")
    moving.plan()
    moving.apply(concurrency=1)
    summary = rolled_back(moving)
    assert (summary.totals["in_doubt"], summary.exit_code) == (1, 2)
    assert summary.counts["quarantined"] == 1


def test_with_nothing_to_delete_no_consent_is_requested(tmp_path: Path) -> None:
    """A second rollback has nothing to do."""
    moving = moved(tmp_path)
    rolled_back(moving)
    assert rolled_back(moving, yes=False).totals["rolled_back"] == 0


def crashed(moving: Moving, step: int) -> None:
    """Roll back, and crash at a step."""
    moving.steps = Steps(step)
    try:
        with moving.steps.counted():
            rolled_back(moving)
    except Crash:
        pass
    finally:
        moving.steps = Steps()


@pytest.mark.parametrize("bank", [SonderSimulator, BondSimulator])
def test_a_crash_of_a_rollback_leaves_nobody_behind(tmp_path: Path, bank: type) -> None:
    """After a crash at any step the next rollback finishes, and apply sends nobody."""
    begin = sonder_to_bond if bank is BondSimulator else bond_to_sonder
    for step in range(1, 34, STRIDE):
        (tmp_path / str(step)).mkdir()
        moving = begin(tmp_path / str(step), 3)
        moving.plan()
        moving.apply()
        crashed(moving, step)
        assert moving.apply().totals["sent"] == 0
        assert rolled_back(moving).exit_code == 0
        assert there(moving) == []
        assert moving.crosswalk() == {}
