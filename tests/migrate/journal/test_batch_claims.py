"""Workers claim each batch once, in order, and claim none while they are paused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from tests.fakes import FakeTime
from tests.migrate.postgres import Server

from anybank import ConfigurationError
from anybank.migrate.journal.batch_claims import (
    BatchCounts,
    BatchTask,
    claim_batch,
    count_batches,
    divide_into_batches,
    has_undivided_records,
    open_batches,
)
from anybank.migrate.journal.batch_journal import BatchJournal, renewed
from anybank.migrate.journal.batch_leases import Lease, Span, lease_seconds
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.location import JournalLocation
from anybank.migrate.journal.pauses import pause_workers, read_pause, resume_workers
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import BATCHES, OPENINGS, RECORDS
from anybank.migrate.journal.transitions import Transition
from anybank.migrate.journal.workers import (
    WorkerStatus,
    list_workers,
    new_worker_name,
    register_worker,
    write_heartbeat,
)

TIMEOUT = 30.0


@pytest.fixture
def journal(place: JournalLocation) -> Iterator[Journal]:
    """Return a journal with ten ready records, held by workers."""
    with Journal.create(place, plan=0) as created:
        records = created.add_records([f"id-{at}" for at in range(10)], 1)
        ready = [Transition(record.number, State.READY) for record in records.values()]
        created.write(ready)
    with Journal.open_locked(place, shared=True) as opened:
        yield opened


def claim(
    journal: Journal, task: BatchTask = BatchTask.APPLY, time: FakeTime | None = None
) -> Lease | None:
    clock = (time or FakeTime()).read
    return claim_batch(journal, task, timeout=TIMEOUT, clock=clock)


def claimed(journal: Journal) -> list[str]:
    """Claim all open batches, and return their references."""
    refs = []
    while lease := claim(journal):
        refs.append(lease.span.ref)
    return refs


def end_leases(journal: Journal) -> None:
    """Let all leases end now, by the engine's clock."""
    with journal.transaction() as connection:
        ended = journal.store.now - 1
        connection.execute(sa.update(BATCHES).values(deadline=ended))


def test_records_are_divided_once(journal: Journal) -> None:
    """A record stays in its batch; later records get batches of their own."""
    assert has_undivided_records(journal)
    assert divide_into_batches(journal, 4) == 3
    assert not has_undivided_records(journal)
    assert divide_into_batches(journal, 4) == 0
    journal.add_records(["later"], 2)
    assert divide_into_batches(journal, 4) == 1
    open_batches(journal, BatchTask.APPLY, set(State))
    assert claimed(journal) == ["1-4", "5-8", "9-10", "11-11"]


def test_only_batches_with_something_to_do_are_open(journal: Journal) -> None:
    """A batch whose records are all blocked has no task."""
    divide_into_batches(journal, 5)
    blocked = [Transition(number, State.BLOCKED) for number in range(1, 6)]
    journal.write(blocked)
    assert open_batches(journal, BatchTask.APPLY) == 1
    assert open_batches(journal, BatchTask.APPLY) == 0
    assert claimed(journal) == ["6-10"]


def test_workers_at_the_same_moment_claim_different_batches(
    journal: Journal, place: JournalLocation
) -> None:
    """No batch is claimed by two connections, and none is left."""
    divide_into_batches(journal, 1)
    open_batches(journal, BatchTask.APPLY)
    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        workers = [
            stack.enter_context(Journal.open_locked(place, shared=True))
            for _ in range(4)
        ]
        refs = [ref for part in pool.map(claimed, workers) for ref in part]
    assert sorted(refs) == sorted(f"{at}-{at}" for at in range(1, 11))


def test_a_finished_batch_is_not_claimed_again(journal: Journal) -> None:
    """A released batch can be claimed immediately, or after the delay in the release.

    A request that its worker gave up may still arrive for one timeout.
    """
    divide_into_batches(journal, 10)
    open_batches(journal, BatchTask.APPLY)
    first = claim(journal)
    assert first
    assert claim(journal) is None
    first.release(journal)
    second = claim(journal)
    assert second
    assert second.token == first.token + 1
    assert second.settle_after == pytest.approx(TIMEOUT, abs=5)
    second.release(journal, retry_in=60.0)
    assert claim(journal) is None
    assert count_batches(journal) == {BatchTask.APPLY: BatchCounts(1, 0)}
    third = Lease.acquire(journal, second.span, timeout=TIMEOUT, clock=FakeTime().read)
    third.finish(journal)
    assert claim(journal) is None
    assert count_batches(journal) == {}


def test_a_batch_of_a_dead_worker_is_claimed_after_its_lease(journal: Journal) -> None:
    """The next worker waits until no request of the first can arrive any more."""
    divide_into_batches(journal, 10)
    open_batches(journal, BatchTask.APPLY)
    first = claim(journal)
    assert first
    assert count_batches(journal)[BatchTask.APPLY].leased == 1
    end_leases(journal)
    second = claim(journal)
    assert second
    assert second.settle_after == pytest.approx(TIMEOUT - 1, abs=0.9)
    with pytest.raises(ConfigurationError, match="taken over by another worker"):
        first.renew(journal)


def test_tasks_are_claimed_apart(journal: Journal) -> None:
    """A worker that verifies does not claim a batch that is to be applied."""
    divide_into_batches(journal, 5)
    open_batches(journal, BatchTask.APPLY)
    assert claim(journal, BatchTask.VERIFY) is None
    lease = claim(journal)
    assert lease
    part = BatchJournal(journal, lease)
    numbers = [record.number for record in part.records({State.READY})]
    assert numbers == [1, 2, 3, 4, 5]
    for state in (State.IN_FLIGHT, State.CREATED):
        known = {"target_id": "t"} if state is State.CREATED else {}
        part.write([Transition(1, state, known)])
    lease.finish(journal)
    assert open_batches(journal, BatchTask.VERIFY) == 1
    verifying = claim(journal, BatchTask.VERIFY)
    assert verifying
    assert verifying.span == Span(1, 5)


def test_a_pause_stops_claims_and_keeps_leases(journal: Journal) -> None:
    """Paused workers claim nothing, but may finish the batches that they hold."""
    divide_into_batches(journal, 5)
    open_batches(journal, BatchTask.APPLY)
    lease = claim(journal)
    assert lease
    assert read_pause(journal) is None
    first = pause_workers(journal)
    assert pause_workers(journal) == first == read_pause(journal)
    assert claim(journal) is None
    BatchJournal(journal, lease).write([Transition(1, State.IN_FLIGHT)])
    assert resume_workers(journal)
    assert not resume_workers(journal)
    assert read_pause(journal) is None
    assert claim(journal)


def test_a_long_reference_is_a_batch() -> None:
    """The number of a record may have more than nine digits."""
    span = Span(8_999_999_800, 8_999_999_999)
    assert Span.of(span.ref) == span


def test_a_record_may_have_a_long_number(journal: Journal) -> None:
    """Both engines store a long number and divide its record into a batch."""
    number = 8_999_999_999
    row = {"number": number, "source_id": "x", "state": State.READY}
    with journal.transaction() as connection:
        connection.execute(sa.insert(RECORDS).values(**row, seen=1, attempts=0))
    divide_into_batches(journal, 100)
    open_batches(journal, BatchTask.APPLY)
    assert claimed(journal) == [f"1-{number}"]


def test_a_lease_is_renewed_while_its_worker_waits(journal: Journal) -> None:
    """A wait for the rate limit may be longer than the lease of the batch."""
    divide_into_batches(journal, 10)
    open_batches(journal, BatchTask.APPLY)
    time = FakeTime()
    lease = claim(journal, time=time)
    assert lease
    started, woken = time.now, asyncio.Event()

    async def sleep(seconds: float) -> None:
        time.now += seconds
        if time.now > started + 3 * lease_seconds(TIMEOUT):
            woken.set()
            await asyncio.Event().wait()

    async def wait() -> None:
        async with renewed(lease, journal, sleep):
            await woken.wait()

    asyncio.run(wait())
    assert lease.allows_request


def test_a_lease_that_is_too_short_is_refused() -> None:
    """A request must fit into a renewed lease, with time to spare."""
    assert lease_seconds(2.0, 12.0) == 12.0
    with pytest.raises(ConfigurationError, match="at least 9 s"):
        lease_seconds(2.0, 8.0)


def test_workers_are_listed_with_their_batches(journal: Journal) -> None:
    """A worker is listed with its status, and as lost after a silence."""
    divide_into_batches(journal, 5)
    open_batches(journal, BatchTask.APPLY)
    name = new_worker_name()
    register_worker(journal, name, concurrency=16)
    assert claim(journal)
    (worker,) = list_workers(journal)
    assert (worker.name, worker.status, worker.concurrency, worker.batches) == (
        name,
        WorkerStatus.WORKING,
        16,
        ("1-5",),
    )
    assert not worker.is_lost
    assert worker.lease_left is not None
    assert 0 < worker.lease_left <= lease_seconds(TIMEOUT)
    write_heartbeat(journal, name, WorkerStatus.ENDED)
    (ended,) = list_workers(journal)
    assert ended.status is WorkerStatus.ENDED
    assert ended.running_for < 30


def test_each_worker_counts_in_rows_of_its_own(journal: Journal) -> None:
    """The report adds the counts of all workers, and can show each worker's."""
    before = sum(tick.count for tick in journal.throughput())
    for number, name in ((1, "one"), (2, "two"), (3, "two")):
        journal.worker = name
        journal.write([Transition(number, State.IN_FLIGHT)])
    assert sum(tick.count for tick in journal.throughput()) == before + 3
    counts: dict[str, int] = {}
    for tick in journal.worker_throughput():
        counts[tick.worker] = counts.get(tick.worker, 0) + tick.count
    assert counts == {"": before, "one": 1, "two": 2}


def test_the_claim_uses_the_index_of_open_batches(server: Server, url: str) -> None:
    """Fifty thousand finished batches do not slow a claim down."""
    with Journal.create(url, plan=0) as journal:
        schema = journal.store.schema
        server.sql(
            f"INSERT INTO {schema}.batches (first, last, token, task) "  # noqa: S608  # a schema of our own
            "SELECT at, at, 0, CASE WHEN at > 1990 THEN 'apply' END "
            "FROM generate_series(1, 2000) AS at"
        )
        server.sql(f"ANALYZE {schema}.batches")
        plan = server.sql(
            f"EXPLAIN SELECT first FROM {schema}.batches WHERE task = 'apply' "  # noqa: S608  # the same
            "ORDER BY first LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
    assert "batches_by_task" in str(plan)


def test_batches_and_counts_are_updated_in_place(url: str) -> None:
    """PostgreSQL leaves room in the pages, so an update adds to no index."""
    with Journal.create(url, plan=0) as journal:
        options = journal.query(
            sa.text(
                "SELECT relname, reloptions FROM pg_class "
                "WHERE relnamespace = current_schema()::regnamespace "
                "AND reloptions IS NOT NULL"
            )  # type: ignore[arg-type] # a query, as text
        )
    tables = {row.relname for row in options}
    assert {"batches", "throughput", "workers", "rates", "openings"} <= tables


def test_lanes_of_a_worker_count_in_one_mark(
    journal: Journal, place: JournalLocation
) -> None:
    """A journal that two threads have written to is not older than its mark."""
    divide_into_batches(journal, 5)
    open_batches(journal, BatchTask.APPLY)
    lanes = [
        BatchJournal(journal, lease) for _ in range(2) if (lease := claim(journal))
    ]

    def work(lane: BatchJournal) -> None:
        for record in list(lane.records({State.READY})):
            lane.write([Transition(record.number, State.IN_FLIGHT)])
            lane.write([Transition(record.number, State.UNKNOWN)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, lanes))
    assert journal.copy_detector.signs() == []
    changes = sa.select(OPENINGS.c.changes).order_by(OPENINGS.c.number.desc()).limit(1)
    assert journal.query(changes)[0].changes == 20


def test_a_lane_that_commits_between_a_commit_and_its_mark_is_counted(
    journal: Journal,
) -> None:
    """The journal has the changes of both lanes, whichever reaches the mark first."""
    detector = journal.copy_detector
    for _ in range(2):
        with journal.transaction() as connection:
            detector.record(connection, 1)
    for _ in range(2):
        detector.note(1)
    assert detector.signs() == []
