"""Requests over httpx, and what came back: a Response, or a Failure as a value.

Requests go to httpx's transports directly. Its clients would follow redirects with the
credentials, log what the vendor says, and cost a third of a call.
No exception of httpx's leaves this module: its frames hold headers and bodies.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self, cast
from urllib.parse import SplitResult, urlsplit

import httpx
from attrs import frozen

from ...adapter.wire import Failure, Request, Response
from ...errors import ConfigurationError
from ...http_options import HttpOptions
from ...sensitive import Sensitive
from ..per_process import PerProcess
from . import live_host_guard as _network_guard
from .custom_transport import Guest
from .failures import observed_failure
from .proxies import Proxy, can_be_looked_up, is_loopback, proxy_for
from .response_body import Body, TooLarge, Undecodable
from .streams import Deadline, distrusted, has_two_lengths, holds_unread, with_deadlines
from .tls import tls_context

CLOSED = Failure(sent=False, reason="the bank is closed")
TOO_SLOW = Failure(sent=True, reason="timed out while waiting for the answer")
TWO_LENGTHS = Failure(sent=True, reason="the answer has a length and chunks, too")

USER_AGENT = "anybank/0.1"

_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
}

in_flight: ContextVar[Deadline | None] = ContextVar("in_flight", default=None)
"""The deadline of the exchange that is under way."""


def _hush(record: logging.LogRecord) -> bool:
    """Leave of a line of a log the step's name alone, while a request of ours is on.

    httpcore and aiohttp log the headers that come, and what they cannot read of an
    answer.
    """
    if in_flight.get() is not None:
        record.msg = record.getMessage().partition(" ")[0]
        record.args = ()
    return True


for _name in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"):
    logging.getLogger(f"httpcore{_name}").addFilter(_hush)
for _name in ("client", "internal"):
    logging.getLogger(f"aiohttp.{_name}").addFilter(_hush)


@contextmanager
def hushed(deadline: Deadline) -> Iterator[None]:
    """Mark a request as under way."""
    token = in_flight.set(deadline)
    try:
        yield
    finally:
        in_flight.reset(token)


@frozen
class Endpoint:
    """Where a bank is reached, and how long one request may take in seconds."""

    base_url: str
    timeout: float
    http: HttpOptions = HttpOptions()

    @classmethod
    def at(cls, base_url: str, timeout: float, http: HttpOptions | None = None) -> Self:
        """Check a base URL: https, or http to loopback; no credentials, no query."""
        parts = _split(base_url)
        if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
            raise ConfigurationError("base_url must be an https:// URL with a host")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ConfigurationError(
                f"base_url is http:// to {parts.hostname}: "
                "use https:// (http:// is for loopback only)"
            )
        if parts.username or parts.password or set(base_url) & set("?#"):
            raise ConfigurationError(
                "base_url must have no credentials, query or fragment"
            )
        return cls(base_url.rstrip("/"), timeout, http or HttpOptions())

    @property
    def host(self) -> str:
        """The host that is reached, through a proxy or not."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_live(self) -> bool:
        """Tell whether the host is another machine than this."""
        return not is_loopback(self.host)

    def tls(self) -> ssl.SSLContext:
        """Return what certificates are verified with; http:// trusts none."""
        if urlsplit(self.base_url).scheme == "https":
            return tls_context(self.http)
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading authorities is slow

    def proxy(self) -> Proxy | None:
        """Return the proxy that leads to the host, None for a direct connection."""
        return proxy_for(self.base_url, self.http)

    @property
    def user_agent(self) -> str:
        """The library's name, with what the caller adds."""
        return " ".join(filter(None, (USER_AGENT, self.http.user_agent)))


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, None where it is none or has no sound port."""
    if not url.isprintable() or " " in url:
        return None  # urlsplit drops line breaks, httpx refuses them when it sends
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = httpx.URL(url).raw_host.decode("ascii")
    except (ValueError, httpx.InvalidURL):
        return None
    return parts if can_be_looked_up(host) else None


def written_headers(request: Request, user_agent: str) -> dict[str, str]:
    """Return the headers of a request as they go out, credentials and all."""
    given = {name: _revealed(value) for name, value in request.headers.items()}
    headers = {"user-agent": user_agent, **_HEADERS, **given}
    if request.body is not None:
        headers.setdefault("content-type", "application/json")
    return headers


def _revealed(value: str | Sensitive) -> str:
    return str(value.reveal()) if isinstance(value, Sensitive) else value


def own_transport(endpoint: Endpoint) -> dict[str, Any]:
    """Return the arguments of a transport of httpx's to an endpoint.

    Raises ConfigurationError where the environment's certificates or proxy are wrong.
    """
    tls, proxy = endpoint.tls(), endpoint.proxy()
    return {
        "verify": tls,
        "proxy": proxy and proxy.for_httpx(tls),
        "limits": httpx.Limits(max_connections=endpoint.http.max_connections),
    }


class Connection:
    """What both wires share: how a request is written, and how an answer is read."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._cookies = PerProcess(httpx.Cookies)  # a jar has a lock
        self._extensions: dict[str, Any] = {}
        self._closed = False

    def _written(self, request: Request, deadline: Deadline) -> httpx.Request:
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), deadline)
        return httpx.Request(
            request.method,
            self._endpoint.base_url + request.path,
            params=request.query or None,
            headers=written_headers(request, self._endpoint.user_agent),
            cookies=self._cookies.value(),
            content=request.encoded(),
            extensions={**self._extensions, "timeout": timeout},
        )

    def _keep_cookies(self, answer: httpx.Response, message: httpx.Request) -> None:
        """Keep what a load balancer sets; a jar is slow to ask, so only where it is."""
        if "set-cookie" in answer.headers:
            answer.request = message
            self._cookies.value().extract_cookies(answer)

    def _body(self, answer: httpx.Response) -> Body:
        """Return an empty body to fill; a fake's answer may be decompressed already."""
        packed = not answer.is_stream_consumed
        coding = answer.headers.get("content-encoding", "") if packed else ""
        return Body(coding, self._endpoint.http.max_response_bytes)


class Wire(Connection):
    """A synchronous connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, transport: httpx.BaseTransport | None
    ) -> None:
        super().__init__(endpoint)
        self._transport: PerProcess[httpx.HTTPTransport] | Guest[httpx.BaseTransport]
        if transport is not None:
            self._transport = Guest(transport)
            return
        self._transport = PerProcess(self._own)
        self._transport.value()  # a wrong certificate is to be known at once
        if endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.trace(endpoint.host)

    def _own(self) -> httpx.HTTPTransport:
        return with_deadlines(httpx.HTTPTransport(**own_transport(self._endpoint)))

    def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        deadline = Deadline(self._endpoint.timeout)
        message = self._written(request, deadline)
        try:
            with hushed(deadline):
                answer = self._transport.value().handle_request(message)
                came = self._read(answer, deadline)
                self._keep_cookies(answer, message)
                return came
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return observed_failure(error, deadline)

    def _read(self, answer: httpx.Response, deadline: Deadline) -> Response | Failure:
        body = self._body(answer)
        try:
            if has_two_lengths(answer):
                return TWO_LENGTHS
            for chunk in _pieces(answer):
                body.feed(chunk)
                if deadline.passed:
                    return TOO_SLOW
            if holds_unread(answer):
                distrusted(answer).close()
            return received(answer, body.content())
        except Undecodable:
            return received(answer, b"")
        except TooLarge:
            return too_large(answer.status_code, body.limit)
        finally:
            answer.close()

    def close(self) -> None:
        """Close the connections of this process."""
        self._closed = True
        if (transport := self._transport.existing()) is not None:
            transport.close()


def _pieces(answer: httpx.Response) -> Iterable[bytes]:
    if answer.is_stream_consumed:
        return [answer.content]
    return cast("httpx.SyncByteStream", answer.stream)


def received(answer: httpx.Response, content: bytes) -> Response:
    """Return an answer; one that cannot be decompressed is one without a body."""
    return Response(
        status=answer.status_code,
        headers=dict(answer.headers.items()),
        content=content,
    )


def too_large(status: int, limit: int) -> Failure:
    """Return what an answer means whose body was cut at the limit."""
    reason = (
        f"the answer has more than {limit} bytes. Raise HttpOptions.max_response_bytes, "
        "or ask for fewer records."
    )
    return Failure(sent=True, reason=reason, status=status)
