"""Does the task of a claimed batch, or the look-up of many, under the lease."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import ParamSpec, TypeVar

from attrs import define, evolve, field, frozen

from ...errors import ConfigurationError
from ..journal.batch_claims import BatchTask
from ..journal.batch_journal import BatchJournal, renewed
from ..journal.batch_leases import Lease, LeaseLost
from ..journal.group_commit import GroupCommit
from ..journal.lookup_leases import LookupLease
from ..journal.states import State
from ..migration import Migration
from .apply import send_records
from .lookup import create_lookup
from .rollback import Rollback
from .target.open_banks import OpenBanks, breaker_of_target
from .verify import ReadBack
from .work import Batch, batch_result, part_of
from .workers.outages import Outage
from .workers.waits import Notices, Wait
from .workers.worker_log import log_event
from .workers.worker_pool import WorkerPool, create_pool

P = ParamSpec("P")
T = TypeVar("T")


@define
class WorkerResult:
    """The results of a worker in all of its batches so far."""

    sent: int = 0
    """How many creates reached the target."""
    outage: Outage | None = None
    """The failure of a bank that stopped the worker."""
    stopped: str | None = None
    """Why the worker stopped early, as a sentence."""
    rollbacks: list[Rollback] = field(factory=list)
    """The rollbacks of its batches."""

    def stop(self, reason: str | None, outage: Outage | None = None) -> None:
        """Note the first reason to stop early; None is no reason."""
        self.outage = self.outage or outage
        self.stopped = self.stopped or reason


@frozen
class BatchRunner:
    """Runs the batches of a worker, with the journal and the banks that it opened once."""

    migration: Migration
    banks: OpenBanks
    result: WorkerResult
    slots: asyncio.Semaphore
    """How many records of all batches are in flight at a time."""
    wait: Wait | None = None
    notices: Notices | None = None

    async def run(self, task: BatchTask, lease: Lease, size: int) -> None:
        """Do a task with *size* records in flight, unless another worker takes over."""
        ref, clock = lease.span.ref, lease.clock
        started, action = clock(), task.value.replace("_", " ")
        log_event(f"{action} begins", batch=ref)
        try:
            await self._do(task, lease, size)
        except LeaseLost as lost:  # the other worker continues
            log_event(str(lost), batch=ref, level=logging.WARNING)
        else:
            seconds = clock() - started
            text = f"{action} ended after {seconds:.1f} s"
            log_event(text, batch=ref, seconds=seconds)

    async def _do(self, task: BatchTask, lease: Lease, size: int) -> None:
        if task is BatchTask.VERIFY:
            await self._verify(lease, size)
        elif task is BatchTask.ROLLBACK:
            await self._roll_back(lease, size)
        else:
            batch = await self.apply(lease, size, looks_up=False)
            if batch.outage:
                self.result.stop(batch.stopped, batch.outage)

    async def apply(self, lease: Lease, size: int, *, looks_up: bool = True) -> Batch:
        """Send what is left of a batch; return how far it has come.

        With `looks_up=False`, leave its unknown outcomes to `look_up`.
        """
        async with self._held(lease):
            part = await finish_in_thread(part_of, self.migration, lease)
            pool = self._pool(size)
            breaker = breaker_of_target(part, self.banks, pool)
            sender = await send_records(
                part, self.banks, pool, breaker, looks_up=looks_up
            )
            self.result.sent += sender.sent
            journal = self.migration.journal
            batch = await finish_in_thread(batch_result, lease, journal, part, sender)
            if batch.stopped and not batch.outage:
                # Its records stay open. The batch is finished so that no worker claims it
                # again and again; a look-up, or the next worker that starts, opens it.
                is_unknown = not looks_up and batch.counts[State.UNKNOWN] > 0
                task = BatchTask.LOOK_UP if is_unknown else None
                await finish_in_thread(lease.finish, journal, task)
            return batch

    async def look_up(self, lease: LookupLease) -> None:
        """Look up the unknown outcomes of all batches by one listing of the target."""
        journal = self.migration.journal
        part = evolve(
            self.migration,
            journal=BatchJournal(journal, lease),
            settle_after=lease.settle_after,
        )
        pool = self._pool(1)
        breaker = breaker_of_target(self.migration, self.banks, pool)
        with suppress(LeaseLost):  # the other worker continues
            async with self._held(lease):
                log_event("looks up the unknown outcomes of all batches")
                certifier = part.certifier()
                lookup = create_lookup(part, self.banks, pool, certifier)
                await breaker.call(lookup.settle)
                self.result.stop(pool.stopped, pool.outage)
                if not pool.stopped:
                    await finish_in_thread(lease.finish, journal)

    async def _roll_back(self, lease: Lease, size: int) -> None:
        async with self._held(lease):
            part = await finish_in_thread(part_of, self.migration, lease)
            pool = self._pool(size)
            rollback = Rollback(
                part.journal,
                self.banks.reader,
                pool,
                GroupCommit(part.journal, part.commit_queue),
                breaker_of_target(self.migration, self.banks, pool),
                may_send=lambda: lease.allows_request,
            )
            await rollback.delete_all()
            self.result.rollbacks.append(rollback)
            self.result.stop(pool.stopped, pool.outage)
            if not pool.stopped:
                await finish_in_thread(lease.finish, self.migration.journal)

    async def _verify(self, lease: Lease, size: int) -> None:
        async with self._held(lease):
            pool = self._pool(size)
            part = await finish_in_thread(part_of, self.migration, lease)
            read_back = ReadBack(
                part.journal,
                self.banks.reader,
                self.migration.certifier(),
                pool,
                GroupCommit(part.journal, part.commit_queue),
                breaker_of_target(part, self.banks, pool),
            )
            await read_back.verify_all()
            self.result.stop(pool.stopped, pool.outage)
            if left := part.journal.counts()[State.CREATED]:
                self.result.stop(
                    f"{left} created records could not be read back: run the same command "
                    "again"
                )
            else:
                await finish_in_thread(lease.finish, self.migration.journal)

    def _pool(self, size: int) -> WorkerPool:
        pool = create_pool(size, None, self.wait, self.notices)
        pool.slots = self.slots
        return pool

    @asynccontextmanager
    async def _held(self, lease: Lease | LookupLease) -> AsyncIterator[None]:
        """Renew a lease in this context, and release it in the end."""
        journal = self.migration.journal
        try:
            async with renewed(lease, journal, asyncio.sleep):
                yield
        finally:
            with suppress(ConfigurationError):  # lost or unreachable: the lease expires
                lease.release(journal)


async def finish_in_thread(
    function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call a function in a thread; when cancelled, wait first until it has returned.

    A claim that commits after its worker has ended would keep the batch from all others.
    """
    call = asyncio.create_task(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait([call])
        call.exception()  # nobody else retrieves it
        raise
