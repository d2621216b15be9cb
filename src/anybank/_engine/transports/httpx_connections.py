"""Send requests over httpx and return a Response, or a Failure as a value.

Requests go to httpx's transports directly. Its clients would follow redirects with the
credentials, log vendor text, and take a third of the time of a call. No exception of httpx
leaves this module, because its frames hold headers and bodies.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, cast

import httpx

from ...adapter.wire import Failure, Request, Response
from ..per_process import PerProcess
from . import live_host_guard as _network_guard
from .custom_transport import CustomTransport
from .endpoint import Endpoint
from .failures import failure_within
from .per_loop import running_loop
from .response_body import BodyTooLarge, read_body, read_body_async
from .streams import (
    Deadline,
    add_deadlines,
    mark_unusable,
)

CLOSED = Failure(sent=False, reason="the bank is closed")
TOO_SLOW = Failure(sent=True, reason="timed out while waiting for the response")
TWO_LENGTHS = Failure(sent=True, reason="the response has both a length and chunks")

# Brotli and Zstandard are left out: `response_body` decompresses with zlib, which can
# stop at a limit of output bytes.
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
}

_GRACE = 0.1
"""Extra seconds before an exchange is cancelled: the caller's transport times out first,
and its exception says which step timed out."""

current_deadline: ContextVar[Deadline | None] = ContextVar("in_flight", default=None)
"""The deadline of the running exchange."""


def _keep_event_name(record: logging.LogRecord) -> bool:
    """Cut a log line to the name of its event while one of our requests is running.

    httpcore and aiohttp log response headers and the bytes that they cannot parse. Lines
    of the app's own requests stay as they are, because the app may rely on them.
    """
    if current_deadline.get() is not None:
        record.msg = record.getMessage().partition(" ")[0]
        record.args = ()
    return True


# A filter of a logger does not apply to the loggers below it, so each needs its own.
for _name in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"):
    logging.getLogger(f"httpcore{_name}").addFilter(_keep_event_name)
for _name in ("client", "internal"):
    logging.getLogger(f"aiohttp.{_name}").addFilter(_keep_event_name)


@contextmanager
def exchange_in_progress(deadline: Deadline) -> Iterator[None]:
    """Mark an exchange as running, which removes details from the HTTP library's logs."""
    token = current_deadline.set(deadline)
    try:
        yield
    finally:
        current_deadline.reset(token)


def build_headers(request: Request, user_agent: str) -> dict[str, Any]:
    """Return the headers of a prepared request as they are sent."""
    headers = {"user-agent": user_agent, **_HEADERS, **request.headers}
    if request.body is not None:
        headers.setdefault("content-type", "application/json")
    return headers


def transport_arguments(endpoint: Endpoint) -> dict[str, Any]:
    """Return the constructor arguments of an httpx transport to an endpoint.

    Raises ConfigurationError if the environment's certificates or proxy are invalid.
    """
    tls, proxy = endpoint.tls(), endpoint.proxy()
    return {
        "verify": tls,
        "proxy": proxy and proxy.for_httpx(tls),
        "limits": httpx.Limits(max_connections=endpoint.http.max_connections),
    }


class Connection:
    """The common part of both httpx connections: build requests, keep cookies."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._user_agent = endpoint.user_agent
        # A cookie jar has a lock, which a forked child must not inherit.
        self._cookies = PerProcess(httpx.Cookies)
        self._has_cookies = False
        self._extensions: dict[str, Any] = {}
        self._closed = False

    def _build_request(self, request: Request, deadline: Deadline) -> httpx.Request:
        # httpx passes these four values on to httpcore's streams, which are ours.
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), deadline)
        return httpx.Request(
            request.method,
            self._endpoint.base_url + request.path,
            params=request.query or None,
            headers=build_headers(request, self._user_agent),
            cookies=self._cookies.value() if self._has_cookies else None,
            content=request.body,
            extensions={**self._extensions, "timeout": timeout},
        )

    def _keep_cookies(self, response: httpx.Response, message: httpx.Request) -> None:
        """Keep the cookies of a load balancer; the jar is slow, so skip it without any."""
        if "set-cookie" in response.headers:
            response.request = message
            self._has_cookies = True
            self._cookies.value().extract_cookies(response)

    def _is_not_reusable(self, response: httpx.Response) -> bool:
        """Return whether the connection of a response must be closed after it."""
        # The pool of a closed bank no longer knows a connection that was being opened.
        after_end = self._closed and "network_stream" in response.extensions
        return after_end or has_unread_bytes(response)

    @property
    def _limit(self) -> int:
        return self._endpoint.http.max_response_bytes


class HttpxConnection(Connection):
    """Synchronous connections to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, transport: httpx.BaseTransport | None
    ) -> None:
        super().__init__(endpoint)
        self._transport: (
            PerProcess[httpx.HTTPTransport] | CustomTransport[httpx.BaseTransport]
        )
        if transport is not None:
            self._transport = CustomTransport(transport)
            return
        self._transport = PerProcess(self._own)
        self._transport.value()  # raise for a wrong certificate before the first request
        if endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.trace(endpoint.host)

    def _own(self) -> httpx.HTTPTransport:
        return add_deadlines(httpx.HTTPTransport(**transport_arguments(self._endpoint)))

    def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure:
        """Send a request and read the whole response."""
        if self._closed:
            return CLOSED
        deadline = Deadline(timeout or self._endpoint.timeout)
        message = self._build_request(request, deadline)
        try:
            with exchange_in_progress(deadline):
                response = self._transport.value().handle_request(message)
                result = self._read(response, deadline)
                self._keep_cookies(response, message)
                return result
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure_within(error, deadline)

    def _read(self, response: httpx.Response, deadline: Deadline) -> Response | Failure:
        try:
            if has_two_lengths(response):
                return TWO_LENGTHS
            content = read_body(
                _chunks(response), _coding(response), self._limit, deadline.at
            )
            if content is None:
                return TOO_SLOW
            if self._is_not_reusable(response):
                mark_unusable(response).close()
            return to_response(response, content)
        except BodyTooLarge:
            return too_large_failure(response.status_code, self._limit)
        finally:
            response.close()

    def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        if (transport := self._transport.existing()) is not None:
            transport.close()


class AsyncHttpxConnection(Connection):
    """Asynchronous connections to one endpoint, over a transport of httpx."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport,
        *,
        is_own: bool = False,
    ) -> None:
        super().__init__(endpoint)
        # Our own transport keeps its pools per process and loop itself.
        self._own = transport if is_own else None
        self._custom = CustomTransport(transport, running_loop)
        if is_own and endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.async_trace(endpoint.host)

    async def send(
        self, request: Request, timeout: float | None = None
    ) -> Response | Failure:
        """Send a request and read the whole response."""
        if self._closed:
            return CLOSED
        deadline = Deadline(timeout or self._endpoint.timeout)
        message = self._build_request(request, deadline)
        try:
            with exchange_in_progress(deadline):
                if self._own is not None:  # its streams apply the deadline
                    return await self._exchange(self._own, message, deadline)
                transport = self._custom.value()
                async with asyncio.timeout(deadline + _GRACE):
                    return await self._exchange(transport, message, deadline)
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure_within(error, deadline)

    async def _exchange(
        self,
        transport: httpx.AsyncBaseTransport,
        message: httpx.Request,
        deadline: Deadline,
    ) -> Response | Failure:
        response = await transport.handle_async_request(message)
        result = await self._read(response, deadline)
        self._keep_cookies(response, message)
        return result

    async def _read(
        self, response: httpx.Response, deadline: Deadline
    ) -> Response | Failure:
        coding = _coding(response)
        try:
            if has_two_lengths(response):
                return TWO_LENGTHS
            if response.is_stream_consumed:  # by a fake
                content = read_body(
                    [response.content], coding, self._limit, deadline.at
                )
            else:
                content = await read_body_async(
                    _stream(response), coding, self._limit, deadline.at
                )
            if content is None:
                return TOO_SLOW
            if self._is_not_reusable(response):
                await mark_unusable(response).aclose()
            return to_response(response, content)
        except BodyTooLarge:
            return too_large_failure(response.status_code, self._limit)
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        transport = self._own or self._custom.existing()
        if transport is not None:
            await transport.aclose()


def has_two_lengths(response: httpx.Response) -> bool:
    """Return whether a response has both a length and chunks (RFC 9112, section 6.3)."""
    headers = response.headers
    return (
        "network_stream" in response.extensions
        and "transfer-encoding" in headers
        and "content-length" in headers
    )


def has_unread_bytes(response: httpx.Response) -> bool:
    """Return whether the connection holds bytes after the response that was read.

    httpcore keeps such bytes and would read them as the response to the next request. If
    another version of httpcore lacks these attributes, the result is True: no connection
    is reused, which is slow but correct.
    """
    if "network_stream" not in response.extensions:
        return False  # a fake or a cassette has no connection
    stream: Any = response.stream
    with suppress(AttributeError):
        stream = getattr(stream, "stream", stream)  # ConnectionPools wraps it
        connection = stream._httpcore_stream._stream._connection  # noqa: SLF001
        unread, _ = connection._h11_state.trailing_data  # noqa: SLF001
        return bool(unread)
    return True


def _coding(response: httpx.Response) -> str:
    """Return the Content-Encoding; the response of a fake may be decompressed already."""
    packed = not response.is_stream_consumed
    return response.headers.get("content-encoding", "") if packed else ""


def _chunks(response: httpx.Response) -> Iterable[bytes]:
    if response.is_stream_consumed:
        return [response.content]
    return cast("httpx.SyncByteStream", response.stream)


def _stream(response: httpx.Response) -> AsyncIterable[bytes]:
    return cast("httpx.AsyncByteStream", response.stream)


def to_response(response: httpx.Response, content: bytes) -> Response:
    """Convert a response of httpx; *content* is empty if it cannot be decompressed."""
    return Response(
        status=response.status_code,
        headers=dict(response.headers.items()),
        content=content,
    )


def too_large_failure(status: int, limit: int) -> Failure:
    """Return the failure of a response whose body exceeds the limit."""
    reason = (
        f"the response has more than {limit} bytes. Raise HttpOptions.max_response_bytes, "
        "or request fewer records."
    )
    return Failure(sent=True, reason=reason, status=status)
