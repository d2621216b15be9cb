"""Pools of httpx's, each small: what AsyncBank sends through without aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
from attrs import define, field

from ..per_process import PerProcess
from .httpx_sync import Endpoint, own_transport
from .per_loop import PerLoop
from .streams import AsyncBackend, with_async_deadlines

_WIDTH = 5
"""Connections of one pool: httpx's search grows with the square of them."""


@define(eq=False)
class _Pool:
    """A pool of httpx's, and how many requests it has under way."""

    transport: httpx.AsyncHTTPTransport
    busy: int = 0


@define(eq=False)
class _Body(httpx.AsyncByteStream):
    """A body whose pool is busy until it is closed."""

    stream: httpx.AsyncByteStream
    pool: _Pool
    closed: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.stream:
            yield chunk

    async def aclose(self) -> None:
        if not self.closed:
            self.closed = True
            self.pool.busy -= 1
            await self.stream.aclose()


@define(eq=False)
class _LoopPools:
    """The pools of one event loop, at most `limit` connections wide together."""

    arguments: dict[str, Any]
    limit: int
    width: int
    backend: AsyncBackend | None = None
    pools: list[_Pool] = field(factory=list)

    def free(self) -> _Pool:
        """Return a pool with room, or the least busy where there are enough pools."""
        for pool in self.pools:
            if pool.busy < self.width:
                return pool
        left = self.limit - self.width * len(self.pools)
        if left > 0:
            limits = httpx.Limits(max_connections=min(left, self.width))
            made = httpx.AsyncHTTPTransport(**{**self.arguments, "limits": limits})
            self.backend = with_async_deadlines(made, self.backend)
            self.pools.append(_Pool(made))
            return self.pools[-1]
        return min(self.pools, key=lambda pool: pool.busy)

    async def aclose(self) -> None:
        for pool in self.pools:
            await pool.transport.aclose()

    def sockets(self) -> list[Any]:
        return self.backend.sockets() if self.backend else []


class Pools(httpx.AsyncBaseTransport):
    """Small pools of httpx's, a further one made when the others are busy.

    Each event loop of each process has its own. Through a proxy there is one wide pool:
    each connection of it leads to the proxy. Raises ConfigurationError where the
    environment's certificates or proxy are wrong.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._limit = endpoint.http.max_connections
        self._arguments = PerProcess(lambda: own_transport(endpoint))
        self._arguments.value()
        self._loops = PerLoop(self._create, _LoopPools.aclose, _LoopPools.sockets)

    def _create(self) -> _LoopPools:
        arguments = self._arguments.value()
        width = self._limit if arguments["proxy"] else _WIDTH
        return _LoopPools(arguments, self._limit, width)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the first pool that has room."""
        pool = self._loops.value().free()
        pool.busy += 1
        try:
            answer = await pool.transport.handle_async_request(request)
        except BaseException:
            pool.busy -= 1
            raise
        answer.stream = _Body(answer.stream, pool)  # type: ignore[arg-type] # async
        return answer

    async def aclose(self) -> None:
        """Close the connections of this process."""
        await self._loops.aclose()
