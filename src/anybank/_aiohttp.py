"""Requests over aiohttp, whose connections stay quick with many in flight.

Ours, because httpx-aiohttp 0.2 tells a server's hanging up as ConnectTimeout: what was
sent would be taken for what was not. Needs the extra `fast`. No exception of aiohttp's
leaves this module.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.tracing import Trace
from attrs import define
from yarl import URL

from . import _network_guard
from ._failures import failure, proxy_refused
from ._httpx import CLOSED, TOO_SLOW, Endpoint, hushed, written_headers
from ._proxies import Proxy
from .wire import Failure, Request, Response

_KEEP_ALIVE = 5.0
"""Seconds for which an idle connection is kept, as httpx does."""
_HEADERS_OF_ITS_OWN = ("accept", "accept-encoding", "content-type", "user-agent")
_IN_A_PATH = "/%:@!$&'()*+,;=~"
_LINE_BREAKS = frozenset("\r\n\0")


_MEANINGS: Sequence[tuple[type[Exception], type[httpx.HTTPError]]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),  # DNS and TLS, too
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (OSError, httpx.ReadError),
)
"""What aiohttp's exceptions mean, as httpx's; the first that fits counts."""


def _meaning(error: Exception) -> Failure:
    """Return an exception of aiohttp's as the same failure that httpx's would be."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refused(error.status)
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            same: Any = meaning("")
            same.__cause__ = error
            return failure(same)
    return failure(error)


@define
class _Failed(Exception):
    """A request that failed: an exception that aiohttp does not repeat a request for."""

    failure: Failure


@contextmanager
def _told() -> Iterator[None]:
    """Tell whatever aiohttp raises as what it means."""
    try:
        yield
    except _Failed:
        raise
    except Exception as error:  # noqa: BLE001  # their frames hold headers and bodies
        raise _Failed(_meaning(error)) from None


async def _once(
    request: aiohttp.ClientRequest, handler: ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once: aiohttp repeats a PUT or DELETE only on its own exceptions."""
    with _told():
        return await handler(request)


class _Connector(aiohttp.TCPConnector):
    """Connections, of which one that spoke while idle is not used again."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> Any:
        """Return a connection on which nothing waits that would pass for the answer."""
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                return connection
            connection.close()


class AiohttpWire:
    """A connection to one endpoint over one session of aiohttp, without redirects."""

    def __init__(self, endpoint: Endpoint, proxy: Proxy | None = None) -> None:
        self._endpoint = endpoint
        self._tls = endpoint.tls()
        self._proxy = {} if proxy is None else _proxied(proxy)
        self._base_url = str(URL(endpoint.base_url)).rstrip("/")
        self._made: aiohttp.ClientSession | None = None
        self._closed = False

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        url, headers = (
            self._url(request),
            written_headers(request, self._endpoint.user_agent),
        )
        body = request.encoded()
        if any(_LINE_BREAKS & set(value) for value in headers.values()):
            return failure(
                httpx.LocalProtocolError("")
            )  # it would start another header
        try:
            with hushed(), _told():
                return await self._exchange(request.method, url, headers, body)
        except _Failed as failed:
            return failed.failure

    async def _exchange(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> Response | Failure:
        async with self._session().request(
            method,
            url,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            **self._proxy,
        ) as answer:
            deadline = time.monotonic() + self._endpoint.timeout
            chunks = []
            async for chunk in answer.content.iter_any():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return TOO_SLOW
            return _received(answer, b"".join(chunks))

    def _url(self, request: Request) -> URL:
        path = quote(request.path, safe=_IN_A_PATH)
        query = f"?{urlencode(request.query)}" if request.query else ""
        return URL(f"{self._base_url}{path}{query}", encoded=True)

    async def close(self) -> None:
        """Close the connections."""
        self._closed = True
        if self._made is not None:
            await self._made.close()

    def _session(self) -> aiohttp.ClientSession:
        """Return the session; it can only be made where a loop is running."""
        if self._made is None:
            limit = self._endpoint.timeout
            self._made = aiohttp.ClientSession(
                connector=_Connector(
                    limit=self._endpoint.http.max_connections,
                    keepalive_timeout=_KEEP_ALIVE,
                    ssl=self._tls,
                ),
                cookie_jar=aiohttp.CookieJar(unsafe=True),  # loopback may set one, too
                timeout=aiohttp.ClientTimeout(connect=limit, sock_read=limit),
                skip_auto_headers=_HEADERS_OF_ITS_OWN,
                auto_decompress=False,
                middlewares=(_once,),
                trace_configs=self._traces(),
            )
        return self._made

    def _traces(self) -> list[aiohttp.TraceConfig]:
        """Return what checks the host under pytest, before a connection is opened."""
        if not self._endpoint.is_live or not _network_guard.is_present():
            return []

        async def checked(*_: object) -> None:
            _network_guard.check(self._endpoint.host)

        config = aiohttp.TraceConfig()
        config.on_connection_create_start.append(checked)
        return [config]


def _proxied(proxy: Proxy) -> dict[str, Any]:
    """Return the arguments of a request through a proxy, with its password."""
    url = URL(proxy.url)
    if url.raw_user is None:
        return {"proxy": url}
    pair = f"{url.user or ''}:{url.password or ''}".encode()
    basic = f"Basic {b64encode(pair).decode('ascii')}"
    return {
        "proxy": url.with_user(None),
        "proxy_headers": {"Proxy-Authorization": basic},
    }


def _received(answer: aiohttp.ClientResponse, content: bytes) -> Response:
    """Return an answer; one that cannot be decompressed is one without a body."""
    headers: dict[str, str] = {}
    for raw_name, raw in answer.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if "content-encoding" in headers:
        content = _unpacked(answer, content)
    return Response(status=answer.status, headers=headers, content=content)


def _unpacked(answer: aiohttp.ClientResponse, content: bytes) -> bytes:
    """Decompress a body as httpx does."""
    try:
        return httpx.Response(200, headers=answer.raw_headers, content=content).content
    except httpx.DecodingError:
        return b""
