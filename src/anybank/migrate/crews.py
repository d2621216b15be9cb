"""Several at work on records at once, who finish what they hold before they stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from attrs import define, field

from ..errors import AnybankError
from .journal import Record

Progress: TypeAlias = Callable[[int, int | None, str], None]

_PATIENCE = 2
"""How many records in a row, for each at work, may fail to be tried at all."""


@define
class Crew:
    """Works on records, `size` at a time, until there are none or it is told to stop."""

    size: int
    progress: Progress | None = None
    stopped: str | None = field(init=False, default=None)
    """Why it stopped before the end."""
    _is_stopping: bool = field(init=False, default=False)
    _fatal: AnybankError | None = field(init=False, default=None)
    _setbacks: int = field(init=False, default=0)
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

    def set_back(self, error: AnybankError) -> None:
        """Leave a record for later; give up where none can be tried any more."""
        self._setbacks += 1
        if self._setbacks >= _PATIENCE * self.size:
            self.give_up(error)

    def succeed(self) -> None:
        """Note that records can be tried."""
        self._setbacks = 0

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
            while not self._is_stopping and (record := next(records, None)):
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
