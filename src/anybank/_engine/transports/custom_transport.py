"""Use the caller's own transport in one process and one event loop only.

The library can neither copy nor inspect such a transport. If it opens connections, it
belongs to the process and event loop of its first request: anywhere else nothing is sent
through it, because its sockets would be shared. A fake opens none and works anywhere.
"""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import ReferenceType, ref

import httpx

from ..per_process import WrongProcessOrLoop, abandon, watch

T = TypeVar("T")

_FAKES = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
_CLIENTS = ("aiohttp", "curl_cffi", "httpcore", "requests", "socket", "ssl", "urllib3")
"""Libraries that open connections: a transport that holds one of their objects does too."""

_DEPTH = 2
"""How many wrappers to look into: a transport may hold a client that holds a session."""

_FORKED = (
    "the transport= of this bank was used before this process was forked. Create the "
    "bank and its transport in each process, or omit transport=."
)
_OTHER_LOOP = (
    "the transport= of this bank was used in another event loop. Create the bank and "
    "its transport in each loop, or omit transport=."
)


class CustomTransport(Generic[T]):
    """The caller's transport, with the process and event loop that may use it."""

    def __init__(
        self,
        transport: T,
        find_loop: Callable[[], AbstractEventLoop | None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._find_loop = find_loop
        self._connects = _opens_connections(transport, _DEPTH)
        self._pid: int | None = None
        # Weak, so that a bank does not keep a finished loop alive.
        self._loop: ReferenceType[AbstractEventLoop] | None = None
        if self._connects:
            watch(self)

    def value(self) -> T:
        """Return the transport; raises WrongProcessOrLoop anywhere else."""
        if self._connects:
            loop = self._find_loop()
            if self._pid is None:
                self._pid, self._loop = os.getpid(), ref(loop) if loop else None
            if reason := self._misplaced(loop):
                raise WrongProcessOrLoop(reason)
        return self._transport

    def existing(self) -> T | None:
        """Return the transport if it may be closed here, else None."""
        if self._pid is None or not self._misplaced(self._find_loop()):
            return self._transport
        abandon(self._transport)
        return None

    def _misplaced(self, loop: AbstractEventLoop | None) -> str | None:
        if self._pid != os.getpid():
            return _FORKED
        used = self._loop() if self._loop else None
        return _OTHER_LOOP if used is not loop else None

    def abandon_inherited(self) -> None:
        """Keep a transport that another process used, without touching it again."""
        if self._pid not in (None, os.getpid()):
            abandon(self._transport)


def _opens_connections(value: object, depth: int) -> bool:
    """Return whether a transport, or an object that it wraps, opens connections."""
    if isinstance(value, _FAKES):
        return False
    if isinstance(value, (httpx.HTTPTransport, httpx.AsyncHTTPTransport)):
        return True
    if type(value).__module__.partition(".")[0] in _CLIENTS:
        return True
    attributes = list(getattr(value, "__dict__", {}).values()) if depth else []
    return any(_opens_connections(wrapped, depth - 1) for wrapped in attributes)
