"""Workers run the batches of a journal, each batch once, under leases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from attrs import define, evolve, field
from tests.fakes import FakeTime
from tests.migrate.moving import (
    STRIDE,
    Crash,
    Moving,
    Steps,
    people,
    side,
    sonder_to_bond,
)
from tests.proofs import PROOF

from anybank import ConfigurationError, migrate
from anybank.adapter.wire import Request, Response
from anybank.migrate import Batch, Summary
from anybank.migrate.journal.batch_claims import BatchTask, claim_batch, open_batches
from anybank.migrate.journal.batch_leases import Lease, Span, lease_seconds
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import BATCHES
from anybank.migrate.journal.transitions import Transition
from anybank.migrate.journal.workers import WorkerStatus, list_workers
from anybank.sandbox.faults import AnswerLost
from anybank_bond.simulator import BondSimulator

TIMEOUT = 30.0


@pytest.fixture
def moving(tmp_path: Path, place: JournalLocation) -> Moving:
    """Return a planned migration of seven with its journal on either engine."""
    moving = sonder_to_bond(tmp_path, 7)
    moving.place = place
    moving.plan()
    return moving


def run(moving: Moving, ref: str, **more: Any) -> Batch:
    source, target = moving.sides()
    arguments = {"source": source, "target": target, **more}
    return migrate.run_batch(ref, journal=moving.journal, **arguments)


def everyone_once(moving: Moving) -> None:
    """Assert that nobody is lost or duplicated, and the journal is intact."""
    assert migrate.status(journal=moving.journal).open == 0
    walked, targets = moving.crosswalk(), people(moving.target)
    assert sorted(walked.values()) == sorted(targets)
    assert len(walked) == len(set(targets.values())) == 7
    assert migrate.check(journal=moving.journal).damages == ()


def test_all_batches_together_are_an_apply(moving: Moving) -> None:
    """Each batch sends its own records, and after all of them nothing is left."""
    refs = migrate.batches(journal=moving.journal, size=3)
    assert len(refs) == 3
    done = [run(moving, ref) for ref in refs]
    assert [item.sent for item in done] == [3, 3, 1]
    assert [entry.stopped for entry in done] == [None] * 3
    assert done[2].counts["created"] == 1
    assert migrate.batches(journal=moving.journal) == []
    everyone_once(moving)


def test_a_worker_claims_all_batches(moving: Moving) -> None:
    """It sends everyone once, verifies them if asked, and is listed as ended."""
    migrate.batches(journal=moving.journal, size=2)
    source, target = moving.sides()
    summary = migrate.work(
        journal=moving.journal, source=source, target=target, verify=True
    )
    assert (summary.exit_code, summary.totals["sent"]) == (0, 7)
    assert summary.counts["verified"] == 7
    everyone_once(moving)
    with Journal.open(moving.journal) as journal:
        (worker,) = list_workers(journal)
    assert worker.status is WorkerStatus.ENDED


def test_workers_work_next_to_each_other(moving: Moving) -> None:
    """Two workers share the batches: nobody is lost and nobody is sent twice."""
    migrate.batches(journal=moving.journal, size=1)
    source, target = moving.sides()

    def work(_: int) -> Summary:
        return migrate.work(journal=moving.journal, source=source, target=target)

    with ThreadPoolExecutor(2) as pool:
        summaries = list(pool.map(work, range(2)))
    assert sum(summary.totals["sent"] for summary in summaries) == 7
    everyone_once(moving)


@define
class Forgetful:
    """A bank that executes some creates without a response, and counts its listings."""

    bank: BondSimulator
    silent_at: frozenset[int]
    creates: int = 0
    listings: int = 0

    @property
    def base_path(self) -> str:
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        self.creates += request.method == "POST"
        self.listings += request.method == "GET" and request.path.endswith("/customers")
        response = self.bank(request)
        if request.method == "POST" and self.creates in self.silent_at:
            raise AnswerLost("reset")
        return response


def test_all_batches_are_looked_up_together(tmp_path: Path) -> None:
    """Unknown outcomes of three batches need no more listings than that of one."""
    listings = set()
    for silent_at in ({4}, {1, 4, 7}):
        bank = Forgetful(BondSimulator(seed=1), frozenset(silent_at))
        directory = tmp_path / str(len(silent_at))
        directory.mkdir()
        moving = sonder_to_bond(directory, 7, target=bank)
        moving.plan(batch=1)
        source, target = moving.sides()
        summary = migrate.work(journal=moving.journal, source=source, target=target)
        assert (summary.exit_code, bank.creates) == (0, 7)
        listings.add(bank.listings)
        moving.target = bank.bank
        everyone_once(moving)
    assert len(listings) == 1


def test_what_a_look_up_does_not_find_is_sent_again(tmp_path: Path) -> None:
    """A create that never arrived is ready again, and the workers send it."""
    bank = Forgetful(BondSimulator(seed=1), frozenset({2}))
    moving = sonder_to_bond(tmp_path, 7, target=bank)
    moving.plan(batch=3)
    source, target = moving.sides()
    absent = {State.READY: State.IN_FLIGHT, State.IN_FLIGHT: State.UNKNOWN}
    with Journal.open_locked(moving.journal) as journal:
        first = next(journal.records({State.READY}))
        for state in absent.values():
            known = {"attempts": 1} if state is State.IN_FLIGHT else {}
            journal.write([Transition(first.number, state, known)])
    summary = migrate.work(journal=moving.journal, source=source, target=target)
    assert (summary.exit_code, bank.creates) == (0, 7)
    moving.target = bank.bank
    everyone_once(moving)


def test_workers_roll_back_together(moving: Moving) -> None:
    """They delete what the migration created, once there is a consent."""
    migrate.batches(journal=moving.journal, size=2)
    source, target = moving.sides()
    sides: dict[str, Any] = {"source": source, "target": target}
    migrate.work(journal=moving.journal, **sides)
    with pytest.raises(ConfigurationError, match="deleted"):
        migrate.work(journal=moving.journal, **sides, rollback=True, allow="deletes")

    def roll_back(_: int) -> Summary:
        return migrate.work(
            journal=moving.journal, **sides, rollback=True, yes=True, allow="deletes"
        )

    with ThreadPoolExecutor(2) as pool:
        summaries = list(pool.map(roll_back, range(2)))
    assert [each.exit_code for each in summaries] == [0, 0]
    assert sum(each.totals["rolled_back"] for each in summaries) == 7
    assert people(moving.target) == {}
    assert migrate.check(journal=moving.journal).damages == ()


def test_a_worker_moves_or_rolls_back(moving: Moving) -> None:
    """While one rolls back no worker moves customers, and none does both."""
    migrate.batches(journal=moving.journal, size=4)
    source, target = moving.sides()
    with pytest.raises(ConfigurationError, match="not both"):
        migrate.Worker(journal=moving.journal, verify=True, rollback=True)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        open_batches(journal, BatchTask.ROLLBACK, {State.READY})
        claim_batch(journal, BatchTask.ROLLBACK, timeout=TIMEOUT, clock=FakeTime().read)
    with pytest.raises(ConfigurationError, match="workers roll back") as refused:
        migrate.work(journal=moving.journal, source=source, target=target)
    assert refused.value.retryable


def test_a_plan_sets_the_size_of_its_batches(tmp_path: Path) -> None:
    """`plan --batch 3` divides seven records into three batches."""
    moving = sonder_to_bond(tmp_path, 7)
    moving.plan(batch=3)
    assert migrate.batches(journal=moving.journal) == ["1-3", "4-6", "7-7"]


def test_a_paused_worker_waits_until_it_may_resume(moving: Moving) -> None:
    """It claims nothing during the pause, and then moves everyone."""
    source, target = moving.sides()
    migrate.pause(journal=moving.journal)

    async def status_of_worker() -> WorkerStatus:
        with Journal.open(moving.journal) as journal:
            return list_workers(journal)[0].status

    async def run_paused() -> int:
        async with migrate.Worker(
            journal=moving.journal, source=source, target=target
        ) as worker:
            running = asyncio.create_task(worker.run_all())
            while await status_of_worker() is not WorkerStatus.PAUSED:  # noqa: ASYNC110  # the journal sends no events
                await asyncio.sleep(0)
            assert worker.sent == 0
            migrate.resume(journal=moving.journal)
            await running
            return worker.sent

    assert asyncio.run(run_paused()) == 7
    everyone_once(moving)


def test_a_worker_runs_batches_of_a_queue(moving: Moving) -> None:
    """An engine passes references; the worker opens the journal and banks once."""
    refs = migrate.batches(journal=moving.journal, size=4)
    source, target = moving.sides()

    async def run_both() -> list[int]:
        async with migrate.Worker(
            journal=moving.journal, source=source, target=target
        ) as worker:
            return [(await worker.run(ref)).sent for ref in refs]

    assert asyncio.run(run_both()) == [4, 3]
    everyone_once(moving)


def test_a_batch_that_is_done_does_nothing(moving: Moving) -> None:
    """A queue may deliver a job twice."""
    (ref,) = migrate.batches(journal=moving.journal)
    assert run(moving, ref).sent == 7
    assert run(moving, ref).sent == 0
    everyone_once(moving)


def test_a_record_stays_in_its_batch(moving: Moving) -> None:
    """Another size later does not change it; new records get new batches."""
    refs = migrate.batches(journal=moving.journal, size=4)
    assert migrate.batches(journal=moving.journal, size=2) == refs
    with Journal.open(moving.journal) as journal:
        journal.add_records(["later"], 1)
    assert migrate.batches(journal=moving.journal, size=2) == refs
    assert run(moving, refs[1]).sent == 3


def test_workers_share_the_journal_and_keep_others_out(moving: Moving) -> None:
    """During a batch, apply and plan are refused, and another batch is not."""
    one, two = migrate.batches(journal=moving.journal, size=4)
    with Journal.open_locked(moving.journal, shared=True):
        for command in (moving.apply, moving.plan):
            with pytest.raises(ConfigurationError, match="is being written by"):
                command()
        assert run(moving, two).sent == 3
    with (
        Journal.open_locked(moving.journal),
        pytest.raises(ConfigurationError, match="is being written by"),
    ):
        run(moving, one)
    assert moving.apply().exit_code == 0
    everyone_once(moving)


def test_concurrent_workers_lose_and_duplicate_nobody(moving: Moving) -> None:
    """Threads stand for machines: each has connections of its own."""
    refs = migrate.batches(journal=moving.journal, size=1)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda ref: run(moving, ref), refs))
    assert [item.sent for item in done] == [1] * 7
    everyone_once(moving)


@pytest.mark.parametrize("ref", ["", "1", "1-", "a-b", "1-2; DROP", "5000-6000"])
def test_what_is_no_batch_is_refused(moving: Moving, ref: str) -> None:
    """Text that is not a reference, and a reference of no batch, are refused."""
    migrate.batches(journal=moving.journal)
    with pytest.raises(ConfigurationError, match="batch"):
        run(moving, ref)


def take(journal: Journal, ref: str, time: FakeTime) -> Lease:
    return Lease.acquire(journal, Span.of(ref), timeout=TIMEOUT, clock=time.read)


def set_deadline(journal: Journal, seconds_from_now: float) -> None:
    """Set the end of a lease, by the engine's clock."""
    with journal.transaction() as connection:
        deadline = journal.store.now + seconds_from_now
        connection.execute(sa.update(BATCHES).values(deadline=deadline))


def test_a_batch_has_one_worker(moving: Moving) -> None:
    """A second worker is refused until the lease has ended or is released."""
    (ref,) = migrate.batches(journal=moving.journal)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        lease = take(journal, ref, FakeTime())
        with pytest.raises(
            ConfigurationError, match=r"belongs to process \d+@.* in 180 s"
        ):
            run(moving, ref)
        lease.release(journal)
    assert run(moving, ref).sent == 7


def test_a_replaced_worker_writes_nothing(moving: Moving) -> None:
    """A write with the token of an earlier worker is refused and rolled back."""
    (ref,) = migrate.batches(journal=moving.journal)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        first = take(journal, ref, FakeTime())
        set_deadline(journal, -1)
        second = take(journal, ref, FakeTime())
        assert second.token == first.token + 1
        with (
            pytest.raises(ConfigurationError, match="was taken over by another worker"),
            first.begin(journal.transaction),
        ):
            pass
        with pytest.raises(ConfigurationError, match="was taken over"):
            first.release(journal)


def test_each_write_renews_the_lease(moving: Moving) -> None:
    """A lease lasts while its worker writes, and ends without writes."""
    (ref,) = migrate.batches(journal=moving.journal)
    time = FakeTime()
    with Journal.open_locked(moving.journal, shared=True) as journal:
        lease = take(journal, ref, time)
        assert lease.allows_request
        time.now += lease_seconds(TIMEOUT) - 3 * TIMEOUT
        assert not lease.allows_request
        with lease.begin(journal.transaction):
            pass
        assert lease.allows_request


@define
class Freezing(httpx.AsyncBaseTransport):
    """A source at one of whose reads this worker freezes."""

    inner: httpx.AsyncBaseTransport
    thaw: Callable[[], None]
    at: int
    reads: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.reads += 1
        if self.reads == self.at:
            self.thaw()
        return await self.inner.handle_async_request(request)


@pytest.mark.parametrize("at", [1, 3, 7])
def test_a_frozen_worker_that_was_replaced_sends_nothing(
    moving: Moving, at: int
) -> None:
    """Another worker does the batch, and the frozen one cannot write its intents."""
    (ref,) = migrate.batches(journal=moving.journal)

    def others_come() -> None:
        with Journal.open_locked(moving.journal, shared=True) as journal:
            set_deadline(journal, -1)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(run, moving, ref).result()

    source, _ = moving.sides()
    freezing = Freezing(source.options["transport"], others_come, at)
    frozen = evolve(source, options={**source.options, "transport": freezing})
    with pytest.raises(ConfigurationError, match="was taken over by another worker"):
        run(moving, ref, source=frozen, concurrency=1)
    everyone_once(moving)


@define(eq=False)
class Late:
    """Clocks that jump once after a commit, as for a stopped process."""

    time: FakeTime
    at: int
    commits: int = field(init=False, default=0)

    def __call__(self, _: sa.Connection) -> None:
        self.commits += 1
        if self.commits == self.at:
            self.time.now += 3600


@pytest.mark.parametrize("at", range(3, 12, 2 if PROOF else 6))
def test_a_worker_that_froze_withdraws_its_intent(moving: Moving, at: int) -> None:
    """If no other worker came, it continues and sends each customer once."""
    (ref,) = migrate.batches(journal=moving.journal)
    time = FakeTime()
    target = side(moving.target, timing=time.timing())
    late = Late(time, at)
    sa.event.listen(sa.Engine, "commit", late)
    try:
        done = run(moving, ref, target=target, concurrency=1)
    finally:
        sa.event.remove(sa.Engine, "commit", late)
    assert (done.sent, done.stopped) == (7, None)
    everyone_once(moving)


@pytest.mark.parametrize("step", range(2, 60, STRIDE * 2))
def test_a_worker_that_crashes_leaves_the_journal_unlocked(
    tmp_path: Path, step: int
) -> None:
    """Whatever its lanes were writing, the next worker waits for no lock."""
    moving = sonder_to_bond(tmp_path, 7)
    moving.plan(batch=2)
    source, target = moving.sides()
    moving.steps.deadly = step
    with moving.steps.counted(), suppress(Crash):
        migrate.work(
            journal=moving.journal, source=source, target=target, concurrency=4
        )
    with Journal.open(moving.journal) as journal, journal.transaction() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.execute(sa.update(BATCHES).values(deadline=0.0))
    moving.steps = Steps()
    source, target = moving.sides()
    migrate.work(journal=moving.journal, source=source, target=target)
    everyone_once(moving)


def crash(moving: Moving, ref: str, step: int, concurrency: int = 2) -> None:
    """Run a batch, and crash at a step."""
    moving.steps = Steps(step)
    try:
        with moving.steps.counted():
            run(moving, ref, concurrency=concurrency)
    except Crash:
        pass
    finally:
        moving.steps = Steps()


@pytest.mark.parametrize("step", range(1, 40, STRIDE * 2))
def test_a_worker_that_dies_is_followed_by_another(moving: Moving, step: int) -> None:
    """After the lease its records are looked up, and nobody is sent twice."""
    refs = migrate.batches(journal=moving.journal, size=4)
    crash(moving, refs[0], step)
    with Journal.open_locked(moving.journal, shared=True) as journal:
        set_deadline(journal, -1)
    for ref in refs:
        run(moving, ref)
    everyone_once(moving)


@pytest.mark.parametrize("step", range(2, 40, STRIDE * 3))
def test_an_apply_ends_what_a_dead_worker_began(moving: Moving, step: int) -> None:
    """An apply waits for a lease only before it believes that somebody is absent."""
    refs = migrate.batches(journal=moving.journal, size=4)
    crash(moving, refs[0], step)
    moving.apply()
    everyone_once(moving)


def test_what_is_absent_counts_once_no_request_can_arrive(moving: Moving) -> None:
    """A look-up waits for the end of the dead worker's lease, and a timeout more."""
    (ref,) = migrate.batches(journal=moving.journal)
    locking = "://" in str(moving.journal)  # there the lock is a commit, too
    crash(moving, ref, 8 + locking, concurrency=1)
    with Journal.open(moving.journal) as journal:
        assert journal.counts()[State.IN_FLIGHT] > 0
    time = FakeTime()
    source, _ = moving.sides()
    target = side(moving.target, timing=time.timing())
    migrate.apply(journal=moving.journal, source=source, target=target)
    assert max(time.slept) == pytest.approx(lease_seconds(TIMEOUT) + TIMEOUT, abs=10)
    everyone_once(moving)
