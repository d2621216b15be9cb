"""Open connections for httpx and apply one deadline to a whole exchange.

httpcore gives each operation of an exchange (connect, write, read) the same timeout. Here
that timeout is a Deadline, which the streams count down. The streams also record when a
request starts to leave, and when a connection holds bytes after its response.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any, TypeAlias
from weakref import WeakSet

import httpcore
import httpx

from ..send_guard import may_leave

_WRITE_CHUNK = 16 * 1024
"""Bytes per write: the deadline is checked between two writes to a slow peer."""

SocketOptions: TypeAlias = Iterable[Any] | None


class Deadline(float):
    """The seconds that one exchange may take, and the state of that exchange.

    It is a float, because httpx and httpcore hand the timeout of a request through to the
    stream unchanged, and a fake or the caller's own transport reads a number.

    `sent` is True as soon as bytes of the request may have left. `observed` is True when
    our own streams carry the exchange, so that `sent` is reliable. `opened` is True when
    a new connection was opened for the exchange.
    """

    __slots__ = ("at", "observed", "opened", "sent")

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds
        self.observed = False
        self.opened = False
        self.sent = False

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self.at


def _remaining(timeout: float | None, expired: type[Exception]) -> float | None:
    """Return the seconds left for an operation; raise *expired* when none are left."""
    if not isinstance(timeout, Deadline):
        return timeout
    timeout.observed = True
    left = timeout.at - time.monotonic()
    if left <= 0:
        raise expired("the deadline of the exchange has passed")
    return left


class UnsolicitedData(httpcore.ConnectError):
    """The server sent bytes, or closed the connection, before a request was sent.

    httpx maps a ConnectError of httpcore to its own, which counts as not sent.
    """


class NotAllowed(httpcore.ConnectError):
    """What allowed the request has ended before its first byte left."""


class _DeadlineStream:
    """The common part of both streams: track sending and unread bytes."""

    def __init__(
        self,
        stream: Any,
        connecting: float | None = None,
        below: _DeadlineStream | None = None,
    ) -> None:
        self._stream = stream
        # httpcore passes no timeout while it talks to a SOCKS proxy: use this one.
        self._connecting = connecting
        # AsyncBackend finds the socket through a weak reference to this stream.
        self._below = below
        self.unread = False

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the stream; an unread byte makes httpcore drop the stream."""
        if info == "is_readable" and self.unread:
            return True
        return self._stream.get_extra_info(info)

    def _remaining(
        self, timeout: float | None, expired: type[Exception]
    ) -> float | None:
        return _remaining(self._connecting if timeout is None else timeout, expired)

    def _before_sending(self, buffer: bytes, timeout: float | None) -> None:
        """Record that bytes leave now; reject a connection that already holds a response.

        A readable TLS socket is normal, because servers send session tickets unasked. The
        CONNECT line to a proxy is not part of the request.
        """
        if not isinstance(timeout, Deadline) or timeout.sent:
            return
        if not buffer or buffer.startswith(b"CONNECT "):
            return
        timeout.observed = True
        # httpcore checks a connection too, but earlier: when it takes it from the pool.
        is_tls = self._stream.get_extra_info("ssl_object") is not None
        if not is_tls and self._stream.get_extra_info("is_readable"):
            raise UnsolicitedData
        if not may_leave():
            raise NotAllowed
        timeout.sent = True


class Stream(_DeadlineStream, httpcore.NetworkStream):
    """A synchronous stream with a deadline."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        return bytes(
            self._stream.read(max_bytes, self._remaining(timeout, httpcore.ReadTimeout))
        )

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._before_sending(buffer, timeout)
        for start in range(0, len(buffer), _WRITE_CHUNK):
            piece = buffer[start : start + _WRITE_CHUNK]
            self._stream.write(piece, self._remaining(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Start TLS."""
        left = self._remaining(timeout, httpcore.ConnectTimeout)
        return Stream(self._stream.start_tls(ssl_context, server_hostname, left))


class AsyncStream(_DeadlineStream, httpcore.AsyncNetworkStream):
    """An asynchronous stream with a deadline."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        left = self._remaining(timeout, httpcore.ReadTimeout)
        return bytes(await self._stream.read(max_bytes, left))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        self._before_sending(buffer, timeout)
        await self._stream.write(
            buffer, self._remaining(timeout, httpcore.WriteTimeout)
        )

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> AsyncStream:
        """Start TLS."""
        left = self._remaining(timeout, httpcore.ConnectTimeout)
        inner = await self._stream.start_tls(ssl_context, server_hostname, left)
        return AsyncStream(inner, below=self)


class Backend(httpcore.NetworkBackend):
    """Open synchronous connections, trying every address of a host in one deadline."""

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
        """Connect to the first reachable address; each gets an equal share of the time."""
        # socket.create_connection, which httpcore calls, gives each address the whole
        # timeout. The asynchronous backend, anyio, tries the addresses concurrently.
        last_error: Exception = httpcore.ConnectError("the host has no address")
        addresses = _addresses(host, port)
        for at, address in enumerate(addresses):
            left = _remaining(timeout, httpcore.ConnectTimeout)
            share = left and left / (len(addresses) - at)
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
                return Stream(stream, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last_error = error
        raise last_error

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._backend.sleep(seconds)


def _addresses(host: str, port: int) -> list[str]:
    """Return a host's addresses; the system's resolver applies its own timeouts."""
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(error) from error
    return [str(address[0]) for *_, address in known]


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Open asynchronous connections and keep track of the open ones."""

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
        left = _remaining(timeout, httpcore.ConnectTimeout)
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
        """Return the sockets of the open connections."""
        return [stream.get_extra_info("socket") for stream in self._streams]


# httpx has no public way to pass a network backend. An AttributeError here means that an
# update of httpx or httpcore renamed these attributes; nothing is sent in that case.


def add_deadlines(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Make a transport open its connections with deadlines."""
    pool = transport._pool  # noqa: SLF001
    pool._network_backend = Backend(pool._network_backend)  # noqa: SLF001
    return transport


def add_async_deadlines(
    transport: httpx.AsyncHTTPTransport, backend: AsyncBackend | None = None
) -> AsyncBackend:
    """Make a transport open its connections with deadlines; return its backend."""
    pool = transport._pool  # noqa: SLF001
    backend = backend or AsyncBackend(pool._network_backend)  # noqa: SLF001
    pool._network_backend = backend  # noqa: SLF001
    return backend


def mark_unusable(response: httpx.Response) -> Any:
    """Exclude a response's connection from reuse and return its stream."""
    stream = response.extensions["network_stream"]
    if isinstance(stream, _DeadlineStream):
        stream.unread = True
    return stream


def is_readable(sock: Any) -> bool:
    """Return whether a socket has bytes or an end of file to read, False if unknown."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))
