"""Several small connection pools of httpx: the transport of AsyncBank without aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
from attrs import define, field

from ..per_process import PerProcess, import_early
from .endpoint import Endpoint
from .httpx_connections import transport_arguments
from .per_loop import PerLoop
from .streams import AsyncBackend, add_async_deadlines

_POOL_SIZE = 5
"""Connections per pool: httpcore compares all its requests with all its connections
whenever a request is added or removed."""
_IMPORTED_LATE = ("sniffio", "anyio._backends._asyncio", "anyio.streams.tls")
"""What httpcore and anyio import during the first request."""


@define(eq=False)
class _Pool:
    """One pool of httpx and the number of its running requests."""

    transport: httpx.AsyncHTTPTransport
    busy: int = 0


@define(eq=False)
class _Body(httpx.AsyncByteStream):
    """A response body that keeps its pool busy until it is closed."""

    stream: httpx.AsyncByteStream
    pool: _Pool
    closed: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.stream:
            yield chunk

    async def aclose(self) -> None:
        if not self.closed:  # counted once, however often the stream is closed
            self.closed = True
            self.pool.busy -= 1
            await self.stream.aclose()


@define(eq=False)
class _LoopPools:
    """The pools of one event loop, with at most `limit` connections in total."""

    arguments: dict[str, Any]
    limit: int
    width: int
    backend: AsyncBackend | None = None
    pools: list[_Pool] = field(factory=list)

    def free(self) -> _Pool:
        """Return a pool with a free connection, else the least busy one."""
        for pool in self.pools:
            if pool.busy < self.width:
                return pool
        left = self.limit - self.width * len(self.pools)
        if left > 0:
            limits = httpx.Limits(max_connections=min(left, self.width))
            transport = httpx.AsyncHTTPTransport(**{**self.arguments, "limits": limits})
            # One backend for all pools, because it knows the sockets of the loop.
            self.backend = add_async_deadlines(transport, self.backend)
            self.pools.append(_Pool(transport))
            return self.pools[-1]
        return min(self.pools, key=lambda pool: pool.busy)

    async def aclose(self) -> None:
        for pool in self.pools:
            await pool.transport.aclose()

    def sockets(self) -> list[Any]:
        return self.backend.sockets() if self.backend else []


class ConnectionPools(httpx.AsyncBaseTransport):
    """A transport over small pools of httpx; it adds a pool when the others are busy.

    Each event loop of each process has its own pools. Behind a proxy there is one large
    pool, because all connections go to the proxy. Raises ConfigurationError if the
    environment's certificates or proxy are invalid.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._limit = endpoint.http.max_connections
        # A child process builds its own: it must not continue its parent's TLS
        # sessions.
        self._arguments = PerProcess(lambda: transport_arguments(endpoint))
        self._arguments.value()  # raise for a wrong certificate before the first request
        self._loops = PerLoop(self._create, _LoopPools.aclose, _LoopPools.sockets)
        import_early(*_IMPORTED_LATE)

    def _create(self) -> _LoopPools:
        arguments = self._arguments.value()
        width = self._limit if arguments["proxy"] else _POOL_SIZE
        return _LoopPools(arguments, self._limit, width)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the first pool with a free connection."""
        pool = self._loops.value().free()
        pool.busy += 1
        try:
            response = await pool.transport.handle_async_request(request)
        except BaseException:
            pool.busy -= 1
            raise
        response.stream = _Body(response.stream, pool)  # type: ignore[arg-type] # async
        return response

    async def aclose(self) -> None:
        """Close the connections of this process."""
        await self._loops.aclose()
