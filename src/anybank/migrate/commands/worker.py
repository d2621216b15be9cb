"""A worker: one process that claims batches of a journal, next to others on any machine.

::

    async with migrate.Worker(journal=url) as worker:
        await worker.run_all()          # or: await worker.run(ref), for a queue

The worker opens the journal, the supplement and both banks once, and checks once that the
target is the bank of the journal. Only the journal decides which records are done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from attrs import frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..certify.change_limit import require_no_refusal
from ..event_loop import run
from ..journal.batch_claims import (
    BatchTask,
    claim_batch,
    count_batches,
    divide_into_batches,
    has_undivided_records,
    open_batches,
)
from ..journal.batch_leases import Lease, Span, lease_seconds, release_leases_of
from ..journal.journal import Journal
from ..journal.pauses import read_pause
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.store import JournalUnreachable
from ..journal.workers import (
    HEARTBEAT,
    WorkerStatus,
    new_worker_name,
    register_worker,
    write_heartbeat,
)
from ..migration import Migration, SideLike, resume_migration
from .arguments import AnyPath, require_positive
from .batch_runner import BatchRunner, WorkerResult, finish_in_thread
from .summaries.summary import Summary, summarise
from .target.open_banks import check_target, open_banks
from .work import SIZE, Batch
from .workers.outages import Outage
from .workers.reconnections import Reconnection
from .workers.waits import Notices, Wait, WaitAnnouncer
from .workers.worker_pool import DEFAULT_CONCURRENCY, create_pool

T = TypeVar("T")

_POLL = 1.0
"""After how many seconds a worker with nothing to do asks for a batch again."""
_LANES = 2
"""How many batches a worker runs at a time: the last records of one overlap the next."""


@frozen
class _Session:
    """What a worker has open: it opens all of it again after the database was lost."""

    migration: Migration
    runner: BatchRunner
    resources: AsyncExitStack


class Worker:
    """Claims and runs the batches of a journal; opens everything once per process.

    `concurrency` is how many records are in flight at a time (16 by default), `lease` how
    many seconds a batch stays this worker's after its last write (180 by default, at least
    4.5 timeouts of the target). With `verify` every moved customer is read back as well.
    `wait` and `notices` are those of `apply`. Use the worker in `async with`, or close it.

    A worker that loses the connection to the journal's database sends nothing more, and
    tries to reconnect for five minutes. Requests that were in flight then have an unknown
    outcome, as after a kill.
    """

    def __init__(
        self,
        *,
        journal: AnyPath,
        source: SideLike | None = None,
        target: SideLike | None = None,
        concurrency: int | None = None,
        lease: float | None = None,
        verify: bool = False,
        wait: Wait | None = None,
        notices: Notices | None = None,
    ) -> None:
        require_positive("concurrency", concurrency)
        self.name = new_worker_name()
        """The name of the worker in the journal: host, process id and a random part."""
        self._location, self._sides = journal, (source, target)
        self._concurrency = concurrency or DEFAULT_CONCURRENCY
        self._lease, self._verifies = lease, verify
        self._wait, self._notices = wait, notices
        self._status = WorkerStatus.WORKING
        self._result = WorkerResult()
        self._session: _Session | None = None

    @property
    def sent(self) -> int:
        """How many creates of this worker reached the target."""
        return self._result.sent

    @property
    def outage(self) -> Outage | None:
        """The failure of a bank that stopped this worker."""
        return self._result.outage

    @property
    def stopped(self) -> str | None:
        """Why this worker stopped early, as a sentence."""
        return self._result.stopped

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the banks and the journal, and note in it that the worker has ended."""
        session, self._session = self._session, None
        if session is not None:
            await session.resources.aclose()

    async def run(self, ref: str) -> Batch:
        """Apply one batch, as `run_batch` does.

        Raises ConfigurationError where another worker has the batch or takes it over.
        """
        return await self._reconnecting(partial(self._run_ref, ref))

    async def run_all(self) -> None:
        """Claim and run batches until none is left, in any worker of the journal.

        While the workers are paused, wait. When cancelled, finish what is in flight and
        release the batches. A bank that is down ends the worker: see `outage`. Raises
        ConfigurationError where the journal's database stays unreachable.
        """
        is_own = self._session is None
        try:
            await self._reconnecting(self._run_tasks)
        finally:
            self._status = WorkerStatus.DRAINING
            if is_own:
                await self.close()

    async def _reconnecting(self, work: Callable[[_Session], Awaitable[T]]) -> T:
        """Do some work; after each loss of the journal's database do what is left of it."""
        session = await self._open()
        while True:
            try:
                return await work(session)
            except JournalUnreachable as lost:
                error: ConfigurationError = lost
            session = await self._reconnect(session, error)

    async def _reconnect(self, lost: _Session, error: ConfigurationError) -> _Session:
        """Open everything again, because the plan may be another one meanwhile."""
        await self.close()
        timing = lost.migration.target.timing
        attempts = Reconnection(timing, WaitAnnouncer(self._notices))
        while True:
            await attempts.wait(error)
            try:
                return await self._open()
            except ConfigurationError as failed:
                if not failed.retryable:
                    raise
                error = failed

    async def _open(self) -> _Session:
        if self._session is None:
            async with AsyncExitStack() as stack:
                migration, runner = await self._open_in(stack)
                self._session = _Session(migration, runner, stack.pop_all())
        return self._session

    async def _open_in(self, stack: AsyncExitStack) -> tuple[Migration, BatchRunner]:
        _upgrade(self._location)
        migration = stack.enter_context(
            resume_migration(self._location, *self._sides, shared=True)
        )
        require_no_refusal(migration.journal, migration.journal.metadata())
        # refuses a lease that is too short before a batch is claimed
        lease_seconds(migration.target.timeout, self._lease)
        pool = create_pool(None, None, self._wait, self._notices)
        banks = await stack.enter_async_context(open_banks(migration, pool))
        await check_target(migration, banks, pool)
        await stack.enter_async_context(self._registered(migration.journal))
        runner = BatchRunner(migration, banks, self._result, self._wait, self._notices)
        return migration, runner

    @asynccontextmanager
    async def _registered(self, journal: Journal) -> AsyncIterator[None]:
        """List the worker in the journal, and write its heartbeat in this context."""
        register_worker(journal, self.name, concurrency=self._concurrency)
        release_leases_of(journal, self.name)  # of a session that was lost
        beating = asyncio.create_task(self._beat(journal))
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            with suppress(ConfigurationError):  # the database may be unreachable
                release_leases_of(journal, self.name)
                write_heartbeat(journal, self.name, WorkerStatus.ENDED)

    async def _beat(self, journal: Journal) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with suppress(ConfigurationError):  # the next write of a batch reports it
                await asyncio.to_thread(
                    write_heartbeat, journal, self.name, self._status
                )

    async def _run_ref(self, ref: str, session: _Session) -> Batch:
        target = session.migration.target
        lease = await finish_in_thread(
            Lease.acquire,
            session.migration.journal,
            Span.of(ref),
            timeout=target.timeout,
            clock=target.timing.monotonic,
            duration=lease_seconds(target.timeout, self._lease),
        )
        return await session.runner.apply(lease, self._concurrency)

    async def _run_tasks(self, session: _Session) -> None:
        journal = session.migration.journal
        await finish_in_thread(_open_for_apply, journal)
        await self._run_task(session, BatchTask.APPLY)
        if self._verifies and not self.stopped:
            await finish_in_thread(open_batches, journal, BatchTask.VERIFY)
            await self._run_task(session, BatchTask.VERIFY)

    async def _run_task(self, session: _Session, task: BatchTask) -> None:
        lanes = min(_LANES, self._concurrency)
        share, rest = divmod(self._concurrency, lanes)
        sizes = [share + (lane < rest) for lane in range(lanes)]
        try:
            async with asyncio.TaskGroup() as group:
                for size in sizes:
                    group.create_task(self._run_lane(session, task, size))
        except BaseExceptionGroup as errors:  # callers expect one error, as of `apply`
            error = _worst(errors)
        else:
            return
        raise error

    async def _run_lane(self, session: _Session, task: BatchTask, size: int) -> None:
        while not self.stopped:
            lease = await finish_in_thread(self._claim, session.migration, task)
            if lease is not None:
                await session.runner.run(task, lease, size)
            elif await finish_in_thread(self._is_done, session.migration.journal, task):
                return
            else:
                await asyncio.sleep(_POLL)

    def _claim(self, migration: Migration, task: BatchTask) -> Lease | None:
        return claim_batch(
            migration.journal,
            task,
            timeout=migration.target.timeout,
            clock=migration.target.timing.monotonic,
            duration=self._lease,
        )

    def _is_done(self, journal: Journal, task: BatchTask) -> bool:
        """Return whether no batch has the task; note whether the workers are paused."""
        is_paused = read_pause(journal) is not None
        status = WorkerStatus.PAUSED if is_paused else WorkerStatus.WORKING
        if status is not self._status:
            self._status = status
            write_heartbeat(journal, self.name, status)
        return task not in count_batches(journal)


def _open_for_apply(journal: Journal) -> None:
    if has_undivided_records(journal):
        divide_into_batches(journal, SIZE)
    open_batches(journal, BatchTask.APPLY)


def _worst(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error of a lane that no reconnection mends, else the first one."""
    first, *_ = errors.exceptions
    mendable = JournalUnreachable
    others = (each for each in errors.exceptions if not isinstance(each, mendable))
    return next(others, first)


def _upgrade(location: AnyPath) -> None:
    """Bring the tables of an older version up to date, which needs an exclusive lock."""
    with Journal.open(location) as journal:
        if not journal.is_current:
            with journal.locked():
                pass


def _left_over(journal: Journal) -> str | None:
    counts = journal.counts()
    left = counts[State.READY] + counts[State.UNKNOWN]
    if not left:
        return None
    return f"{left} records are not settled yet: run `anybank migrate work` again"


@guarded
@run_logged
def work(
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    concurrency: int | None = None,
    lease: float | None = None,
    verify: bool = False,
    wait: Wait | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Run one worker until no batch of the journal is left, here or in another worker.

    The arguments are those of `Worker`. No plan, apply or rollback can run meanwhile. The
    search for duplicates is that of `verify`, after the workers have ended.
    """
    worker = Worker(
        journal=journal,
        source=source,
        target=target,
        concurrency=concurrency,
        lease=lease,
        verify=verify,
        wait=wait,
        notices=notices,
    )
    run(worker.run_all())
    with Journal.open(journal) as opened:
        return summarise(
            opened,
            "work",
            stopped=worker.stopped or _left_over(opened),
            outage=worker.outage,
            sent=worker.sent,
        )
