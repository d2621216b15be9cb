"""A pool of workers that handle records concurrently and finish what is in flight.

Here a worker is a task of one event loop; `commands.worker` has the worker that is a
process. However a run ends (the last record, an error, too many failures, an outage, a
signal), no request is abandoned between its intent and its outcome.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from attrs import define, field

from ...._engine.timing import Timing
from ....errors import AnybankError
from ...journal.records import Record
from ...side import Side
from .create_errors import FATAL_ERRORS
from .outages import Outage
from .waits import Notices, Wait, WaitAnnouncer, parse_wait

Progress: TypeAlias = Callable[[int, int | None, str], None]
"""A callback for progress: how many are done, of how many, and what was done."""

DEFAULT_CONCURRENCY = 16
"""How many records are in flight at a time: after a crash so many may be unknown."""
_MAX_RETRIES = 2
"""How often a run that waits for a bank tries a record again."""


@define
class WorkerPool:
    """Handles records, `size` at a time, until none is left or the pool stops."""

    size: int
    progress: Progress | None = None
    announcer: WaitAnnouncer = field(factory=WaitAnnouncer)
    wait: float = 0.0
    """How many seconds to wait for a bank that is down; 0 stops the run instead."""
    slots: asyncio.Semaphore = field(kw_only=True)
    """How many records are in flight at a time; pools may share them."""
    bank_failures: int = field(init=False, default=0)
    """How many requests failed because of the bank and not because of a record."""
    outage: Outage | None = field(init=False, default=None)
    """The failure of a bank that stopped the pool."""
    stopped: str | None = field(init=False, default=None)
    """Why the pool stopped early, as a sentence."""
    is_stopping: bool = field(init=False, default=False)
    """True once the pool starts no further record."""
    _fatal: AnybankError | None = field(init=False, default=None)
    _requeued: deque[Record] = field(init=False, factory=deque)
    _retries: Counter[int] = field(init=False, factory=Counter)
    _done: int = field(init=False, default=0)
    _uninterrupted: set[asyncio.Task[Any] | None] = field(init=False, factory=set)

    @slots.default
    def _own_slots(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(self.size)

    def stop(self, reason: str) -> None:
        """Start no further record; the first *reason* becomes `stopped`."""
        self.is_stopping = True
        self.stopped = self.stopped or reason

    def stop_for_outage(self, outage: Outage, reason: str) -> None:
        """Start no further record, because a bank is down."""
        self.outage = self.outage or outage
        self.stop(reason)

    def abort(self, error: AnybankError) -> None:
        """Start no further record; raise *error* once the workers have finished."""
        self.is_stopping = True
        self._fatal = self._fatal or error

    def abort_if_fatal(self, error: AnybankError) -> bool:
        """Abort for an error that every record would meet; return whether it is one."""
        is_fatal = isinstance(error, FATAL_ERRORS)
        if is_fatal:
            self.abort(error)
        return is_fatal

    def requeue(self, record: Record) -> bool:
        """Put a record at the end of the queue; return False where it may not retry."""
        is_final = self._retries[record.number] >= _MAX_RETRIES
        if not self.wait or self.is_stopping or is_final:
            return False
        self._retries[record.number] += 1
        self._requeued.append(record)
        return True

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Let the worker finish this block when the run is interrupted.

        The block reaches from the intent of a request to its outcome. A worker that is
        outside of it, waiting for the rate limit for example, is cancelled immediately.
        """
        task = asyncio.current_task()
        self._uninterrupted.add(task)
        try:
            yield
        finally:
            self._uninterrupted.discard(task)

    async def process(
        self,
        records: Iterator[Record],
        handle: Callable[[Record], Awaitable[None]],
        *,
        total: int,
        action: str,
    ) -> None:
        """Await `handle` for each record; when cancelled, finish what is in flight.

        An error of one record ends the run in the same way. A task group would not do: it
        cancels the other tasks where one of them fails.
        """

        async def worker() -> None:
            while True:
                async with self.slots:  # the record is chosen once there is a slot
                    record = self._next_record(records)
                    if record is None:
                        return
                    await handle(record)
                self._done += 1
                if self.progress:
                    self.progress(self._done, total, action)

        self._done = 0
        size = min(self.size, total or self.size)  # 0 where nobody has counted them
        workers = [asyncio.create_task(worker()) for _ in range(size)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            # A worker that failed or was cancelled stops all of them. Then every worker is
            # awaited, because its outcome must reach the journal.
            if not all(task.done() and not _error(task) for task in workers):
                self._cancel_interruptible(workers)
            await asyncio.wait(workers)
            errors = [error for task in workers if (error := _error(task))]
        for error in (*errors, self._fatal):
            if error:
                raise error

    def _next_record(self, records: Iterator[Record]) -> Record | None:
        if self.is_stopping:
            return None
        # The requeued records come last: a bank that was down may have recovered by then.
        record = next(records, None)
        if record is None and self._requeued:
            return self._requeued.popleft()
        return record

    def _cancel_interruptible(self, workers: Collection[asyncio.Task[None]]) -> None:
        """Cancel the workers without a request in flight: they may wait for minutes."""
        self.is_stopping = True
        for task in workers:
            if task not in self._uninterrupted:
                task.cancel()


def _error(worker: asyncio.Task[None]) -> BaseException | None:
    return None if worker.cancelled() else worker.exception()


def create_pool(
    concurrency: int | None,
    progress: Progress | None,
    wait: Wait | None,
    notices: Notices | None,
) -> WorkerPool:
    """Return the worker pool for the arguments of a command."""
    size = concurrency or DEFAULT_CONCURRENCY
    return WorkerPool(size, progress, WaitAnnouncer(notices), parse_wait(wait))


def announced_timing(side: Side, pool: WorkerPool) -> Timing:
    """Return the timing of a side; the pool announces its long sleeps."""
    title = side.adapter.capabilities.title
    return pool.announcer.announced_timing(side.timing, title)
