"""How a worker claims batches: in two lanes, task after task, until none is left."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from attrs import define, field

from ..journal.batch_claims import (
    BatchTask,
    claim_batch,
    count_batches,
    divide_into_batches,
    has_undivided_records,
    open_batches,
    require_direction,
)
from ..journal.batch_leases import Lease
from ..journal.journal import Journal
from ..journal.lookup_leases import LookupLease
from ..journal.pauses import read_pause
from ..journal.store import JournalUnreachable
from ..journal.workers import WorkerStatus, write_heartbeat
from ..migration import Migration
from .batch_runner import BatchRunner, finish_in_thread
from .work import SIZE
from .workers.worker_log import log_event

_POLL = 1.0
"""After how many seconds a worker with nothing to do asks for a batch again."""
_LANES = 2
"""How many batches a worker runs at a time: the last records of one overlap the next."""
_ROUNDS = 5
"""How often a worker sends the ready records and looks up the unknown ones."""


@define
class WorkerLanes:
    """Runs the batches of a journal with a worker's runner."""

    runner: BatchRunner
    name: str
    concurrency: int
    lease: float | None
    """How many seconds a lease lasts; None for the default."""
    status: WorkerStatus = field(init=False, default=WorkerStatus.WORKING)
    _batch_ended: asyncio.Event = field(init=False, factory=asyncio.Event)

    @property
    def _migration(self) -> Migration:
        return self.runner.migration

    @property
    def _journal(self) -> Journal:
        return self.runner.migration.journal

    async def apply_all(self) -> None:
        """Send the records of all batches; then look up what is unknown, and send again."""
        await finish_in_thread(self._open, BatchTask.APPLY)
        for _ in range(_ROUNDS):
            await self._run_task(BatchTask.APPLY)
            await self._look_up()
            if self._is_stopped or await finish_in_thread(self._is_applied):
                break

    async def verify_all(self) -> None:
        """Read the created customers of all batches back."""
        await finish_in_thread(open_batches, self._journal, BatchTask.VERIFY)
        await self._run_task(BatchTask.VERIFY)

    async def roll_back_all(self) -> None:
        """Delete the customers that the migration created, in all batches."""
        await finish_in_thread(self._open, BatchTask.ROLLBACK)
        await self._run_task(BatchTask.ROLLBACK)

    @property
    def _is_stopped(self) -> bool:
        return self.runner.result.stopped is not None

    def _open(self, task: BatchTask) -> None:
        """Open the batches for a task; refuse while workers do the opposite."""
        require_direction(self._journal, task)
        if has_undivided_records(self._journal):
            divide_into_batches(self._journal, SIZE)
        open_batches(self._journal, task)

    async def _run_task(self, task: BatchTask) -> None:
        # The lanes share the slots of the runner: the concurrency is how many records the
        # worker may leave in doubt when it dies. A lane alone uses all of them.
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_LANES, self.concurrency)):
                    group.create_task(self._run_lane(task))
        except BaseExceptionGroup as errors:  # callers expect one error, as of `apply`
            error = _worst(errors)
        else:
            return
        raise error

    async def _run_lane(self, task: BatchTask) -> None:
        while not self._is_stopped:
            lease = await finish_in_thread(self._claim, task)
            if lease is not None:
                await finish_in_thread(self._note_status, WorkerStatus.WORKING)
                await self.runner.run(task, lease, self.concurrency)
                self._wake_other_lanes()
            elif await finish_in_thread(self._is_done, task):
                return
            else:
                await self._wait_for_batch()

    async def _wait_for_batch(self) -> None:
        """Wait until another lane has ended a batch, or it is time to ask the journal."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._batch_ended.wait(), _POLL)

    def _wake_other_lanes(self) -> None:
        ended, self._batch_ended = self._batch_ended, asyncio.Event()
        ended.set()

    async def _look_up(self) -> None:
        """Look up all unknown outcomes, or wait until another worker has done so."""
        # One listing of the target serves the unknown records of all batches.
        while not self._is_stopped:
            lease = await finish_in_thread(self._claim_look_up)
            if lease is not None:
                await self.runner.look_up(lease)
            elif await finish_in_thread(self._is_done, BatchTask.LOOK_UP):
                return
            else:
                await asyncio.sleep(_POLL)

    def _claim(self, task: BatchTask) -> Lease | None:
        target = self._migration.target
        return claim_batch(
            self._journal,
            task,
            timeout=target.timeout,
            clock=target.timing.monotonic,
            duration=self.lease,
        )

    def _claim_look_up(self) -> LookupLease | None:
        return LookupLease.claim(
            self._journal, timeout=self._migration.target.timeout, duration=self.lease
        )

    def _is_done(self, task: BatchTask) -> bool:
        """Return whether no batch has the task; note whether the workers are paused."""
        is_paused = read_pause(self._journal) is not None
        self._note_status(WorkerStatus.PAUSED if is_paused else WorkerStatus.WORKING)
        return task not in count_batches(self._journal)

    def _note_status(self, status: WorkerStatus) -> None:
        """Write a status that has changed immediately, and not with the next heartbeat."""
        if status is self.status:
            return
        self.status = status
        log_event("paused" if status is WorkerStatus.PAUSED else "resumed")
        write_heartbeat(self._journal, self.name, status)

    def _is_applied(self) -> bool:
        """Return whether no batch is left to send or to look up."""
        return (
            count_batches(self._journal)
            .keys()
            .isdisjoint({BatchTask.APPLY, BatchTask.LOOK_UP})
        )


def _worst(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error that no reconnection can cure, else the first one."""
    first, *_ = errors.exceptions
    others = (
        error
        for error in errors.exceptions
        if not isinstance(error, JournalUnreachable)
    )
    return next(others, first)
