"""Keep one value per event loop and process, such as a connection pool."""

from __future__ import annotations

import asyncio
import os
from asyncio import AbstractEventLoop
from asyncio.trsock import TransportSocket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from attrs import frozen

from ..per_process import WrongProcessOrLoop, abandon, import_early, watch

T = TypeVar("T")


@frozen(eq=False)
class _Entry(Generic[T]):
    # A strong reference: while it exists, no other loop can get the id in the entry's
    # key.
    loop: AbstractEventLoop
    value: T
    guard: AsyncGenerator[None, None]


class PerLoop(Generic[T]):
    """One value for each event loop of each process.

    A value is closed on its own loop: by `aclose`, or when the loop shuts down its
    asynchronous generators, as `asyncio.run` does. If a loop was closed without that,
    the sockets that `sockets` returns are closed.
    """

    def __init__(
        self,
        create: Callable[[], T],
        close: Callable[[T], Awaitable[None]],
        sockets: Callable[[T], Iterable[Any]],
    ) -> None:
        self._create = create
        self._close = close
        self._sockets = sockets
        self._entries: dict[tuple[int, int], _Entry[T]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        import_early("concurrent.futures.thread")  # asyncio's, to look up a host
        watch(self)

    def value(self) -> T:
        """Return the running loop's value; raises WrongProcessOrLoop without a loop."""
        try:
            key = os.getpid(), id(asyncio.get_running_loop())
        except RuntimeError:
            key = 0, 0  # no entry has this key, and `_open` raises
        entry = self._entries.get(key)
        return self._open().value if entry is None else entry.value

    def _open(self) -> _Entry[T]:
        loop = running_loop()
        self.abandon_inherited()
        self._discard_closed()
        key, value = (os.getpid(), id(loop)), self._create()
        # asyncio has no hook for "before this loop closes", but it closes the
        # asynchronous generators that were started in the loop: `asyncio.run` calls
        # `loop.shutdown_asyncgens`. The first step awaits nothing, so it can run here.
        guard = self._until_shutdown(key, value)
        with suppress(StopIteration):
            guard.__anext__().send(None)
        entry = self._entries[key] = _Entry(loop, value, guard)
        return entry

    async def _until_shutdown(
        self, key: tuple[int, int], value: T
    ) -> AsyncGenerator[None, None]:
        """Close a value when this generator ends; the loop ends it before closing."""
        try:
            yield
        finally:
            self._entries.pop(key, None)
            await self._close(value)
            # The transports of asyncio close their sockets in the next iteration.
            await asyncio.sleep(0)

    def abandon_inherited(self) -> None:
        """Keep the values of other processes, without touching them again."""
        for key in [key for key in list(self._entries) if key[0] != os.getpid()]:
            abandon(self._entries.pop(key, None))

    def _discard_closed(self) -> None:
        for key, entry in list(self._entries.items()):
            if entry.loop.is_closed():
                self._entries.pop(key, None)
                self._discard(entry)

    def _discard(self, entry: _Entry[T]) -> None:
        """Close the sockets of a closed loop; closing their owner would raise and warn."""
        for sock in self._sockets(entry.value):
            if isinstance(sock, TransportSocket) and sock.fileno() >= 0:
                os.close(sock.fileno())  # a TransportSocket has no `close`
        # The destructor of the real socket would close the same number again, which may
        # belong to another file by then.
        abandon(entry)

    async def aclose(self) -> None:
        """Close the values of all loops; those of other threads are scheduled to close."""
        self.abandon_inherited()
        running = running_loop()
        for entry in list(self._entries.values()):
            if entry.loop is running:
                await _end(entry.guard)
                continue
            with suppress(RuntimeError):  # the loop was closed in the meantime
                entry.loop.call_soon_threadsafe(self._end_soon, entry)
        self._discard_closed()

    def _end_soon(self, entry: _Entry[T]) -> None:
        task = entry.loop.create_task(_end(entry.guard))
        # A loop keeps only a weak reference to its tasks.
        # https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _end(guard: AsyncGenerator[None, None]) -> None:
    with suppress(RuntimeError):  # the loop is closing it already
        await guard.aclose()


def running_loop() -> AbstractEventLoop:
    """Return the loop of the current task; raises WrongProcessOrLoop without one."""
    with suppress(RuntimeError):
        if (task := asyncio.current_task()) is not None:
            return task.get_loop()
    raise WrongProcessOrLoop("no asyncio event loop is running a task here")
