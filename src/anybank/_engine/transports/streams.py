"""Network streams of httpcore's that keep one deadline for a whole exchange.

httpcore gives each operation of an exchange the same timeout. Here that timeout is a
Deadline, which the streams count down. They note as well when a request begins to leave,
and that a connection holds more than the answer that was read from it.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from ssl import SSLContext
from typing import Any, TypeAlias
from weakref import WeakSet

import httpcore
import httpx

_PIECE = 16 * 1024
"""Bytes per write: a peer that reads slowly is measured at each piece."""

SocketOptions: TypeAlias = Iterable[Any] | None


class Deadline(float):
    """The seconds that one exchange may take, and what is known of it so far.

    `sent` is True as soon as bytes of the request may have left; `observed` says that our
    own streams carry the exchange, so that `sent` can be relied on. `opened` says that a
    connection was opened for it.
    """

    __slots__ = ("at", "observed", "opened", "sent")

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds
        self.observed = False
        self.opened = False
        self.sent = False

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.at


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    """Return the seconds left for an operation; raise where there are none."""
    if not isinstance(timeout, Deadline):
        return timeout
    timeout.observed = True
    left = timeout.at - time.monotonic()
    if left <= 0:
        raise expired("the deadline of the exchange has passed")
    return left


class SpokeEarly(httpcore.ConnectError):
    """A connection held bytes, or was closed, before a request was sent on it."""


class _Watched:
    """What both kinds of stream share: when sending begins, and what is left unread."""

    def __init__(
        self,
        stream: Any,
        connecting: float | None = None,
        below: _Watched | None = None,
    ) -> None:
        self._stream = stream
        self._connecting = (
            connecting  # httpcore talks to a SOCKS proxy without timeouts
        )
        self._below = below  # AsyncBackend knows the socket by it
        self.unread = False

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks; a readable idle connection is not used again."""
        if info == "is_readable" and self.unread:
            return True
        return self._stream.get_extra_info(info)

    def _left(self, timeout: float | None, expired: type[Exception]) -> float | None:
        return _left(self._connecting if timeout is None else timeout, expired)

    def _begin(self, buffer: bytes, timeout: float | None) -> None:
        """Note that bytes leave now; refuse a connection on which an answer waits.

        Over TLS a readable socket means little: session tickets come unasked. What goes
        to a proxy before TLS begins is nothing of the request.
        """
        if not isinstance(timeout, Deadline) or timeout.sent:
            return
        if not buffer or buffer.startswith(b"CONNECT "):
            return
        timeout.observed = True
        is_tls = self._stream.get_extra_info("ssl_object") is not None
        if not is_tls and self._stream.get_extra_info("is_readable"):
            raise SpokeEarly
        timeout.sent = True


class Stream(_Watched, httpcore.NetworkStream):
    """A synchronous stream that keeps a deadline."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        return bytes(
            self._stream.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))
        )

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._begin(buffer, timeout)
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._stream.write(piece, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Begin TLS."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        return Stream(self._stream.start_tls(ssl_context, server_hostname, left))


class AsyncStream(_Watched, httpcore.AsyncNetworkStream):
    """An asynchronous stream that keeps a deadline."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        left = self._left(timeout, httpcore.ReadTimeout)
        return bytes(await self._stream.read(max_bytes, left))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._begin(buffer, timeout)
        await self._stream.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> AsyncStream:
        """Begin TLS."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        inner = await self._stream.start_tls(ssl_context, server_hostname, left)
        return AsyncStream(inner, below=self)


class Backend(httpcore.NetworkBackend):
    """Opens synchronous connections; every address of a host within one deadline."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> Stream:
        """Connect to the first address that answers; each has its share of the time."""
        failed: Exception = httpcore.ConnectError("the host has no address")
        addresses = _addresses(host, port)
        for at, address in enumerate(addresses):
            left = _left(timeout, httpcore.ConnectTimeout)
            share = left and left / (len(addresses) - at)
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
                return Stream(stream, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._backend.sleep(seconds)


def _addresses(host: str, port: int) -> list[str]:
    """Return a host's addresses; the system's resolver has timeouts of its own."""
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(error) from error
    return [str(address[0]) for *_, address in known]


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens asynchronous connections, and knows those that it has open."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend
        self._streams: WeakSet[AsyncStream] = WeakSet()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> AsyncStream:
        """Connect to a host."""
        left = _left(timeout, httpcore.ConnectTimeout)
        inner = await self._backend.connect_tcp(
            host, port, left, local_address, socket_options
        )
        stream = AsyncStream(inner, timeout)
        self._streams.add(stream)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)

    def sockets(self) -> list[Any]:
        """Return the sockets of the connections that are open."""
        return [stream.get_extra_info("socket") for stream in self._streams]


# httpx has no public way to bring a backend along; an AttributeError here is an update of
# httpx's or httpcore's that renamed theirs, and nothing is sent then.


def with_deadlines(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Let a transport's connections keep deadlines."""
    pool = transport._pool  # noqa: SLF001
    pool._network_backend = Backend(pool._network_backend)  # noqa: SLF001
    return transport


def with_async_deadlines(
    transport: httpx.AsyncHTTPTransport, backend: AsyncBackend | None = None
) -> AsyncBackend:
    """Let a transport's connections keep deadlines, and return what opens them."""
    pool = transport._pool  # noqa: SLF001
    backend = backend or AsyncBackend(pool._network_backend)  # noqa: SLF001
    pool._network_backend = backend  # noqa: SLF001
    return backend


def holds_unread(answer: httpx.Response) -> bool:
    """Tell whether more came on a connection than the answer that was read whole.

    httpcore keeps such bytes, and would read them as the answer to the next request.
    Where its attributes cannot be found (another version), every connection counts as
    holding some: it is slow then, and right.
    """
    if "network_stream" not in answer.extensions:
        return False  # a fake, or a cassette
    stream: Any = answer.stream
    with suppress(AttributeError):
        stream = getattr(stream, "stream", stream)  # our pools wrap it
        connection = stream._httpcore_stream._stream._connection  # noqa: SLF001
        unread, _ = connection._h11_state.trailing_data  # noqa: SLF001
        return bool(unread)
    return True


def distrusted(answer: httpx.Response) -> Any:
    """Mark the connection of an answer as not to be used again, and return its stream."""
    stream = answer.extensions["network_stream"]
    if isinstance(stream, _Watched):
        stream.unread = True
    return stream


def is_readable(sock: Any) -> bool:
    """Tell whether bytes, or the end, wait on a socket; False where that is unknown."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def has_two_lengths(answer: httpx.Response) -> bool:
    """Tell whether an answer has both a length and chunks (RFC 9112, section 6.3)."""
    headers = answer.headers
    return (
        "network_stream" in answer.extensions
        and "transfer-encoding" in headers
        and "content-length" in headers
    )
