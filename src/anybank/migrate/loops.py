"""Running a command's coroutine, also where an event loop is running already."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any, Generic, TypeVar

from attrs import define, field

from .drains import cancelled_by_signal, interruption

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result.

    A notebook or a web handler has a running loop, in which no other can run: there the
    coroutine gets a thread with a loop of its own.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(coroutine)
    with ThreadPoolExecutor(1, "anybank-migrate") as threads:
        task = _Task[T](coroutine)
        future = threads.submit(contextvars.copy_context().run, task.run)
        try:
            return future.result()
        except KeyboardInterrupt:
            task.cancel()  # and wait, as asyncio.run does on Ctrl-C
            raise


def _run_here(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in this thread, drained by a signal where that is wanted."""
    try:
        return asyncio.run(_drained(coroutine))
    except asyncio.CancelledError:
        if (interrupted := interruption()) is None:
            raise
    raise interrupted


async def _drained(coroutine: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    if task is None:
        raise TypeError
    with cancelled_by_signal(task):
        return await coroutine


@define
class _Task(Generic[T]):
    """A coroutine in another thread, which can be cancelled from this one."""

    coroutine: Coroutine[Any, Any, T]
    _started: Event = field(factory=Event, init=False)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _task: asyncio.Task[T] = field(init=False)

    def run(self) -> T:
        return asyncio.run(self._main())

    async def _main(self) -> T:
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self.coroutine)
        self._started.set()
        return await self._task

    def cancel(self) -> None:
        self._started.wait()
        with suppress(RuntimeError):  # it has ended meanwhile
            self._loop.call_soon_threadsafe(self._task.cancel)
