"""Requests over httpx, and what came back: a Response, or a Failure as a value.

No exception of httpx's leaves this module: its frames hold headers and bodies.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpx
from attrs import frozen

from ._pools import best_transport
from .errors import ConfigurationError
from .redact import personal_texts, scrub
from .sensitive import Sensitive
from .wire import Failure, Request, Response

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Failures before anything of the request was on the wire."""

USER_AGENT = "anybank/0.1"

_REASON = re.compile(r'("HTTP/\S+ [0-9]+) .*', re.DOTALL)
_in_flight: ContextVar[Request | None] = ContextVar("_in_flight", default=None)


def _hush(record: logging.LogRecord) -> bool:
    """Take out of a log what one of our requests carries or its answer brings.

    httpcore and aiohttp log the headers that come, and what of an answer they cannot read;
    httpx the reason that a vendor gives. Only what is logged while our request is under way changes.
    """
    request = _in_flight.get()
    if request is not None:
        said = record.getMessage()
        record.msg = _outline(said, request) if record.name == "httpx" else _step(said)
        record.args = ()
    return True


def _outline(said: str, request: Request) -> str:
    """Return httpx's line about a request without the reason that the vendor gave."""
    texts = personal_texts(list(request.sensitive()))
    return scrub(_REASON.sub(r'\1"', said), texts)


def _step(said: str) -> str:
    """Return the name of a step of httpcore's or aiohttp's without its details."""
    return said.partition(" ")[0]


for _name in ("", ".connection", ".http11", ".http2", ".proxy", ".socks"):
    logging.getLogger(f"httpcore{_name}").addFilter(_hush)
for _name in ("client", "internal"):
    logging.getLogger(f"aiohttp.{_name}").addFilter(_hush)
logging.getLogger("httpx").addFilter(_hush)


@contextmanager
def _hushed(request: Request) -> Iterator[None]:
    """Mark a request as under way."""
    token = _in_flight.set(request)
    try:
        yield
    finally:
        _in_flight.reset(token)


@frozen
class Endpoint:
    """Where a bank is reached, and how long one request may take in seconds."""

    base_url: str
    timeout: float

    @classmethod
    def at(cls, base_url: str, timeout: float) -> Self:
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
        return cls(base_url.rstrip("/"), timeout)

    def options(self) -> dict[str, Any]:
        """Return what both clients of httpx are made with.

        Redirects are not followed: they would take the credentials along. Proxies of the
        environment are not asked for what is on this machine.
        """
        loopback = is_loopback(urlsplit(self.base_url).hostname or "")
        return {
            "timeout": self.timeout,
            "follow_redirects": False,
            "trust_env": not loopback,
            "headers": {"user-agent": USER_AGENT, "accept": "application/json"},
        }

    def prepared(self, request: Request) -> dict[str, Any]:
        """Return a request as the arguments of httpx's `build_request`."""
        content = request.encoded()
        headers = {name: _revealed(value) for name, value in request.headers.items()}
        if content is not None:
            headers.setdefault("content-type", "application/json")
        return {
            "method": request.method,
            "url": self.base_url + request.path,
            "params": request.query or None,
            "headers": headers,
            "content": content,
        }


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, None where it is none or has no sound port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _revealed(value: str | Sensitive) -> str:
    return str(value.reveal()) if isinstance(value, Sensitive) else value


class Wire:
    """A synchronous connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, transport: httpx.BaseTransport | None
    ) -> None:
        self._endpoint = endpoint
        self._client = httpx.Client(transport=transport, **endpoint.options())

    def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        message = self._client.build_request(**self._endpoint.prepared(request))
        try:
            with _hushed(request):
                return self._read(self._client.send(message, stream=True))
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure(error)

    def _read(self, answer: httpx.Response) -> Response | Failure:
        deadline = time.monotonic() + self._endpoint.timeout
        chunks = []
        try:
            for chunk in answer.iter_bytes():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return Failure(sent=True, reason="the answer came too slowly")
        except httpx.DecodingError:
            chunks = []
        finally:
            answer.close()
        return received(answer.status_code, answer.headers, b"".join(chunks))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class AsyncWire:
    """An asynchronous connection to one endpoint."""

    def __init__(
        self, endpoint: Endpoint, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._endpoint = endpoint
        self._client = httpx.AsyncClient(
            transport=transport or best_transport(endpoint.base_url),
            **endpoint.options(),
        )

    async def send(self, request: Request) -> Response | Failure:
        """Send a request and read its answer whole."""
        message = self._client.build_request(**self._endpoint.prepared(request))
        try:
            with _hushed(request):
                return await self._read(await self._client.send(message, stream=True))
        except Exception as error:  # noqa: BLE001  # a transport may raise anything
            return failure(error)

    async def _read(self, answer: httpx.Response) -> Response | Failure:
        deadline = time.monotonic() + self._endpoint.timeout
        chunks = []
        try:
            async for chunk in answer.aiter_bytes():
                chunks.append(chunk)
                if time.monotonic() > deadline:
                    return Failure(sent=True, reason="the answer came too slowly")
        except httpx.DecodingError:
            chunks = []
        finally:
            await answer.aclose()
        return received(answer.status_code, answer.headers, b"".join(chunks))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def received(status: int, headers: Mapping[str, str], content: bytes) -> Response:
    """Return an answer; one that cannot be decompressed is one without a body."""
    return Response(status=status, headers=dict(headers), content=content)


def failure(error: Exception) -> Failure:
    """Return a transport's exception as a value: its kind, none of its text."""
    return Failure(sent=not isinstance(error, _NOT_SENT), reason=type(error).__name__)
