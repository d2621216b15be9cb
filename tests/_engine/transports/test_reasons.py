"""Network failures have the same messages on every engine."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests._engine.transports.callers import (
    CALLERS,
    Get,
    every_caller,
    frames_of,
    unknown_hosts,
)
from tests._engine.transports.certificates import HOST, Authority
from tests._engine.transports.proxies import refuses, speaks_socks_to, tunnels_to
from tests._engine.transports.servers import Peer, Plan, RawServer, serving

from anybank import NotSent, Outcome
from anybank.model.customers import Customer

PASSWORD = "hunter2secret"
BODY = b'{"id": "c1"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
PROXIED = "toy customers.get: nothing was sent: the proxy refused the connection"


async def answers(peer: Peer) -> None:
    """Answer every request with a customer."""
    while True:
        await peer.request()
        await peer.send(ANSWER)


async def silent(peer: Peer) -> None:
    """Accept a connection and send nothing."""
    await peer.reader.read()


async def not_tls(peer: Peer) -> None:
    """Answer a TLS handshake with other bytes."""
    await peer.reader.read(1)
    await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return an authority whose certificate is in a file."""
    return Authority.at(tmp_path / "ca.pem")


def failing(get: Get, http: dict[str, Any], **options: Any) -> str:
    """Read a customer, which must fail before anything is sent; return the reason."""
    with pytest.raises(NotSent) as caught:
        asyncio.run(get(http, **options))
    return why(caught.value)


def why(error: NotSent) -> str:
    """Return the reason of a retryable NotSent that shows no password."""
    assert error.outcome is Outcome.NOT_SENT
    assert error.retryable
    assert error.__cause__ is error.__context__ is None
    assert PASSWORD not in frames_of(error)
    return str(error).removeprefix("toy customers.get: nothing was sent: ")


async def reach(
    get: Get, http: dict[str, Any], plan: Plan, tls: ssl.SSLContext | None, **more: Any
) -> tuple[str, RawServer]:
    """Read a customer of an unusable server, and return the reason."""
    async with serving(plan, tls=tls) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(NotSent) as caught:
            await get(http, base_url=url, **more)
        return why(caught.value), server


@every_caller
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("expired", "it has expired"),
        ("early", "it is not valid yet"),
        ("of another host", "it is not for this host (hostname mismatch)"),
        ("of another address", "it is not for this host (hostname mismatch)"),
        ("untrusted", "its issuer is not trusted"),
    ],
)
def test_a_certificate_is_refused_with_the_reason(
    kind: str, reason: str, get: Get, authority: Authority
) -> None:
    """The reason names the fault of the certificate, and nothing is sent."""
    server = authority.server(kind)
    shown, raw_server = asyncio.run(
        reach(get, {"verify": authority.path}, answers, server)
    )
    assert shown == f"certificate verification failed: {reason}"
    assert raw_server.requests == []


@every_caller
def test_a_self_signed_certificate_is_refused_as_one(
    get: Get, authority: Authority
) -> None:
    """By default a self-signed certificate is rejected as such."""
    server = authority.server("self-signed")
    shown, _ = asyncio.run(reach(get, {}, answers, server))
    assert shown == "certificate verification failed: it is self-signed"


@every_caller
def test_a_server_without_tls_is_reported(get: Get) -> None:
    """A server that does not speak TLS is reported as a failed handshake."""
    shown, _ = asyncio.run(reach(get, {}, not_tls, None))
    assert shown == "the TLS handshake failed"


@every_caller
def test_a_server_that_stays_silent_times_out_while_connecting(get: Get) -> None:
    """A handshake that does not end is a timeout while connecting."""
    shown, _ = asyncio.run(reach(get, {}, silent, None, timeout=0.05))
    assert shown == "timed out while connecting"


@every_caller
def test_a_refused_connection_is_reported(get: Get) -> None:
    """A port without a server is reported as a refused connection."""
    assert failing(get, {}, base_url="https://127.0.0.1:1") == "connection refused"


@every_caller
def test_an_unknown_host_is_a_failed_lookup(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown host is reported as a failed DNS lookup."""
    monkeypatch.setenv("ANYBANK_LIVE", "1")  # the resolver below knows no live host
    monkeypatch.setattr(socket, "getaddrinfo", unknown_hosts)
    assert failing(get, {}, base_url="https://bank.example") == "DNS lookup failed"


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a live host, which these tests reach through a proxy."""
    monkeypatch.setenv("ANYBANK_LIVE", "1")
    return f"https://{HOST}"


@every_caller
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (b"407 Proxy Authentication Required", " (status 407)"),
        (b"403 " + PASSWORD.encode(), " (status 403)"),
        (b"502 Bad Gateway", " (status 502)"),
    ],
)
def test_a_refusing_proxy_is_reported_with_its_status(
    status: bytes, reason: str, get: Get, live: str
) -> None:
    """A refusing proxy is reported with its status, and receives no request."""

    async def main() -> RawServer:
        async with serving(refuses(status)) as server:
            with pytest.raises(NotSent) as caught:
                await get({"proxy": server.url}, base_url=live, token=PASSWORD)
            assert str(caught.value) == PROXIED + reason
            why(caught.value)
            return server

    (request,) = asyncio.run(main()).requests
    assert request.startswith(f"CONNECT {HOST}:443 ".encode())
    assert PASSWORD.encode() not in request


@every_caller
def test_a_proxy_that_hangs_up_has_sent_nothing_on(get: Get, live: str) -> None:
    """A proxy that closes the connection has forwarded nothing."""

    async def hangs_up(peer: Peer) -> None:
        await peer.request()

    async def main() -> RawServer:
        async with serving(hangs_up) as server:
            with pytest.raises(NotSent) as caught:
                await get({"proxy": server.url}, base_url=live, token=PASSWORD)
            why(caught.value)
            return server

    (request,) = asyncio.run(main()).requests
    assert PASSWORD.encode() not in request


@every_caller
def test_a_proxy_that_stays_silent_has_sent_nothing_on(get: Get, live: str) -> None:
    """A proxy that does not answer is a timeout while connecting."""

    async def main() -> None:
        async with serving(silent) as server:
            with pytest.raises(NotSent) as caught:
                await get({"proxy": server.url}, base_url=live, timeout=0.1)
            assert "timed out" in why(caught.value)

    asyncio.run(main())


@every_caller
def test_a_proxy_that_is_not_there_refuses_the_connection(get: Get, live: str) -> None:
    """A missing proxy has the same reason as a missing vendor."""
    http = {"proxy": f"http://user:{PASSWORD}@127.0.0.1:1"}
    assert failing(get, http, base_url=live) == "connection refused"


def through(
    get: Get, plan: Callable[[int], Plan], url: str, scheme: str, authority: Authority
) -> tuple[Customer, list[bytes]]:
    """Read a customer through a proxy; return the bytes that the proxy received."""

    async def main() -> tuple[Customer, list[bytes]]:
        server = authority.server("good")
        async with serving(answers, tls=server) as vendor, serving() as proxy:
            proxy.plans.append(plan(vendor.port))
            pair = "user:p%40ss@" if scheme == "http" else ""
            address = f"{scheme}://{pair}127.0.0.1:{proxy.port}"
            http = {"verify": authority.path, "proxy": address}
            return await get(http, base_url=url), proxy.requests

    return asyncio.run(main())


@every_caller
def test_a_vendor_is_reached_through_a_proxy(
    get: Get, live: str, authority: Authority
) -> None:
    """The vendor's certificate is verified, and only the proxy gets the password."""
    customer, (request_lines,) = through(get, tunnels_to, live, "http", authority)
    assert customer.id == "c1"
    assert (
        b"proxy-authorization: basic dxnlcjpwqhnz" in request_lines.lower()
    )  # user:p@ss


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("name", ["Bank", "AsyncBank httpx"])
def test_a_vendor_is_reached_through_a_socks_proxy(
    name: str, scheme: str, live: str, authority: Authority
) -> None:
    """A SOCKS proxy receives the name of the host and resolves it."""
    customer, request_lines = through(
        CALLERS[name], speaks_socks_to, live, scheme, authority
    )
    assert customer.id == "c1"
    assert request_lines == [HOST.encode()]
