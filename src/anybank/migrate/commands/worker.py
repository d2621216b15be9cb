"""A worker: one process that claims batches of a journal, next to others on any machine.

::

    async with migrate.Worker(journal=url) as worker:
        await worker.run_all()          # or: await worker.run(ref), for a queue

The worker opens the journal, the supplement and both banks once, and checks once that the
target is the bank of the journal. Only the journal decides which records are done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from attrs import frozen

from ..._engine.error_boundary import guarded
from ..._engine.log_context import logged_as
from ...errors import ConfigurationError
from ..certify.change_limit import MOST_CHANGED, ChangeLimit, require_no_refusal
from ..certify.cohorts import Share
from ..certify.consent import Consent
from ..event_loop import run
from ..journal.batch_claims import BatchTask, count_batches, require_direction
from ..journal.batch_leases import Lease, Span, lease_seconds, release_leases_of
from ..journal.journal import Journal
from ..journal.pauses import require_not_paused
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
from ..migration import Migration, SideLike, reopen_side, resume_migration
from .arguments import AnyPath, require_positive
from .batch_runner import BatchRunner, WorkerResult, finish_in_thread
from .rollback import summarise_rollbacks
from .summaries.summary import Summary, summarise
from .target.open_banks import breaker_of_target, check_target, open_banks
from .target.rollback_consent import require_deletes, require_rollback
from .work import Batch
from .worker_lanes import WorkerLanes
from .workers.outages import Outage
from .workers.reconnections import Reconnection
from .workers.waits import Notices, Wait, WaitAnnouncer
from .workers.worker_log import log_event
from .workers.worker_pool import DEFAULT_CONCURRENCY, create_pool

T = TypeVar("T")


@frozen
class _Session:
    """What a worker has open: it opens all of it again after the database was lost."""

    migration: Migration
    lanes: WorkerLanes
    resources: AsyncExitStack


class Worker:
    """Claims and runs the batches of a journal; opens everything once per process.

    `concurrency` is how many records are in flight at a time (16 by default), `lease` how
    many seconds a batch stays this worker's after its last write (180 by default, at least
    4.5 timeouts of the target). With `verify` every moved customer is read back as well.
    With `rollback` the worker deletes the customers that the migration created instead, as
    `rollback` does, without asking for consent.
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
        rollback: bool = False,
        wait: Wait | None = None,
        notices: Notices | None = None,
    ) -> None:
        require_positive("concurrency", concurrency)
        if verify and rollback:
            raise ConfigurationError(
                "a worker verifies or rolls back, not both: leave out verify or rollback"
            )
        self.name: str = new_worker_name()
        """The name of the worker in the journal: host, process id and a random part."""
        self._location, self._sides = journal, (source, target)
        self._concurrency = concurrency or DEFAULT_CONCURRENCY
        self._lease, self._verifies, self._rolls_back = lease, verify, rollback
        self._wait, self._notices = wait, notices
        self._result = WorkerResult()
        self._session: _Session | None = None
        self._turn = asyncio.Lock()

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
        with logged_as(self.name):
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
        """Apply one batch, as `run_batch` does; batches of one worker take turns.

        Raises ConfigurationError where another worker has the batch or takes it over, and
        while the workers are paused: `retryable` says to deliver the reference again later.
        """
        # After a loss of the database all that is open is closed, which no other batch
        # may be using.
        async with self._turn:
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
            if self._session is not None:
                self._session.lanes.status = WorkerStatus.DRAINING
            if is_own:
                await self.close()

    async def _reconnecting(self, work: Callable[[_Session], Awaitable[T]]) -> T:
        """Do some work; after each loss of the journal's database do what is left of it."""
        with logged_as(self.name):
            session = await self._open()
            while True:
                try:
                    return await work(session)
                except JournalUnreachable as lost:
                    error: ConfigurationError = lost
                log_event(str(error), level=logging.WARNING)
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
                migration, lanes = await self._open_in(stack)
                self._session = _Session(migration, lanes, stack.pop_all())
        return self._session

    async def _open_in(self, stack: AsyncExitStack) -> tuple[Migration, WorkerLanes]:
        _upgrade(self._location)
        migration = stack.enter_context(
            resume_migration(self._location, *self._sides, shared=True)
        )
        require_no_refusal(migration.journal, migration.metadata)
        if self._rolls_back:
            require_deletes(migration.target)
        # refuses a lease that is too short before a batch is claimed
        lease_seconds(migration.target.timeout, self._lease)
        pool = create_pool(None, None, self._wait, self._notices)
        banks = await stack.enter_async_context(open_banks(migration, pool))
        await check_target(migration, banks, breaker_of_target(migration, banks, pool))
        slots = asyncio.Semaphore(self._concurrency)
        runner = BatchRunner(
            migration, banks, self._result, slots, self._wait, self._notices
        )
        lanes = WorkerLanes(runner, self.name, self._concurrency, self._lease)
        await stack.enter_async_context(self._registered(migration.journal, lanes))
        return migration, lanes

    @asynccontextmanager
    async def _registered(
        self, journal: Journal, lanes: WorkerLanes
    ) -> AsyncIterator[None]:
        """List the worker in the journal, and write its heartbeat in this context."""
        register_worker(journal, self.name, concurrency=self._concurrency)
        release_leases_of(journal, self.name)  # of a session that was lost
        log_event(f"started, with {self._concurrency} records in flight at a time")
        beating = asyncio.create_task(self._beat(journal, lanes))
        try:
            yield
        finally:
            with logged_as(self.name):  # `close` may be called from anywhere
                log_event("ended")
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            with suppress(ConfigurationError):  # the database may be unreachable
                release_leases_of(journal, self.name)
                write_heartbeat(journal, self.name, WorkerStatus.ENDED)

    async def _beat(self, journal: Journal, lanes: WorkerLanes) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with suppress(ConfigurationError):  # the next write of a batch reports it
                await asyncio.to_thread(
                    write_heartbeat, journal, self.name, lanes.status
                )

    async def _run_ref(self, ref: str, session: _Session) -> Batch:
        target, journal = session.migration.target, session.migration.journal
        await finish_in_thread(require_not_paused, journal)
        await finish_in_thread(require_direction, journal, BatchTask.APPLY)
        lease = await finish_in_thread(
            Lease.acquire,
            journal,
            Span.of(ref),
            timeout=target.timeout,
            clock=target.timing.monotonic,
            duration=lease_seconds(target.timeout, self._lease),
            task=BatchTask.APPLY,
        )
        return await session.lanes.runner.apply(lease, self._concurrency)

    async def _run_tasks(self, session: _Session) -> None:
        if self._rolls_back:
            await session.lanes.roll_back_all()
            return
        await session.lanes.apply_all()
        if self._verifies and not self.stopped:
            await session.lanes.verify_all()

    def summary(self) -> Summary:
        """Return what this worker has done, and what is left in the journal."""
        with Journal.open(self._location) as journal:
            if self._rolls_back:
                return summarise_rollbacks(
                    journal,
                    self._result.rollbacks,
                    stopped=self.stopped or _left_to_roll_back(journal),
                    outage=self.outage,
                )
            return summarise(
                journal,
                "work",
                stopped=self.stopped or _left_over(journal),
                outage=self.outage,
                sent=self.sent,
            )


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


def _left_to_roll_back(journal: Journal) -> str | None:
    left = count_batches(journal).get(BatchTask.ROLLBACK)
    if left is None:
        return None
    return (
        f"{left.open} batches are not rolled back yet: run `anybank migrate work "
        "--rollback` again"
    )


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
    rollback: bool = False,
    yes: Consent = False,
    max_change: Share | None = MOST_CHANGED,
    allow: Collection[str] | str = (),
    wait: Wait | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Run one worker until no batch of the journal is left, here or in another worker.

    The arguments are those of `Worker`. No plan, apply or rollback can run meanwhile. The
    search for duplicates is that of `verify`, after the workers have ended. A worker that
    rolls back asks for the consent `yes` first, and `max_change` and `allow` limit it, as in
    `rollback`.
    """
    worker = Worker(
        journal=journal,
        source=source,
        target=target,
        concurrency=concurrency,
        lease=lease,
        verify=verify,
        rollback=rollback,
        wait=wait,
        notices=notices,
    )
    if rollback:
        guard = ChangeLimit.of("deletes", max_change, allow)
        with Journal.open(journal) as opened:
            side = reopen_side(opened, "target", target)
            require_deletes(side)
            require_rollback(opened, side, yes, guard)
    run(worker.run_all())
    return worker.summary()
