"""Several at work on records at once, who finish what they hold before they stop."""

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
from .create_errors import ENDS_THE_RUN
from .outages import Notices, Outage, Wait, Waits, seconds_of

Progress: TypeAlias = Callable[[int, int | None, str], None]

_AGAIN = 2
"""How often a record that a bank failed over is tried again in a run that waits."""


AT_ONCE = 16
"""How many records are in flight at a time: as many may be in doubt after a crash."""


@define
class WorkerPool:
    """Works on records, `size` at a time, until there are none or it is told to stop."""

    size: int
    progress: Progress | None = None
    waits: Waits = field(factory=Waits)
    wait: float = 0.0
    """For how many seconds to wait for a bank that fails for everybody; 0 ends the run."""
    bank_failures: int = field(init=False, default=0)
    """How many requests failed for a reason of the bank's, and of no record's."""
    outage: Outage | None = field(init=False, default=None)
    """The failure of a bank that stopped it."""
    stopped: str | None = field(init=False, default=None)
    """Why it stopped before the end."""
    _is_stopping: bool = field(init=False, default=False)
    _fatal: AnybankError | None = field(init=False, default=None)
    _later: deque[Record] = field(init=False, factory=deque)
    _tries: Counter[int] = field(init=False, factory=Counter)
    _done: int = field(init=False, default=0)
    _finishing: set[asyncio.Task[Any] | None] = field(init=False, factory=set)

    @property
    def is_stopping(self) -> bool:
        """True once nothing new is to be begun."""
        return self._is_stopping

    def stop(self, why: str) -> None:
        """Begin nothing new, and say why."""
        self._is_stopping = True
        self.stopped = self.stopped or why

    def give_up(self, error: AnybankError) -> None:
        """Begin nothing new; the error is raised when all have finished."""
        self._is_stopping = True
        self._fatal = self._fatal or error

    def stop_for(self, outage: Outage, why: str) -> None:
        """Begin nothing new, as a bank fails for everybody."""
        self.outage = self.outage or outage
        self.stop(why)

    def ends(self, error: AnybankError) -> bool:
        """Give up, and return True, where no other record would fare better."""
        if isinstance(error, ENDS_THE_RUN):
            self.give_up(error)
        return isinstance(error, ENDS_THE_RUN)

    def try_later(self, record: Record) -> bool:
        """Put a record at the end; return False where it was tried often enough."""
        if not self.wait or self._is_stopping or self._tries[record.number] >= _AGAIN:
            return False
        self._tries[record.number] += 1
        self._later.append(record)
        return True

    def _next(self, records: Iterator[Record]) -> Record | None:
        record = next(records, None)
        return self._later.popleft() if record is None and self._later else record

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Let the worker come to the end of this context when the run is interrupted.

        From the intent to the outcome of a request, that is: elsewhere, such as while it
        waits for the rate limit, a worker is cancelled.
        """
        task = asyncio.current_task()
        self._finishing.add(task)
        try:
            yield
        finally:
            self._finishing.discard(task)

    async def work(
        self,
        records: Iterator[Record],
        do: Callable[[Record], Awaitable[None]],
        *,
        total: int,
        what: str,
    ) -> None:
        """Do something with each record; when cancelled, finish what is in flight."""

        async def worker() -> None:
            while not self._is_stopping and (record := self._next(records)):
                await do(record)
                self._done += 1
                if self.progress:
                    self.progress(self._done, total, what)

        self._done = 0
        workers = [asyncio.create_task(worker()) for _ in range(self.size)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        except asyncio.CancelledError:
            self._cancel_idle(workers)
            raise
        finally:
            self._is_stopping = self._is_stopping or not all(
                each.done() and not _error(each) for each in workers
            )
            await asyncio.wait(workers)
        errors = [error for each in workers if (error := _error(each))]
        for error in (*errors, self._fatal):
            if error:
                raise error

    def _cancel_idle(self, workers: Collection[asyncio.Task[None]]) -> None:
        """Cancel the workers that have nothing in flight: they may wait for long."""
        self._is_stopping = True
        for each in workers:
            if each not in self._finishing:
                each.cancel()


def _error(worker: asyncio.Task[None]) -> BaseException | None:
    return None if worker.cancelled() else worker.exception()


def create_pool(
    concurrency: int | None,
    progress: Progress | None,
    wait: Wait | None,
    notices: Notices | None,
) -> WorkerPool:
    """Return who works on the records of a command."""
    size = concurrency or AT_ONCE
    return WorkerPool(size, progress, Waits(notices), seconds_of(wait))


def announced_timing(side: Side, pool: WorkerPool) -> Timing:
    """Return the timing of a bank, whose long waits are announced."""
    return pool.waits.announced_timing(side.timing, side.adapter.capabilities.title)
