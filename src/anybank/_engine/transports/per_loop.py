"""What belongs to one event loop of one process."""

from __future__ import annotations

import asyncio
import os
from asyncio import AbstractEventLoop
from asyncio.trsock import TransportSocket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from attrs import frozen

from ..per_process import WrongPlace, abandon, watch

T = TypeVar("T")


@frozen(eq=False)
class _Entry(Generic[T]):
    loop: AbstractEventLoop
    value: T
    guard: AsyncGenerator[None, None]


class PerLoop(Generic[T]):
    """A value of which each event loop of each process has its own.

    It is closed on its loop: by `aclose`, or when the loop shuts its asynchronous
    generators down, as `asyncio.run` does. Of a loop that was closed without that, the
    sockets that `sockets` returns are closed.
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
        watch(self)

    def value(self) -> T:
        """Return the running loop's value; raises WrongPlace where none is running."""
        try:
            key = os.getpid(), id(asyncio.get_running_loop())
        except RuntimeError:
            key = 0, 0
        entry = self._entries.get(key)
        return self._opened().value if entry is None else entry.value

    def _opened(self) -> _Entry[T]:
        loop = running_loop()
        self.abandon_inherited()
        self._discard_closed()
        key, value = (os.getpid(), id(loop)), self._create()
        guard = self._until_shutdown(key, value)
        with suppress(StopIteration):  # its first step awaits nothing
            guard.__anext__().send(None)
        entry = self._entries[key] = _Entry(loop, value, guard)
        return entry

    async def _until_shutdown(
        self, key: tuple[int, int], value: T
    ) -> AsyncGenerator[None, None]:
        """Close a value when this generator ends: the loop ends it before it closes."""
        try:
            yield
        finally:
            self._entries.pop(key, None)
            await self._close(value)
            await asyncio.sleep(0)  # transports close their sockets in the next round

    def abandon_inherited(self) -> None:
        """Keep what other processes created, and never touch it again."""
        for key in [key for key in list(self._entries) if key[0] != os.getpid()]:
            abandon(self._entries.pop(key, None))

    def _discard_closed(self) -> None:
        for key, entry in list(self._entries.items()):
            if entry.loop.is_closed():
                self._entries.pop(key, None)
                self._discard(entry)

    def _discard(self, entry: _Entry[T]) -> None:
        """Free the sockets of a closed loop; what held them would raise, and warn."""
        for sock in self._sockets(entry.value):
            if isinstance(sock, TransportSocket) and sock.fileno() >= 0:
                os.close(sock.fileno())
        abandon(entry)

    async def aclose(self) -> None:
        """Close the values of all loops: of other threads' loops, soon."""
        self.abandon_inherited()
        running = running_loop()
        for entry in list(self._entries.values()):
            if entry.loop is running:
                await _end(entry.guard)
                continue
            with suppress(RuntimeError):  # it closed meanwhile
                entry.loop.call_soon_threadsafe(self._end_soon, entry)
        self._discard_closed()

    def _end_soon(self, entry: _Entry[T]) -> None:
        task = entry.loop.create_task(_end(entry.guard))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _end(guard: AsyncGenerator[None, None]) -> None:
    with suppress(RuntimeError):  # the loop is ending it already
        await guard.aclose()


def running_loop() -> AbstractEventLoop:
    """Return the loop of this task; raises WrongPlace where there is none."""
    with suppress(RuntimeError):
        if (task := asyncio.current_task()) is not None:
            return task.get_loop()
    raise WrongPlace("no asyncio event loop is running a task here")
