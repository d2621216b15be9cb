"""Requests over httpx, and what came back: a Response, or a Failure as a value.

Requests go to httpx's transports directly. Its clients would follow redirects with the
credentials, log what the vendor says, and cost a third of a call.
No exception of httpx's leaves this module: its frames hold headers and bodies.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpx
from attrs import frozen

from . import _network_guard
from ._certificates import tls_context
from ._failures import failure
from ._proxies import Proxy, can_be_looked_up, is_loopback, proxy_for
from .errors import ConfigurationError
from .http_options import HttpOptions
from .sensitive import Sensitive
from .wire import Failure, Request, Response

CLOSED = Failure(sent=False, reason="the bank is closed")
TOO_SLOW = Failure(sent=True, reason="the answer came too slowly")

USER_AGENT = "anybank/0.1"

_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate",
}

_in_flight: ContextVar[bool] = ContextVar("_in_flight", default=False)


def _hush(record: logging.LogRecord) -> bool:
    """Leave of a line of a log the step's name alone, while a request of ours is on.

    httpcore and aiohttp log the headers that come, and what they cannot read of an
    answer.
    """
    if _in_flight.get():
        record.msg = record.getMessage().partition(" ")[0]
        record.args = ()
    return True


for _name in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"):
    logging.getLogger(f"httpcore{_name}").addFilter(_hush)
for _name in ("client", "internal"):
    logging.getLogger(f"aiohttp.{_name}").addFilter(_hush)


@contextmanager
def hushed() -> Iterator[None]:
    """Mark a request as under way."""
    token = _in_flight.set(True)
    try:
        yield
    finally:
        _in_flight.reset(token)


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


class _Connection:
    """What both wires share: how a request is written, and the cookies that came."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._cookies = httpx.Cookies()
        self._extensions: dict[str, Any] = {
            "timeout": httpx.Timeout(endpoint.timeout).as_dict()
        }
        self._closed = False

    def _written(self, request: Request) -> httpx.Request:
        return httpx.Request(
            request.method,
            self._endpoint.base_url + request.path,
            params=request.query or None,
            headers=written_headers(request, self._endpoint.user_agent),
            cookies=self._cookies,
            content=request.encoded(),
            extensions=self._extensions,
        )

    def _keep_cookies(self, answer: httpx.Response, message: httpx.Request) -> None:
        """Keep what a load balancer sets; a jar is slow to ask, so only where it is."""
        if "set-cookie" in answer.headers:
            answer.request = message
            self._cookies.extract_cookies(answer)


class Wire(_Connection):
    """A synchronous connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, transport: httpx.BaseTransport | None
    ) -> None:
        super().__init__(endpoint)
        self._transport = transport or httpx.HTTPTransport(**own_transport(endpoint))
        if transport is None and endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.trace(endpoint.host)

    def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        message = self._written(request)
        try:
            with hushed():
                answer = self._transport.handle_request(message)
                came = self._read(answer)
                self._keep_cookies(answer, message)
                return came
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure(error)

    def _read(self, answer: httpx.Response) -> Response | Failure:
        deadline = time.monotonic() + self._endpoint.timeout
        chunks = []
        try:
            for chunk in answer.iter_bytes():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return TOO_SLOW
        except httpx.DecodingError:
            chunks = []
        finally:
            answer.close()
        return received(answer, chunks)

    def close(self) -> None:
        """Close the connections."""
        self._closed = True
        self._transport.close()


class AsyncWire(_Connection):
    """An asynchronous connection to one endpoint, over a transport of httpx's."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport,
        *,
        is_own: bool = False,
    ) -> None:
        super().__init__(endpoint)
        self._transport = transport
        if is_own and endpoint.is_live and _network_guard.is_present():
            self._extensions["trace"] = _network_guard.async_trace(endpoint.host)

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        if self._closed:
            return CLOSED
        message = self._written(request)
        try:
            with hushed():
                answer = await self._transport.handle_async_request(message)
                came = await self._read(answer)
                self._keep_cookies(answer, message)
                return came
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure(error)

    async def _read(self, answer: httpx.Response) -> Response | Failure:
        deadline = time.monotonic() + self._endpoint.timeout
        chunks = []
        try:
            async for chunk in answer.aiter_bytes():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return TOO_SLOW
        except httpx.DecodingError:
            chunks = []
        finally:
            await answer.aclose()
        return received(answer, chunks)

    async def close(self) -> None:
        """Close the connections."""
        self._closed = True
        await self._transport.aclose()


def received(answer: httpx.Response, chunks: Iterable[bytes]) -> Response:
    """Return an answer; one that cannot be decompressed is one without a body."""
    return Response(
        status=answer.status_code,
        headers=dict(answer.headers.items()),
        content=b"".join(chunks),
    )
