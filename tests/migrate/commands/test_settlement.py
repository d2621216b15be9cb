"""People about whom the target decides after the create: they wait, and are moved or denied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import frozen
from tests.fakes import FakeTime
from tests.migrate.moving import STRIDE, Crash, Moving, Steps, belongs_here, side
from tests.migrate.routes import route
from tests.proofs import PROOF

from anybank import (
    Bank,
    ConfigurationError,
    KycStatus,
    ProviderUnavailable,
    migrate,
)
from anybank.adapter.wire import Request, Response
from anybank.cli import main
from anybank.migrate import Report, Summary
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.states import WITH_TARGET_ID, State
from anybank.migrate.journal.tables import BATCHES, RECORDS
from anybank.migrate.reports.tasks import LISTED
from anybank.router.journal_directory import JournalDirectory
from anybank_increase.simulator import IncreaseSimulator
from anybank_unit.simulator import UnitSimulator
from anybank_unit.simulator.tables import answer

UNDECIDED = ["application-1", "application-2", "application-3"]


def waiting(directory: Path, count: int = 3, place: Any = None) -> Moving:
    """Return a migration to Unit, which has not decided about any of the people."""
    moving = route("sonder", "unit", directory, count)
    moving.place = place
    moving.target.choose_kyc(KycStatus.UNDER_REVIEW)
    moving.plan()
    return moving


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    """Return a migration of three people, whose applications Unit reviews."""
    waits = waiting(tmp_path)
    waits.apply()
    return waits


def status(moving: Moving) -> Summary:
    return migrate.status(journal=moving.journal)


def rollback(moving: Moving) -> Summary:
    return migrate.rollback(
        journal=moving.journal, target=moving.sides()[1], yes=True, allow="deletes"
    )


def counts(summary: Summary) -> dict[str, int]:
    return {state: count for state, count in summary.counts.items() if count}


def intact(moving: Moving) -> bool:
    return migrate.check(journal=moving.journal).damages == ()


def decide(moving: Moving, *decisions: KycStatus) -> None:
    for person, decision in zip(UNDECIDED, decisions, strict=False):
        moving.target.decide(person, decision)


def test_an_undecided_person_waits_in_a_state_of_its_own(moving: Moving) -> None:
    """Nobody is in the crosswalk or verified; status and report say what to do."""
    again = moving.apply()
    assert (counts(again), again.exit_code) == ({"pending": 3}, 2)
    assert again.totals["crosswalk"] == 0
    assert moving.crosswalk() == {}
    assert moving.verify().exit_code == 2
    summary = status(moving)
    assert counts(summary) == {"pending": 3}
    (reason,) = [item for item in summary.reasons if item.effect == "pending"]
    assert (reason.count, "run apply again" in reason.remedy) == (3, True)
    assert "anybank migrate apply" in (summary.next_command or "")
    assert Report.read(moving.journal).summary.counts["pending"] == 3
    assert intact(moving)


def test_an_app_stays_at_the_source_until_the_decision(moving: Moving) -> None:
    """A router that follows the journal finds nobody at the target who is not accepted."""
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    moving.apply()
    moving.verify()
    (moved,) = moving.crosswalk()
    with closing(JournalDirectory(moving.journal)) as directory:
        for source_id in moving.source.customer_ids:
            entry = directory.find(source_id)
            assert entry
            expected = "unit" if source_id == moved else "sonder"
            assert entry.provider == expected


def test_a_person_who_was_decided_too_early_waits_again(moving: Moving) -> None:
    """Where the target takes its denial back, the record is pending once more."""
    decide(moving, KycStatus.FAILED)
    moving.apply()
    rows = moving.target.people.applications.rows
    rows["1"]["attributes"]["status"] = "PendingReview"
    assert counts(moving.verify()) == {"pending": 3}
    decide(moving, KycStatus.PASSED)
    assert counts(moving.apply()) == {"created": 1, "pending": 2}
    assert intact(moving)


def test_a_later_apply_records_the_decisions(moving: Moving) -> None:
    """The approved are moved under their new id, the denied are not, the others wait."""
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    summary = moving.apply()
    assert counts(summary) == {"created": 1, "denied": 1, "pending": 1}
    assert (summary.exit_code, summary.totals["crosswalk"]) == (2, 1)
    assert summary.totals["sent"] == 0
    assert list(moving.crosswalk().values()) == list(moving.target.customer_ids)
    verified = moving.verify()
    assert counts(verified) == {"verified": 1, "denied": 1, "pending": 1}
    assert verified.totals["duplicates"] == 0
    moving.target.decide("application-3", KycStatus.PASSED)
    assert counts(moving.apply()) == {"created": 1, "denied": 1, "verified": 1}
    assert len(moving.target.application_numbers) == 3
    assert intact(moving)


def test_a_denied_person_is_a_task_and_not_moved(moving: Moving) -> None:
    """The report lists the person with the reason and the commands."""
    decide(moving, KycStatus.FAILED)
    moving.apply()
    (task,) = Report.read(moving.journal).waiting
    assert (task.state, task.response) == (State.DENIED, "denied")
    assert task.target_ids == ("application-1",)
    assert any("--absent" in command for command in task.commands)
    reasons = {item.rule: item.remedy for item in status(moving).reasons}
    assert "resolve" in reasons["denied"]
    assert task.source_id not in moving.crosswalk()
    shown = migrate.show(task.source_id, journal=moving.journal)
    assert [event.state.value for event in shown.events][-2:] == ["pending", "denied"]
    assert "show" in (status(moving).next_command or "")


def test_a_denial_in_the_response_counts_as_a_failure(tmp_path: Path) -> None:
    """With --max-failures a run stops before it sends everybody whom the target denies."""
    moving = route("sonder", "unit", tmp_path)
    moving.target.choose_kyc(KycStatus.FAILED)
    moving.plan()
    summary = moving.apply(max_failures=1, concurrency=1)
    assert counts(summary) == {"denied": 2, "ready": 1}
    assert moving.crosswalk() == {}
    assert intact(moving)


def test_an_application_that_is_gone_is_for_a_person(moving: Moving) -> None:
    """Somebody has canceled it at Unit: the person is not moved."""
    with Bank("unit", **side(moving.target).options) as bank:
        bank.customers.delete("application-1")
    assert counts(moving.apply()) == {"denied": 1, "pending": 2}
    (task,) = Report.read(moving.journal).waiting
    assert task.response == "canceled before a decision"
    assert any(item.rule == "gone" for item in status(moving).reasons)
    assert counts(moving.verify()) == {"denied": 1, "pending": 2}
    assert intact(moving)


def test_a_denied_person_is_sent_again_when_a_person_says_so(moving: Moving) -> None:
    """The new application has another key: the old one would return the denied one."""
    decide(moving, KycStatus.FAILED, KycStatus.PASSED, KycStatus.PASSED)
    moving.apply()
    (task,) = Report.read(moving.journal).waiting
    migrate.resolve(journal=moving.journal, source_id=task.source_id, absent=True)
    assert intact(moving)
    moving.target.choose_kyc(KycStatus.PASSED)
    assert counts(moving.apply()) == {"created": 3}
    verified = moving.verify()
    assert (counts(verified), verified.exit_code) == ({"verified": 3}, 0)
    assert len(moving.target.application_numbers) == 4
    assert sorted(moving.crosswalk().values()) == sorted(moving.target.customer_ids)


def test_a_person_records_whom_the_target_accepted_after_all(moving: Moving) -> None:
    """The customer of another application is the person's, and is verified."""
    decide(moving, KycStatus.FAILED)
    moving.apply()
    (task,) = Report.read(moving.journal).waiting
    first = moving.target.people.applications.rows["1"]["attributes"]
    again = moving.target.people.add({**first})
    moving.target.people.decide(again, "Approved")
    other = again["relationships"]["customer"]["data"]["id"]
    migrate.resolve(
        journal=moving.journal,
        target=moving.sides()[1],
        source_id=task.source_id,
        exists=other,
    )
    assert moving.crosswalk() == {task.source_id: other}
    assert moving.verify().counts["verified"] == 1
    assert intact(moving)


def test_a_pending_person_is_not_for_a_verdict(moving: Moving) -> None:
    """The target decides, and a person cannot do so in its place."""
    with Journal.open(moving.journal) as journal:
        source_id = next(journal.records({State.PENDING})).source_id
    with pytest.raises(ConfigurationError, match="it is pending"):
        migrate.resolve(journal=moving.journal, source_id=source_id, absent=True)


def test_a_rollback_cancels_applications_and_forgets_the_denied(
    moving: Moving,
) -> None:
    """An open application is canceled, a customer archived; a denied one has nothing."""
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    moving.apply()
    summary = rollback(moving)
    assert (counts(summary), summary.exit_code) == ({"rolled_back": 3}, 0)
    rows = moving.target.people.applications.rows
    statuses = [rows[number]["attributes"]["status"] for number in ("1", "2", "3")]
    assert statuses == ["Approved", "Denied", "Canceled"]
    (customer,) = moving.target.people.customers.rows.values()
    assert customer["attributes"]["status"] == "Archived"
    assert intact(moving)
    moving.target.choose_kyc(KycStatus.PASSED)
    moving.plan(again=True)
    assert counts(moving.apply()) == {"created": 3}
    assert moving.verify().exit_code == 0


@frozen
class Refusing:
    """A Unit that cancels no application."""

    bank: UnitSimulator

    def __call__(self, request: Request) -> Response:
        if request.path.endswith("/cancel"):
            return answer(400, {"errors": [{"status": "400", "title": "No"}]})
        return self.bank(request)


def test_a_rollback_that_is_refused_leaves_a_person_pending(moving: Moving) -> None:
    """A refused cancel withdraws the intent to the state before it."""
    moving.target = Refusing(moving.target)
    summary = rollback(moving)
    assert (counts(summary), summary.exit_code) == ({"pending": 3}, 2)
    assert moving.crosswalk() == {}
    assert intact(moving)


def test_an_approval_under_an_id_of_another_record_is_for_a_person(
    moving: Moving,
) -> None:
    """Two records never have one customer, and the journal stays intact."""
    decide(moving, KycStatus.PASSED, KycStatus.PASSED)
    rows = moving.target.people.applications.rows
    rows["2"]["relationships"] = rows["1"]["relationships"]
    summary = moving.apply(concurrency=1)
    assert counts(summary) == {"ambiguous": 1, "created": 1, "pending": 1}
    assert intact(moving)


def test_decisions_are_read_within_the_rate_limit(moving: Moving) -> None:
    """The reads of a settlement share the limit of the target."""
    time = FakeTime()
    moving.options = {"timing": time.timing(), "rate_limit": 1}
    moving.apply()
    assert sum(time.slept) >= 120  # three reads, the first of them free


def test_a_bank_that_is_down_leaves_everyone_pending(moving: Moving) -> None:
    """Nobody is denied or lost because the bank cannot be read."""
    decide(moving, *[KycStatus.PASSED] * 3)
    for _ in range(60):
        moving.target.fail_next(503)
    source, target = moving.sides()
    with pytest.raises(ProviderUnavailable):
        migrate.apply(journal=moving.journal, source=source, target=target)
    assert counts(status(moving)) == {"pending": 3}
    moving.target._next.clear()
    assert counts(moving.apply()) == {"created": 3}


def test_the_credentials_of_another_organisation_deny_nobody(moving: Moving) -> None:
    """Where none of the applications is known, the target is another bank."""
    moving.target = UnitSimulator()
    with pytest.raises(ConfigurationError, match="credentials"):
        moving.apply()
    assert counts(status(moving)) == {"pending": 3}


@frozen
class Work:
    """A worker instead of `apply`."""

    moving: Moving

    def __call__(self, **more: Any) -> Summary:
        source, target = self.moving.sides()
        return migrate.work(
            journal=self.moving.journal, source=source, target=target, **more
        )


def test_workers_settle_as_apply_does(tmp_path: Path, place: JournalLocation) -> None:
    """A worker leaves undecided people pending, and a later one records the decisions."""
    moving = waiting(tmp_path, place=place)
    work = Work(moving)
    migrate.batches(journal=moving.journal, size=2)
    first = work()
    assert (counts(first), first.exit_code) == ({"pending": 3}, 2)
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    second = work(verify=True)
    assert counts(second) == {"verified": 1, "denied": 1, "pending": 1}
    assert second.exit_code == 2
    assert len(migrate.batches(journal=moving.journal)) == 1
    moving.target.decide("application-3", KycStatus.PASSED)
    source, target = moving.sides()
    (ref,) = migrate.batches(journal=moving.journal)
    batch = migrate.run_batch(ref, journal=moving.journal, source=source, target=target)
    assert (batch.stopped, batch.counts["created"]) == (None, 1)
    assert migrate.batches(journal=moving.journal) == []
    assert len(moving.target.application_numbers) == 3
    assert intact(moving)
    rolled_back = work(rollback=True, yes=True, max_change=None)
    assert counts(rolled_back) == {"rolled_back": 3}


def copied(planned: Moving, path: Path) -> Moving:
    """Return a copy of a migration whose people are pending, and its bank."""
    path.mkdir()
    moving = waiting(path)
    moving.apply()
    for name in ("move.db", "move.db.key"):
        shutil.copy(planned.directory / name, path)
    belongs_here(path / "move.db")
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    return moving


def test_a_kill_at_any_step_of_a_settlement_loses_nothing(tmp_path: Path) -> None:
    """The next run ends as an undisturbed one, also after a kill at every step."""
    (tmp_path / "planned").mkdir()
    planned = waiting(tmp_path / "planned")
    planned.apply()
    steps = copied(planned, tmp_path / "undisturbed").count_steps()
    assert steps > 8
    for step in range(1, steps + 1, 1 if PROOF else 7):
        moving = copied(planned, tmp_path / str(step))
        moving.crash_at(step)
        assert counts(moving.apply()) == {"created": 1, "denied": 1, "pending": 1}
        assert list(moving.crosswalk().values()) == [*moving.target.customer_ids]
        assert len(moving.target.application_numbers) == 3
        assert intact(moving)


@pytest.mark.parametrize("step", range(1, 20) if PROOF else (4, 7))
def test_a_kill_loses_nothing_on_either_engine(
    tmp_path: Path, place: JournalLocation, step: int
) -> None:
    """A decision is in the journal or is read again, in a file and in PostgreSQL."""
    moving = waiting(tmp_path, place=place)
    moving.apply()
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    moving.crash_at(step)
    assert counts(moving.apply()) == {"created": 1, "denied": 1, "pending": 1}
    assert list(moving.crosswalk().values()) == [*moving.target.customer_ids]
    assert intact(moving)


@pytest.mark.parametrize("step", range(1, 40) if PROOF else (8, 14))
def test_a_worker_that_is_killed_while_it_settles_is_followed_by_another(
    tmp_path: Path, step: int
) -> None:
    """The next worker reads the people again whom the dead one had not recorded."""
    moving = waiting(tmp_path)
    migrate.batches(journal=moving.journal, size=2)
    Work(moving)()
    decide(moving, KycStatus.PASSED, KycStatus.FAILED)
    moving.steps = Steps(step)
    with moving.steps.counted(), suppress(Crash):
        Work(moving)()
    moving.steps = Steps()
    with Journal.open(moving.journal) as journal, journal.transaction() as connection:
        connection.execute(sa.update(BATCHES).values(deadline=0.0))
    assert counts(Work(moving)()) == {"created": 1, "denied": 1, "pending": 1}
    assert len(moving.target.application_numbers) == 3
    assert intact(moving)


def test_the_command_line_counts_who_waits(
    moving: Moving, capsys: pytest.CaptureFixture[str]
) -> None:
    """`status` exits with 2, names the state, and says what to do."""
    words = ["migrate", "status", "--journal", str(moving.journal)]
    assert main(words) == 2
    shown = capsys.readouterr().out
    assert "pending" in shown
    assert "run apply again" in " ".join(shown.split())
    assert main([*words, "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["counts"]["pending"] == 3


def test_a_later_plan_sends_nobody_who_waits_or_was_denied(moving: Moving) -> None:
    """Their records keep the states that the target has decided."""
    decide(moving, KycStatus.FAILED)
    moving.apply()
    summary = moving.plan(since_last=True)
    assert summary.totals["changed_after_move"] == 0
    assert counts(summary) == {"pending": 2, "denied": 1}


def test_a_kill_at_any_step_of_the_creates_leaves_everyone_pending(
    tmp_path: Path,
) -> None:
    """After a kill at any step nobody has two applications, and nobody is moved."""
    (tmp_path / "undisturbed").mkdir()
    steps = waiting(tmp_path / "undisturbed", 2).count_steps()
    for step in range(1, steps + 1, STRIDE):
        (tmp_path / str(step)).mkdir()
        moving = waiting(tmp_path / str(step), 2)
        moving.crash_at(step)
        assert counts(moving.apply()) == {"pending": 2}, step
        assert len(moving.target.application_numbers) == 2, step
        assert moving.crosswalk() == {}
        assert intact(moving)


def test_a_kill_at_any_step_of_a_rollback_cancels_everyone(tmp_path: Path) -> None:
    """An intent to cancel is settled by reading, and nobody is left at the target."""
    (tmp_path / "planned").mkdir()
    planned = waiting(tmp_path / "planned")
    planned.apply()
    for step in range(1, 100, 1 if PROOF else 23):
        moving = copied(planned, tmp_path / str(step))
        moving.steps = Steps(step)
        try:
            with moving.steps.counted():
                rollback(moving)
        except Crash:
            moving.steps = Steps()
        else:
            break
        assert counts(rollback(moving)) == {"rolled_back": 3}, step
        with Bank("unit", **side(moving.target).options) as bank:
            listed = [item.status for item in bank.customers.list()]
        assert [str(item) for item in listed] == ["denied"]
        assert intact(moving)
    assert step > 10


def increase_denies(directory: Path) -> tuple[Moving, str]:
    """Return a migration to Increase that has created everybody, and the first id."""
    moving = route("bond", "increase", directory)
    moving.plan()
    moving.apply()
    return moving, moving.target.entity_ids[0]


def deny(increase: IncreaseSimulator, entity_id: str, decision: str) -> None:
    validation = {"status": decision, "issues": []}
    increase.stored(entity_id).record["validation"] = validation


def test_verify_finds_a_denial_and_its_revocation(tmp_path: Path) -> None:
    """At Increase a corrected person may be accepted later, and is verified then."""
    moving, first = increase_denies(tmp_path)
    deny(moving.target, first, "invalid")
    summary = moving.verify()
    assert counts(summary) == {"verified": 2, "denied": 1}
    assert (summary.exit_code, first in moving.crosswalk().values()) == (2, False)
    assert counts(moving.verify()) == {"verified": 2, "denied": 1}
    deny(moving.target, first, "valid")
    assert counts(moving.verify()) == {"verified": 3}
    assert intact(moving)


def test_a_denial_after_the_cut_over_sends_no_app_back(tmp_path: Path) -> None:
    """A customer who was verified stays moved, with a mismatch of the status."""
    moving, first = increase_denies(tmp_path)
    moving.verify()
    deny(moving.target, first, "invalid")
    for _ in range(2):
        assert counts(moving.verify()) == {"verified": 2, "mismatched": 1}
    source_id = next(key for key, value in moving.crosswalk().items() if value == first)
    with closing(JournalDirectory(moving.journal)) as directory:
        entry = directory.find(source_id)
    assert entry
    assert entry.provider == "increase"


def test_a_denied_customer_is_deleted_where_the_target_stores_one(
    tmp_path: Path,
) -> None:
    """A denied entity of Increase is archived by a rollback."""
    moving, first = increase_denies(tmp_path)
    deny(moving.target, first, "invalid")
    moving.verify()
    assert counts(rollback(moving)) == {"rolled_back": 3}
    assert moving.target.stored(first).record["status"] == "archived"


def test_a_moved_customer_who_stays_is_not_denied_by_a_rollback(tmp_path: Path) -> None:
    """A verified customer who is another person now stays created, denied or not."""
    moving, first = increase_denies(tmp_path)
    moving.verify()
    deny(moving.target, first, "invalid")
    moving.target.stored(first).record["natural_person"]["name"] = "Other Person"
    summary = rollback(moving)
    assert (counts(summary), summary.exit_code) == ({"created": 1, "rolled_back": 2}, 2)


COMMANDS: Mapping[str, Callable[[Moving], Summary]] = {
    "apply": lambda moving: moving.apply(),
    "verify": lambda moving: moving.verify(),
    "rollback": rollback,
}
_ALL = list(
    product(
        [*sorted(WITH_TARGET_ID), State.DELETING],
        ("Approved", "PendingReview", "Denied", "Canceled"),
        COMMANDS,
    )
)


@pytest.mark.parametrize(("state", "reading", "command"), _ALL if PROOF else _ALL[::11])
def test_every_decision_may_follow_every_state(
    tmp_path: Path, state: State, reading: str, command: str
) -> None:
    """Whatever the journal knows and Unit returns, no command fails or damages the journal."""
    moving = waiting(tmp_path, 2)
    moving.apply()
    rows = moving.target.people.applications.rows
    moving.target.people.decide(rows["1"], reading)
    with Journal.open(moving.journal) as journal, journal.transaction() as connection:
        first = RECORDS.c.target_id == "application-1"
        connection.execute(sa.update(RECORDS).where(first).values(state=state))
    summary = COMMANDS[command](moving)
    assert summary.stopped is None
    assert summary.outage is None
    assert intact(moving)
    if command == "rollback":
        assert counts(summary) == {"rolled_back": 2}
    if command == "verify" and (reading, state) != ("Denied", State.VERIFIED):
        is_waiting = reading in ("PendingReview", "Denied")
        assert not (is_waiting and moving.crosswalk())


def test_the_states_for_a_person_are_all_listed() -> None:
    """The report has a task for each denied person, and none for a pending one."""
    assert State.DENIED in LISTED
    assert State.PENDING not in LISTED
