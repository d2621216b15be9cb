"""Send requests over aiohttp, which is faster than httpx with many requests in flight.

We use aiohttp directly because httpx-aiohttp 0.2 reports a closed connection as
ConnectTimeout, so that a request that was sent would count as not sent. Needs the extra
`fast`. No exception of aiohttp leaves this module.
"""

from __future__ import annotations

import asyncio
import math
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
from ..send_guard import may_leave
from . import live_host_guard as _network_guard
from .endpoint import Endpoint
from .failures import UNSOLICITED_DATA, proxy_refused, to_failure
from .httpx_connections import (
    CLOSED,
    TWO_LENGTHS,
    build_headers,
    current_deadline,
    exchange_in_progress,
    too_large_failure,
)
from .per_loop import PerLoop
from .proxies import Proxy
from .response_body import Body, BodyTooLarge, Undecodable
from .streams import Deadline, is_readable

_KEEP_ALIVE = 5.0
"""Seconds after which an idle connection is closed, the same as in httpx."""
_LARGE_BODY = 1024 * 1024
_HEADERS_WE_SET = ("accept", "accept-encoding", "content-type", "user-agent")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~"
"""The percent sign is among them, because adapters quote the ids in a path themselves."""
_LINE_BREAKS = frozenset("\r\n\0")


_EQUIVALENTS: Sequence[tuple[type[Exception], type[httpx.HTTPError]]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),  # DNS and TLS, too
    (TimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (OSError, httpx.ReadError),
)
"""The httpx exception that each aiohttp exception corresponds to; first match wins.

The order matters: a ConnectionTimeoutError is also a TimeoutError and a ClientError, and a
ClientConnectorError is also an OSError.
"""


def _convert(error: Exception) -> Failure:
    """Convert an exception of aiohttp to the same Failure as the one of httpx."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_refused(error.status)
    deadline = current_deadline.get()
    # The deadline of `asyncio.timeout` may pass before there is a connection.
    if isinstance(error, TimeoutError) and not (deadline and deadline.sent):
        return to_failure(httpx.ConnectTimeout(""))
    for kind, equivalent in _EQUIVALENTS:
        if isinstance(error, kind):
            same: Any = equivalent("")
            same.__cause__ = error
            return to_failure(same)
    return to_failure(error)


@define
class _Failed(Exception):
    """A failed request, as an exception for which aiohttp does not retry."""

    failure: Failure


@contextmanager
def _aiohttp_errors_converted() -> Iterator[None]:
    """Convert every exception of aiohttp to _Failed."""
    try:
        yield
    except _Failed:
        raise
    except Exception as error:  # noqa: BLE001  # their frames hold headers and bodies
        raise _Failed(_convert(error)) from None


async def _send_without_retry(
    request: aiohttp.ClientRequest, handler: ClientHandlerType
) -> aiohttp.ClientResponse:
    """Send a request once: aiohttp retries a PUT or DELETE only on its own exceptions."""
    with _aiohttp_errors_converted():
        return await handler(request)


class _Connector(aiohttp.TCPConnector):
    """A connector that does not reuse a connection that received bytes while idle."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._opened: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> Any:
        """Return a connection without unread bytes, which would pass for the response.

        Idle connections with unread bytes are closed one after the other. A new
        connection with unread bytes belongs to a server that does not speak HTTP.
        """
        deadline = current_deadline.get() or Deadline(math.inf)
        deadline.observed = True
        while True:
            connection = await super().connect(req, traces, timeout)
            if not _has_unsolicited_bytes(connection):
                # aiohttp writes the request next and has no hook before its first byte.
                if deadline.passed or not may_leave():
                    connection.close()
                    raise _Failed(to_failure(httpx.ConnectError("")))
                deadline.sent = True
                return connection
            connection.close()
            if deadline.opened:
                raise _Failed(UNSOLICITED_DATA)

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> ResponseHandler:
        # aiohttp has no public hook for new connections. If an update renames this
        # method, `opened` stays False: a server that always sends first then runs into
        # the deadline.
        protocol = await super()._create_connection(req, traces, timeout)
        if deadline := current_deadline.get():
            deadline.opened = True
        self._opened.add(protocol)
        return protocol

    def sockets(self) -> Iterator[Any]:
        """Yield the sockets of the open connections."""
        for protocol in self._opened:
            if protocol.transport is not None:
                yield protocol.transport.get_extra_info("socket")


def _has_unsolicited_bytes(connection: Connection) -> bool:
    """Return whether a connection has unread bytes or was closed.

    A readable TLS socket is normal, because servers send session tickets unasked.
    """
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None or protocol.should_close:
        return True
    if _has_partial_response(protocol):
        return True
    if transport.get_extra_info("sslcontext") is not None:
        return False
    return is_readable(transport.get_extra_info("socket"))


def _has_partial_response(protocol: ResponseHandler) -> bool:
    """Return whether the connection's parser holds the start of an unrequested response.

    aiohttp creates a new parser for each request, so that bytes left in this one (line
    breaks, for example) are never read as a response.
    """
    parser = protocol._parser  # noqa: SLF001
    if parser is None:
        return False
    try:
        return parser.feed_eof() is not None
    except Exception:  # noqa: BLE001  # the bytes are not HTTP
        return True


class AiohttpConnection:
    """Connections to one endpoint, with one session per event loop and no redirects."""

    def __init__(self, endpoint: Endpoint, proxy: Proxy | None = None) -> None:
        self._endpoint = endpoint
        self._tls = PerProcess(endpoint.tls)
        self._tls.value()  # raise for a wrong certificate before the first request
        self._proxy = {} if proxy is None else _proxy_arguments(proxy)
        self._base_url = str(URL(endpoint.base_url)).rstrip("/")
        self._sessions = PerLoop(self._session, aiohttp.ClientSession.close, _sockets)
        self._closed = False

    async def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure:
        """Send a request and read the whole response."""
        if self._closed:
            return CLOSED
        deadline = Deadline(timeout or self._endpoint.timeout)
        headers = build_headers(request, self._endpoint.user_agent)
        url, body = self._url(request), request.body
        # A line break would start another header. aiohttp notices it only when it writes,
        # and by then the request counts as sent.
        if any(_LINE_BREAKS & set(value) for value in headers.values()):
            return to_failure(httpx.LocalProtocolError(""))
        try:
            with exchange_in_progress(deadline), _aiohttp_errors_converted():
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
                    ) as response,
                ):
                    return await self._read(response)
        except _Failed as failed:
            return evolve(failed.failure, sent=_is_sent(failed.failure, deadline))

    async def _read(self, response: aiohttp.ClientResponse) -> Response | Failure:
        headers = _headers(response)
        limit = self._endpoint.http.max_response_bytes
        body = Body(headers.get("content-encoding", ""), limit)
        if "transfer-encoding" in headers and "content-length" in headers:
            response.close()
            return TWO_LENGTHS
        try:
            async for chunk in response.content.iter_any():
                body.feed(chunk)
            content = body.content()
        except Undecodable:
            response.close()
            content = b""
        except BodyTooLarge:
            response.close()
            return too_large_failure(response.status, limit)
        return Response(status=response.status, headers=headers, content=content)

    def _url(self, request: Request) -> URL:
        path = quote(request.path, safe=_SAFE_IN_PATH)
        query = f"?{urlencode(request.query)}" if request.query else ""
        return URL(f"{self._base_url}{path}{query}", encoded=True)

    async def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        await self._sessions.aclose()

    def _session(self) -> aiohttp.ClientSession:
        """Return a new session; asyncio.timeout applies the deadline, not aiohttp."""
        # The defaults, 300 and 30 seconds, would end a request before a longer
        # deadline.
        unlimited = aiohttp.ClientTimeout(total=None, sock_connect=None)
        return aiohttp.ClientSession(
            connector=_Connector(
                limit=self._endpoint.http.max_connections,
                keepalive_timeout=_KEEP_ALIVE,
                ssl=self._tls.value(),
            ),
            # Accept cookies from IP addresses such as 127.0.0.1, as httpx does.
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=unlimited,
            skip_auto_headers=_HEADERS_WE_SET,
            auto_decompress=False,  # `Body` decompresses up to a limit
            middlewares=(_send_without_retry,),
            trace_configs=self._traces(),
        )

    def _traces(self) -> list[aiohttp.TraceConfig]:
        """Return the trace that rejects live hosts under pytest before it connects."""
        if not self._endpoint.is_live or not _network_guard.is_present():
            return []

        async def checked(*_: object) -> None:
            _network_guard.require_allowed(self._endpoint.host)

        config = aiohttp.TraceConfig()
        config.on_connection_create_start.append(checked)
        return [config]


def _proxy_arguments(proxy: Proxy) -> dict[str, Any]:
    """Return aiohttp's arguments for a request through a proxy, with its password."""
    # aiohttp.BasicAuth encodes in Latin-1, and fails for other characters.
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
    """Return the body for aiohttp, which warns about large bodies that are not streams."""
    return BytesIO(body) if body and len(body) >= _LARGE_BODY else body or None


def _is_sent(failed: Failure, deadline: Deadline) -> bool:
    """Return whether a failed request may have been sent; our connector knows best."""
    return deadline.sent if deadline.observed else failed.sent


def _sockets(session: aiohttp.ClientSession) -> Iterator[Any]:
    connector = session.connector
    return connector.sockets() if isinstance(connector, _Connector) else iter(())


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Return a response's headers; repeated ones are joined with a comma."""
    headers: dict[str, str] = {}
    for raw_name, raw in response.raw_headers:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("utf-8", "replace")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
