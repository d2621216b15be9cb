"""What AsyncBank sends over: aiohttp where it is installed, else pools of httpx's."""

from __future__ import annotations

from typing import Protocol

import httpx

from ._httpx import AsyncWire, Endpoint
from ._pools import Pools
from .wire import Failure, Request, Response


class AsyncConnection(Protocol):
    """An asynchronous connection to one endpoint."""

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def connection(
    endpoint: Endpoint, transport: httpx.AsyncBaseTransport | None
) -> AsyncConnection:
    """Return the quickest connection there is, but for a transport of the caller's own."""
    if transport is not None:
        return AsyncWire(endpoint, transport)
    if proxy := endpoint.proxy():  # httpx's own transport is the one that knows them
        return AsyncWire(endpoint, httpx.AsyncHTTPTransport(proxy=proxy))
    try:
        from ._aiohttp import AiohttpWire  # noqa: PLC0415 # an extra, and heavy
    except ImportError:
        return AsyncWire(endpoint, Pools())
    return AiohttpWire(endpoint)
