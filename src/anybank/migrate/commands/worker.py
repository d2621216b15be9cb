"""A worker: one process that claims batches of a journal, next to others on any machine.

::

    async with migrate.Worker(journal=url) as worker:
        await worker.run_all()          # or: await worker.run(ref), for a queue

The worker opens the journal, the supplement and both banks once, and checks once that the
target is the bank of the journal. The journal alone decides what is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from types import TracebackType
from typing import Self

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
from ..journal.batch_journal import renewed
from ..journal.batch_leases import Lease, LeaseLost, Span, lease_seconds
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.pauses import read_pause
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.workers import (
    HEARTBEAT,
    WorkerStatus,
    new_worker_name,
    register_worker,
    write_heartbeat,
)
from ..migration import Migration, SideLike, resume_migration
from .apply import send_records
from .arguments import AnyPath, require_positive
from .summaries.summary import Summary, summarise
from .target.open_banks import (
    OpenBanks,
    breaker_of_target,
    check_target,
    open_banks,
)
from .verify import ReadBack
from .work import SIZE, Batch, batch_result, part_of, release_lease
from .workers.outages import Outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import DEFAULT_CONCURRENCY, WorkerPool, create_pool

_POLL = 1.0
"""After how many seconds a worker with nothing to do asks for a batch again."""
_LANES = 2
"""How many batches a worker runs at a time: the last records of one overlap the next."""


class Worker:
    """Claims and runs the batches of a journal; opens everything once per process.

    `concurrency` is how many records are in flight at a time (16 by default), `lease` how
    many seconds a batch stays this worker's after its last write (180 by default, at least
    4.5 timeouts of the target). With `verify` every moved customer is read back as well.
    `wait` and `notices` are those of `apply`. Use the worker in `async with`, or close it.
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
        self.sent = 0
        """How many creates of this worker reached the target."""
        self.outage: Outage | None = None
        """The failure of a bank that stopped this worker."""
        self.stopped: str | None = None
        """Why this worker stopped early, as a sentence."""
        self._location, self._sides = journal, (source, target)
        self._concurrency = concurrency or DEFAULT_CONCURRENCY
        self._lease, self._verifies = lease, verify
        self._wait, self._notices = wait, notices
        self._status = WorkerStatus.WORKING
        self._resources: AsyncExitStack | None = None
        self._migration: Migration | None = None
        self._banks: OpenBanks | None = None

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
        resources, self._resources = self._resources, None
        if resources is not None:
            await resources.aclose()

    async def run(self, ref: str) -> Batch:
        """Apply one batch, as `run_batch` does.

        Raises ConfigurationError where another worker has the batch or takes it over.
        """
        migration, banks = await self._open()
        lease = await asyncio.to_thread(
            Lease.acquire,
            migration.journal,
            Span.of(ref),
            timeout=migration.target.timeout,
            clock=migration.target.timing.monotonic,
            duration=lease_seconds(migration.target.timeout, self._lease),
        )
        return await self._apply(migration, banks, lease, self._concurrency)

    async def run_all(self) -> None:
        """Claim and run batches until none is left, in any worker of the journal.

        While the workers are paused, wait. When cancelled, finish what is in flight and
        release the batches. A bank that is down ends the worker: see `outage`.
        """
        is_own = self._resources is None
        migration, banks = await self._open()
        try:
            await asyncio.to_thread(self._open_batches, migration.journal)
            await self._run_task(migration, banks, BatchTask.APPLY)
            if self._verifies and not self.stopped:
                journal = migration.journal
                await asyncio.to_thread(open_batches, journal, BatchTask.VERIFY)
                await self._run_task(migration, banks, BatchTask.VERIFY)
        finally:
            self._status = WorkerStatus.DRAINING
            if is_own:
                await self.close()

    async def _open(self) -> tuple[Migration, OpenBanks]:
        if self._resources is None:
            async with AsyncExitStack() as stack:
                await self._open_in(stack)
                self._resources = stack.pop_all()
        if self._migration is None or self._banks is None:
            raise TypeError
        return self._migration, self._banks

    async def _open_in(self, stack: AsyncExitStack) -> None:
        _upgrade(self._location)
        migration = stack.enter_context(
            resume_migration(self._location, *self._sides, shared=True)
        )
        require_no_refusal(migration.journal)
        # refuses a lease that is too short before a batch is claimed
        lease_seconds(migration.target.timeout, self._lease)
        pool = create_pool(None, None, self._wait, self._notices)
        banks = await stack.enter_async_context(open_banks(migration, pool))
        await check_target(migration, banks, pool)
        await stack.enter_async_context(self._registered(migration.journal))
        self._migration, self._banks = migration, banks

    @asynccontextmanager
    async def _registered(self, journal: Journal) -> AsyncIterator[None]:
        """List the worker in the journal, and write its heartbeat in this context."""
        register_worker(journal, self.name, concurrency=self._concurrency)
        beating = asyncio.create_task(self._beat(journal))
        try:
            yield
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
            with suppress(ConfigurationError):  # the database may be unreachable
                write_heartbeat(journal, self.name, WorkerStatus.ENDED)

    async def _beat(self, journal: Journal) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            with suppress(ConfigurationError):  # the next write of a batch reports it
                await asyncio.to_thread(
                    write_heartbeat, journal, self.name, self._status
                )

    def _open_batches(self, journal: Journal) -> None:
        if has_undivided_records(journal):
            divide_into_batches(journal, SIZE)
        open_batches(journal, BatchTask.APPLY)

    async def _run_task(
        self, migration: Migration, banks: OpenBanks, task: BatchTask
    ) -> None:
        lanes = min(_LANES, self._concurrency)
        share, rest = divmod(self._concurrency, lanes)
        sizes = [share + (lane < rest) for lane in range(lanes)]
        try:
            async with asyncio.TaskGroup() as group:
                for size in sizes:
                    group.create_task(self._run_lane(migration, banks, task, size))
        except BaseExceptionGroup as errors:  # callers expect one error, as of `apply`
            error = errors.exceptions[0]
        else:
            return
        raise error

    async def _run_lane(
        self, migration: Migration, banks: OpenBanks, task: BatchTask, size: int
    ) -> None:
        while not self.stopped:
            lease = await asyncio.to_thread(self._claim, migration, task)
            if lease is not None:
                with suppress(LeaseLost):  # the other worker continues
                    await self._run_batch(migration, banks, task, lease, size)
            elif await asyncio.to_thread(self._is_done, migration.journal, task):
                return
            else:
                await asyncio.sleep(_POLL)

    async def _run_batch(
        self,
        migration: Migration,
        banks: OpenBanks,
        task: BatchTask,
        lease: Lease,
        size: int,
    ) -> None:
        if task is BatchTask.VERIFY:
            await self._verify(migration, banks, lease, size)
        else:
            batch = await self._apply(migration, banks, lease, size)
            self.outage = self.outage or batch.outage
            if batch.outage:
                self.stopped = self.stopped or batch.stopped

    async def _apply(
        self, migration: Migration, banks: OpenBanks, lease: Lease, size: int
    ) -> Batch:
        async with self._held(lease, migration.journal):
            part = await asyncio.to_thread(part_of, migration, lease)
            sender = await send_records(part, banks, self._pool(size))
            self.sent += sender.sent
            batch = await asyncio.to_thread(
                batch_result, lease, migration.journal, part, sender
            )
            if batch.stopped and not batch.outage:
                # Its records stay open. The batch is finished so that no worker claims it
                # again and again; the next worker that starts opens it.
                await asyncio.to_thread(lease.finish, migration.journal)
            return batch

    async def _verify(
        self, migration: Migration, banks: OpenBanks, lease: Lease, size: int
    ) -> None:
        async with self._held(lease, migration.journal):
            part, pool = (
                await asyncio.to_thread(part_of, migration, lease),
                self._pool(size),
            )
            read_back = ReadBack(
                part.journal,
                banks.reader,
                migration.certifier(),
                pool,
                GroupCommit(part.journal),
                breaker_of_target(part, banks, pool),
            )
            await read_back.verify_all()
            self.outage = self.outage or pool.outage
            self.stopped = self.stopped or pool.stopped
            if left := part.journal.counts()[State.CREATED]:
                self.stopped = self.stopped or (
                    f"{left} created records could not be read back: run the same "
                    "command again"
                )
            else:
                lease.finish(migration.journal)

    def _pool(self, size: int) -> WorkerPool:
        return create_pool(size, None, self._wait, self._notices)

    @asynccontextmanager
    async def _held(self, lease: Lease, journal: Journal) -> AsyncIterator[None]:
        """Renew a lease in this context, and release it in the end."""
        with _released(lease, journal):
            async with renewed(lease, journal, asyncio.sleep):
                yield

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


@contextmanager
def _released(lease: Lease, journal: Journal) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(release_lease, lease, journal)
        yield


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
