"""Requests over aiohttp, whose connections stay quick with many in flight.

Ours, because httpx-aiohttp 0.2 tells a server's hanging up as ConnectTimeout: what was
sent would be taken for what was not. Needs the extra `fast`. No exception of aiohttp's
leaves this module.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from attrs import define, evolve
from yarl import URL

from ...adapter.wire import Failure, Request, Response
from ..per_process import PerProcess
from . import live_host_guard as _network_guard
from .failures import SPOKE_EARLY, failure, proxy_refused
from .httpx_sync import (
    CLOSED,
    TWO_LENGTHS,
    Endpoint,
    hushed,
    in_flight,
    too_large,
    written_headers,
)
from .per_loop import PerLoop
from .proxies import Proxy
from .response_body import Body, TooLarge, Undecodable
from .streams import Deadline, is_readable

_KEEP_ALIVE = 5.0
"""Seconds for which an idle connection is kept, as httpx does."""
_LARGE = 1024 * 1024
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
    deadline = in_flight.get()
    if isinstance(error, TimeoutError) and not (deadline and deadline.sent):
        return failure(httpx.ConnectTimeout(""))
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

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._opened: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> Any:
        """Return a connection on which nothing waits that would pass for the answer.

        Idle ones that spoke are closed, one after the other; a new one that speaks
        before it is asked belongs to a server that does not speak HTTP.
        """
        deadline = in_flight.get() or Deadline(0)
        deadline.observed = True
        while True:
            connection = await super().connect(req, traces, timeout)
            if not _holds_bytes(connection):
                deadline.sent = True
                return connection
            connection.close()
            if deadline.opened:
                raise _Failed(SPOKE_EARLY)

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> ResponseHandler:
        protocol = await super()._create_connection(req, traces, timeout)
        if deadline := in_flight.get():
            deadline.opened = True
        self._opened.add(protocol)
        return protocol

    def sockets(self) -> Iterator[Any]:
        """Yield the sockets of the connections that are open."""
        for protocol in self._opened:
            if protocol.transport is not None:
                yield protocol.transport.get_extra_info("socket")


def _holds_bytes(connection: Connection) -> bool:
    """Tell whether a connection holds bytes that nobody asked for, or its end.

    Over TLS a readable socket means little: session tickets come unasked.
    """
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None or protocol.should_close:
        return True
    if _holds_half_an_answer(protocol):
        return True
    if transport.get_extra_info("sslcontext") is not None:
        return False
    return is_readable(transport.get_extra_info("socket"))


def _holds_half_an_answer(protocol: ResponseHandler) -> bool:
    """Tell whether an answer began that nobody asked for; the parser alone knows it.

    Each request gets a parser of its own, so that what is left in this one (line breaks,
    too) is never read as an answer.
    """
    parser = protocol._parser  # noqa: SLF001
    if parser is None:
        return False
    try:
        return parser.feed_eof() is not None
    except Exception:  # noqa: BLE001  # an answer that is none
        return True


class AiohttpWire:
    """A connection to one endpoint without redirects: each event loop has a session."""

    def __init__(self, endpoint: Endpoint, proxy: Proxy | None = None) -> None:
        self._endpoint = endpoint
        self._tls = PerProcess(endpoint.tls)
        self._tls.value()  # a wrong certificate is to be known at once
        self._proxy = {} if proxy is None else _proxied(proxy)
        self._base_url = str(URL(endpoint.base_url)).rstrip("/")
        self._sessions = PerLoop(self._session, aiohttp.ClientSession.close, _sockets)
        self._closed = False

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        deadline = Deadline(self._endpoint.timeout)
        headers = written_headers(request, self._endpoint.user_agent)
        url, body = self._url(request), request.encoded()
        if any(_LINE_BREAKS & set(value) for value in headers.values()):
            return failure(httpx.LocalProtocolError(""))  # it would start another
        try:
            with hushed(deadline), _told():
                session = self._sessions.value()
                async with (
                    asyncio.timeout(deadline),
                    session.request(
                        request.method,
                        url,
                        headers=headers,
                        data=_data(body),
                        allow_redirects=False,
                        **self._proxy,
                    ) as answer,
                ):
                    return await self._read(answer)
        except _Failed as failed:
            return evolve(failed.failure, sent=_is_sent(failed.failure, deadline))

    async def _read(self, answer: aiohttp.ClientResponse) -> Response | Failure:
        headers = _headers(answer)
        limit = self._endpoint.http.max_response_bytes
        body = Body(headers.get("content-encoding", ""), limit)
        if "transfer-encoding" in headers and "content-length" in headers:
            answer.close()
            return TWO_LENGTHS
        try:
            async for chunk in answer.content.iter_any():
                body.feed(chunk)
            content = body.content()
        except Undecodable:
            answer.close()
            content = b""
        except TooLarge:
            answer.close()
            return too_large(answer.status, limit)
        return Response(status=answer.status, headers=headers, content=content)

    def _url(self, request: Request) -> URL:
        path = quote(request.path, safe=_IN_A_PATH)
        query = f"?{urlencode(request.query)}" if request.query else ""
        return URL(f"{self._base_url}{path}{query}", encoded=True)

    async def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        await self._sessions.aclose()

    def _session(self) -> aiohttp.ClientSession:
        """Return a new session; asyncio.timeout keeps the one deadline there is."""
        unlimited = aiohttp.ClientTimeout(total=None, sock_connect=None)
        return aiohttp.ClientSession(
            connector=_Connector(
                limit=self._endpoint.http.max_connections,
                keepalive_timeout=_KEEP_ALIVE,
                ssl=self._tls.value(),
            ),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # loopback may set one, too
            timeout=unlimited,
            skip_auto_headers=_HEADERS_OF_ITS_OWN,
            auto_decompress=False,
            middlewares=(_once,),
            trace_configs=self._traces(),
        )

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


def _data(body: bytes | None) -> bytes | BytesIO | None:
    """Return what aiohttp sends; it warns of large bodies that are no stream."""
    return BytesIO(body) if body and len(body) >= _LARGE else body or None


def _is_sent(failed: Failure, deadline: Deadline) -> bool:
    """Tell whether a failed request may have left: our own connector knows it."""
    return deadline.sent if deadline.observed else failed.sent


def _sockets(session: aiohttp.ClientSession) -> Iterator[Any]:
    connector = session.connector
    return connector.sockets() if isinstance(connector, _Connector) else iter(())


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Return an answer's headers, of which one that came twice is one."""
    headers: dict[str, str] = {}
    for raw_name, raw in answer.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
