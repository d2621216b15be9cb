"""Pools of httpx's, each small: what AsyncBank sends through without aiohttp."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpx
from attrs import define

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


class Pools(httpx.AsyncBaseTransport):
    """Small pools of httpx's, a further one made when the others are busy."""

    def __init__(self, tls: ssl.SSLContext, max_connections: int) -> None:
        self._tls = tls
        self._limit = max_connections
        self._pools: list[_Pool] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the first pool that has room."""
        pool = self._free()
        pool.busy += 1
        try:
            answer = await pool.transport.handle_async_request(request)
        except BaseException:
            pool.busy -= 1
            raise
        answer.stream = _Body(answer.stream, pool)  # type: ignore[arg-type] # async
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        for pool in self._pools:
            await pool.transport.aclose()

    def _free(self) -> _Pool:
        """Return a pool with room, or the least busy where there are enough pools."""
        for pool in self._pools:
            if pool.busy < _WIDTH:
                return pool
        left = self._limit - _WIDTH * len(self._pools)
        if left > 0:
            limits = httpx.Limits(max_connections=min(left, _WIDTH))
            made = httpx.AsyncHTTPTransport(verify=self._tls, limits=limits)
            self._pools.append(_Pool(made))
            return self._pools[-1]
        return min(self._pools, key=lambda pool: pool.busy)
