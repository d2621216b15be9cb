"""Streams apply one deadline and record whether the request was sent."""

from __future__ import annotations

import socket
from typing import Any

import httpcore
import httpx
import pytest
from attrs import define, field

from anybank._engine.transports.httpx_connections import has_unread_bytes
from anybank._engine.transports.streams import (
    Backend,
    Deadline,
    Stream,
    UnsolicitedData,
)


@define
class HttpxConnection(httpcore.NetworkStream):
    """A stream that keeps what is done with it, and for how long it may take."""

    readable: bool = False
    written: list[bytes] = field(factory=list)
    timeouts: list[float | None] = field(factory=list)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.timeouts.append(timeout)
        return b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.timeouts.append(timeout)
        self.written.append(buffer)

    def get_extra_info(self, info: str) -> Any:
        return self.readable if info == "is_readable" else None


def test_each_operation_gets_the_remaining_time() -> None:
    """Each operation gets the remaining time of the exchange, and times out without any."""
    wire, deadline = HttpxConnection(), Deadline(60)
    stream = Stream(wire)
    stream.write(b"x" * 40_000, timeout=deadline)
    stream.read(10, timeout=deadline)
    left = [timeout or 0 for timeout in wire.timeouts]
    assert left == sorted(left, reverse=True)
    assert len(left) == 4
    deadline.at = 0.0
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(10, timeout=deadline)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"x", timeout=deadline)


def test_only_bytes_of_the_request_count_as_sent() -> None:
    """A CONNECT line and an empty write do not count as the request."""
    wire, deadline = HttpxConnection(), Deadline(60)
    stream = Stream(wire)
    for buffer, sent in (
        (b"", False),
        (b"CONNECT a:1 HTTP/1.1", False),
        (b"GET", True),
    ):
        stream.write(buffer, timeout=deadline)
        assert deadline.sent is sent


def test_nothing_is_sent_where_an_answer_waits() -> None:
    """Nothing is sent on a connection that already holds bytes."""
    wire, deadline = HttpxConnection(readable=True), Deadline(60)
    with pytest.raises(UnsolicitedData):
        Stream(wire).write(b"POST", timeout=deadline)
    assert (wire.written, deadline.sent) == ([], False)


def test_a_handshake_with_a_proxy_is_within_the_deadline() -> None:
    """The handshake with a SOCKS proxy uses the deadline, although httpcore passes none."""
    wire = HttpxConnection()
    Stream(wire, Deadline(60)).read(10)
    assert wire.timeouts[0] is not None


@define
class Network(httpcore.NetworkBackend):
    """A network on which no address answers."""

    tried: list[tuple[str, float]] = field(factory=list)

    def connect_tcp(self, host: str, port: int, timeout: Any = None, *_: Any) -> Any:
        self.tried.append((host, timeout))
        raise httpcore.ConnectTimeout


def test_all_addresses_of_a_host_share_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four silent addresses together take no longer than the deadline."""
    hosts = [f"192.0.2.{at}" for at in range(4)]
    known = [(socket.AF_INET, 1, 6, "", (host, 443)) for host in hosts]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: known)
    network = Network()
    with pytest.raises(httpcore.ConnectTimeout):
        Backend(network).connect_tcp("bank.example.com", 443, Deadline(60))
    assert [host for host, _ in network.tried] == hosts
    assert network.tried[0][1] <= 15


def test_an_answer_of_an_unknown_kind_counts_as_surplus() -> None:
    """With an unknown version of httpcore no connection is reused."""
    real = httpx.Response(200, extensions={"network_stream": HttpxConnection()})
    assert has_unread_bytes(real)
    assert not has_unread_bytes(httpx.Response(200))
