"""Run the coroutine of a command, also where an event loop is already running.

The commands are plain functions, because people call them from scripts, notebooks and web
handlers. Ctrl-C reaches the coroutine as a cancellation, so that requests in flight finish
and are recorded, and the caller gets KeyboardInterrupt once they are.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from attrs import define, field

from .signals import cancelled_by_signal, interruption

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine and return its result.

    A notebook or a web handler has a running loop, in which no second loop can run. There
    the coroutine runs in a thread with its own loop.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run_here(coroutine)
    return _Thread[T](coroutine).result()


def _run_here(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in this thread; in a `draining` context a signal cancels it."""
    try:
        return asyncio.run(_drained(coroutine))
    except asyncio.CancelledError:
        if (interrupted := interruption()) is None:
            raise
    raise interrupted  # outside of the handler, so without the cancellation as context


async def _drained(coroutine: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    if task is None:
        raise TypeError
    with cancelled_by_signal(task):
        return await coroutine


@define
class _Thread(Generic[T]):
    """A coroutine in its own thread, which Ctrl-C in the calling thread cancels once."""

    coroutine: Coroutine[Any, Any, T]
    _future: Future[T] = field(factory=Future, init=False)
    _lock: Lock = field(factory=Lock, init=False)
    _is_started: bool = field(default=False, init=False)
    _is_cancelled: bool = field(default=False, init=False)
    _cancel: Callable[[], object] | None = field(default=None, init=False)

    def result(self) -> T:
        """Run the coroutine; on Ctrl-C cancel it, and wait until it has ended."""
        # A thread starts with an empty context, which would lose the operator and the name
        # of the command for the log.
        work = partial(contextvars.copy_context().run, self._run)
        try:
            # Not in an executor: Ctrl-C during submit() would leave the work running with
            # no future to wait for.
            Thread(target=work, name="anybank-migrate").start()
            return self._future.result()
        except KeyboardInterrupt:
            if self._cancelled():
                wait([self._future])
            raise

    def _run(self) -> None:
        # Ctrl-C may come before the thread runs, before its loop exists, or later. The lock
        # makes each of the three states visible to `_cancelled`.
        with self._lock:
            if self._is_cancelled:
                return
            self._is_started = True
        try:
            self._future.set_result(asyncio.run(self._main()))
        except BaseException as error:  # noqa: BLE001  # the calling thread raises it
            self._future.set_exception(error)

    async def _main(self) -> T:
        loop = asyncio.get_running_loop()
        task = loop.create_task(self.coroutine)
        with self._lock:
            self._cancel = partial(loop.call_soon_threadsafe, task.cancel)
            if self._is_cancelled:
                task.cancel()
        return await task

    def _cancelled(self) -> bool:
        """Cancel the coroutine; return whether it was started and its end must be awaited."""
        with self._lock:
            self._is_cancelled = True
            if not self._is_started:
                self.coroutine.close()  # or Python warns that it was never awaited
            elif self._cancel is not None:
                with suppress(RuntimeError):  # the coroutine has ended meanwhile
                    self._cancel()
            return self._is_started
