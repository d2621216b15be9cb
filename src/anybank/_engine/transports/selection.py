"""What AsyncBank sends over: aiohttp where it is installed, else pools of httpx's."""

from __future__ import annotations

from typing import Protocol

import httpx

from ...adapter.wire import Failure, Request, Response
from ...errors import ConfigurationError
from .connection_pools import Pools
from .httpx_async import AsyncWire
from .httpx_sync import Endpoint
from .proxies import Proxy


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
    """Return a connection over the caller's transport, or over the engine of choice.

    Raises ConfigurationError where the engine, the certificates or the proxy do not work.
    """
    if transport is not None:
        return AsyncWire(endpoint, transport)
    engine, proxy = endpoint.http.engine, endpoint.proxy()
    if engine == "aiohttp" and proxy is not None and proxy.is_socks:
        raise ConfigurationError(
            f"{proxy.named}: aiohttp does not support SOCKS proxies. Use the engine "
            "httpx, or an http:// proxy."
        )
    if engine == "aiohttp" or (engine == "auto" and proxy is None):
        wire = _over_aiohttp(endpoint, proxy)
        if wire is not None:
            return wire
    if engine == "aiohttp":
        raise ConfigurationError(
            "the engine aiohttp is not installed. Run `pip install anybank[fast]`, or "
            "use the engine httpx."
        )
    return AsyncWire(endpoint, Pools(endpoint), is_own=True)


def _over_aiohttp(endpoint: Endpoint, proxy: Proxy | None) -> AsyncConnection | None:
    try:
        from .aiohttp_async import AiohttpWire  # noqa: PLC0415 # an extra, and heavy
    except ImportError:
        return None
    return AiohttpWire(endpoint, proxy)
