"""Requests of httpx sent over aiohttp, whose pool stays quick with many in flight.

Ours, because httpx-aiohttp 0.2 tells a server's hanging up as ConnectTimeout: what was
sent would be taken for what was not. Needs the extra `fast`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.tracing import Trace
from yarl import URL

_KEEP_ALIVE = 5.0
"""Seconds for which an idle connection is kept, as httpx does."""
_HEADERS_OF_ITS_OWN = ("accept", "accept-encoding", "content-type", "user-agent")

_MEANINGS: Sequence[tuple[type[Exception], type[httpx.TransportError]]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),  # DNS and TLS, too
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (OSError, httpx.ReadError),
)
"""What aiohttp's exceptions are called in httpx; the first that fits counts."""


@contextmanager
def _translated() -> Iterator[None]:
    """Tell a failure of aiohttp's as httpx does; anything else as it is."""
    try:
        yield
    except Exception as error:
        for kind, meaning in _MEANINGS:
            if isinstance(error, kind):
                raise meaning(type(error).__name__) from None
        raise


async def _once(
    request: aiohttp.ClientRequest, handler: ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once: aiohttp repeats a PUT or DELETE only on its own exceptions."""
    with _translated():
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


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._answer.close()


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A transport over one session of aiohttp: no redirects, cookies, proxies, HTTP/2."""

    def __init__(self, connections: int = 100) -> None:
        self._connections = connections
        self._made: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, the body unread; raises as httpx does."""
        limits: dict[str, float | None] = request.extensions["timeout"]
        body = await request.aread()
        with _translated():
            answer = await self._session().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=_headers(request),
                data=body or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=limits["connect"], sock_read=limits["read"]
                ),
            )
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_Body(answer),
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": (answer.reason or "").encode(),
            },
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if self._made is not None:
            await self._made.close()

    def _session(self) -> aiohttp.ClientSession:
        """Return the session; it can only be made where a loop is running."""
        if self._made is None:
            self._made = aiohttp.ClientSession(
                connector=_Connector(
                    limit=self._connections,
                    keepalive_timeout=_KEEP_ALIVE,
                    ssl=httpx.create_ssl_context(),
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                skip_auto_headers=_HEADERS_OF_ITS_OWN,
                auto_decompress=False,
                middlewares=(_once,),
            )
        return self._made


def _headers(request: httpx.Request) -> list[tuple[str, str]]:
    """Return the headers; one with a line break would start another."""
    headers = request.headers.multi_items()
    if any(set(value) & set("\r\n\0") for _, value in headers):
        raise httpx.LocalProtocolError("a header with a line break")
    return headers
