"""Ending a command early on a signal: requests in flight finish and are recorded first.

A library installs no signal handlers, so the commands of `anybank.migrate` install none.
The command line calls them inside `draining()`, and other programs can do the same.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from attrs import define, field

from ..errors import ConfigurationError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """Raised where SIGTERM ended a command early; `signum` is the number of the signal."""

    signum: int = int(signal.SIGTERM)


@define
class _Drain:
    """Handles the signals of one `draining` context."""

    received: int | None = field(init=False, default=None)
    loop: asyncio.AbstractEventLoop | None = field(init=False, default=None)
    task: asyncio.Task[Any] | None = field(init=False, default=None)

    def handle(self, signum: int, _frame: FrameType | None) -> None:
        """Cancel the running command; a second signal ends the process immediately."""
        if self.received is not None:
            # Not sys.exit: its exception would be caught by the code that drains.
            os._exit(128 + signum)
        self.received = signum
        if self.loop is None or self.task is None:
            raise self.interruption  # no command is running, so nothing is in flight
        # A handler runs between two bytecodes of the main thread, perhaps inside the loop:
        # only the thread-safe call also wakes a loop that is waiting for a response.
        self.loop.call_soon_threadsafe(self.task.cancel)

    @property
    def interruption(self) -> KeyboardInterrupt:
        return Terminated() if self.received == signal.SIGTERM else KeyboardInterrupt()


_current: list[_Drain] = []


@contextmanager
def draining() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C drain the commands of this context, as the CLI does.

    The first signal starts no new record, finishes and records what is in flight, then
    raises Terminated (SIGTERM) or KeyboardInterrupt (Ctrl-C); a second signal ends the
    process immediately, with 128 plus its number. An ignored Ctrl-C stays ignored. The
    earlier handlers return with the context's end. Raises ConfigurationError outside the
    main thread, where Python allows no signal handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        raise ConfigurationError(
            "draining() works only in the main thread: call it there, or leave it out"
        )
    drain = _Drain()
    # A shell without job control lets its background jobs ignore SIGINT, as they should.
    earlier = {
        number: signal.signal(number, drain.handle)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    _current.append(drain)
    try:
        yield
    finally:
        _current.remove(drain)
        for number, handler in earlier.items():
            # None stands for a handler that was not installed from Python
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def cancelled_by_signal(task: asyncio.Task[Any]) -> Iterator[None]:
    """Let a signal cancel a task of the running loop, in a `draining` context."""
    if not _current:
        yield
        return
    drain = _current[-1]
    drain.loop, drain.task = asyncio.get_running_loop(), task
    try:
        yield
    finally:
        drain.loop = drain.task = None


def interruption() -> KeyboardInterrupt | None:
    """Return the exception to raise after a signal, or None without a signal."""
    drain = _current[-1] if _current else None
    return drain.interruption if drain and drain.received is not None else None
