"""Does the task of one claimed batch: apply or verify its records under the lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import ParamSpec, TypeVar

from attrs import define, frozen

from ..journal.batch_claims import BatchTask
from ..journal.batch_journal import renewed
from ..journal.batch_leases import Lease, LeaseLost
from ..journal.group_commit import GroupCommit
from ..journal.states import State
from ..migration import Migration
from .apply import send_records
from .target.open_banks import OpenBanks, breaker_of_target
from .verify import ReadBack
from .work import Batch, batch_result, part_of, release_lease
from .workers.outages import Outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import WorkerPool, create_pool

P = ParamSpec("P")
T = TypeVar("T")


@define
class WorkerResult:
    """What a worker has done so far, in all of its batches."""

    sent: int = 0
    """How many creates reached the target."""
    outage: Outage | None = None
    """The failure of a bank that stopped the worker."""
    stopped: str | None = None
    """Why the worker stopped early, as a sentence."""

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
    wait: Wait | None = None
    notices: Notices | None = None

    async def run(self, task: BatchTask, lease: Lease, size: int) -> None:
        """Do a task with *size* records in flight, unless another worker takes over."""
        with suppress(LeaseLost):  # the other worker continues
            if task is BatchTask.VERIFY:
                await self._verify(lease, size)
            else:
                batch = await self.apply(lease, size)
                if batch.outage:
                    self.result.stop(batch.stopped, batch.outage)

    async def apply(self, lease: Lease, size: int) -> Batch:
        """Send what is left of a batch; return how far it has come."""
        async with self._held(lease):
            part = await finish_in_thread(part_of, self.migration, lease)
            sender = await send_records(part, self.banks, self._pool(size))
            self.result.sent += sender.sent
            journal = self.migration.journal
            batch = await finish_in_thread(batch_result, lease, journal, part, sender)
            if batch.stopped and not batch.outage:
                # Its records stay open. The batch is finished so that no worker claims it
                # again and again; the next worker that starts opens it.
                await finish_in_thread(lease.finish, journal)
            return batch

    async def _verify(self, lease: Lease, size: int) -> None:
        async with self._held(lease):
            pool = self._pool(size)
            part = await finish_in_thread(part_of, self.migration, lease)
            read_back = ReadBack(
                part.journal,
                self.banks.reader,
                self.migration.certifier(),
                pool,
                GroupCommit(part.journal),
                breaker_of_target(part, self.banks, pool),
            )
            await read_back.verify_all()
            self.result.stop(pool.stopped, pool.outage)
            if left := part.journal.counts()[State.CREATED]:
                self.result.stop(
                    f"{left} created records could not be read back: run the same "
                    "command again"
                )
            else:
                await finish_in_thread(lease.finish, self.migration.journal)

    def _pool(self, size: int) -> WorkerPool:
        return create_pool(size, None, self.wait, self.notices)

    @asynccontextmanager
    async def _held(self, lease: Lease) -> AsyncIterator[None]:
        """Renew a lease in this context, and release it in the end."""
        journal = self.migration.journal
        try:
            async with renewed(lease, journal, asyncio.sleep):
                yield
        finally:
            release_lease(lease, journal)


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
