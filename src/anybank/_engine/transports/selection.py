"""Choose the transport of a bank: the caller's own, aiohttp or httpx."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import httpx

from ...adapter.wire import Failure, Request, Response
from ...errors import ConfigurationError
from .connection_pools import ConnectionPools
from .endpoint import Endpoint
from .httpx_connections import AsyncHttpxConnection, HttpxConnection
from .proxies import Proxy

SyncConnection: TypeAlias = HttpxConnection


class AsyncConnection(Protocol):
    """Asynchronous connections to one endpoint."""

    async def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure:
        """Send a request and read the whole response."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


def connect(
    endpoint: Endpoint, transport: httpx.BaseTransport | None
) -> HttpxConnection:
    """Return a connection over the caller's transport or over httpx."""
    return HttpxConnection(endpoint, transport)


def connect_async(
    endpoint: Endpoint, transport: httpx.AsyncBaseTransport | None
) -> AsyncConnection:
    """Return a connection over the caller's transport or over the configured engine.

    Raises ConfigurationError if the engine, the certificates or the proxy are unusable.
    """
    if transport is not None:
        return AsyncHttpxConnection(endpoint, transport)
    engine, proxy = endpoint.http.engine, endpoint.proxy()
    if engine == "aiohttp" and proxy is not None and proxy.is_socks:
        raise ConfigurationError(
            f"{proxy.source}: aiohttp does not support SOCKS proxies. Use the engine "
            "httpx, or an http:// proxy."
        )
    # Behind a proxy "auto" means httpx, which supports every kind of proxy.
    if engine == "aiohttp" or (engine == "auto" and proxy is None):
        wire = _over_aiohttp(endpoint, proxy)
        if wire is not None:
            return wire
    if engine == "aiohttp":
        raise ConfigurationError(
            "aiohttp is not installed. Run `pip install anybank[fast]`, or use the engine "
            "httpx."
        )
    return AsyncHttpxConnection(endpoint, ConnectionPools(endpoint), is_own=True)


def _over_aiohttp(endpoint: Endpoint, proxy: Proxy | None) -> AsyncConnection | None:
    try:
        from .aiohttp_async import AiohttpConnection  # noqa: PLC0415 # an extra, slow to import
    except ImportError:
        return None
    return AiohttpConnection(endpoint, proxy)
