"""AsyncBank's transports report the same failure at every moment of an exchange."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import trustme
from tests._engine.transports.servers import (
    ANSWER,
    Peer,
    Plan,
    RawServer,
    answers,
    at_a_deadline,
    serving,
)
from tests.fakes import Script

from anybank._engine.send_guard import sent_only_if
from anybank._engine.transports.endpoint import Endpoint
from anybank._engine.transports.selection import connect_async
from anybank.adapter.wire import Failure, Request, Response, get, post

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SSN = "333-52-7584"


@pytest.fixture(autouse=True, params=["aiohttp", "pools"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send over aiohttp, and then over httpx as if aiohttp were not installed."""
    if request.param == "pools":
        monkeypatch.setitem(
            sys.modules, "anybank._engine.transports.aiohttp_async", None
        )
    return str(request.param)


def request_lines(method: str, path: str = "/x") -> Request:
    """Return a request with a method, with a body if the method allows one."""
    body = None if method in ("GET", "DELETE") else {"ssn": SSN}
    return Request(method=method, path=path, body=body)


Results = list[Response | Failure]


def exchange(
    *plans: Plan,
    requests: list[Request],
    timeout: float = 5.0,
    between: Callable[[], Awaitable[Any]] | None = None,
    prepare: Callable[[Request], Request] = Request.prepared,
) -> tuple[Results, RawServer]:
    """Send requests one after the other to a server with these plans."""

    async def main() -> tuple[Results, RawServer]:
        async with serving(*plans) as server:
            wire = connect_async(Endpoint.at(server.url, timeout), None)
            result: Results = []
            for request in requests:
                result.append(await wire.send(prepare(request)))
                await (between() if between else asyncio.sleep(0))
            await wire.close()
            return result, server

    return asyncio.run(main())


def timed_out(plan: Plan, request: Request) -> Response | Failure:
    """Send a request to a server whose response does not end, until the deadline."""

    def attempt(timeout: float) -> Response | Failure:
        return exchange(plan, requests=[request], timeout=timeout)[0][0]

    return at_a_deadline(attempt, lambda result: getattr(result, "reason", ""))


def test_the_transport_follows_the_engine(transport: str) -> None:
    """If aiohttp is installed it is used, and else several pools of httpx."""
    result = connect_async(Endpoint.at("http://localhost", 1.0), None)
    names = {"aiohttp": "AiohttpConnection", "pools": "AsyncHttpxConnection"}
    assert type(result).__name__ == names[transport]


def test_the_callers_transport_is_used() -> None:
    """A transport of the caller is used instead."""
    script = Script(httpx.Response(200))

    async def main() -> Response | Failure:
        return await connect_async(Endpoint.at("http://localhost", 1.0), script).send(
            get("/")
        )

    assert isinstance(asyncio.run(main()), Response)
    assert len(script.requests) == 1


def test_a_proxy_is_left_to_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy httpx is used, and the proxy sees the host and no credentials."""

    async def refuses(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    async def main() -> tuple[Response | Failure, RawServer]:
        async with serving(refuses) as server:
            monkeypatch.setenv("https_proxy", server.url)
            monkeypatch.setenv("ANYBANK_LIVE", "1")  # it is the proxy that refuses
            wire = connect_async(Endpoint.at("https://bank.example.com", 5.0), None)
            result = await wire.send(get("/x", headers={"x-a": SSN}).prepared())
            await wire.close()
            return result, server

    result, server = asyncio.run(main())
    assert result == Failure(
        sent=False, reason="the proxy refused the connection (status 403)"
    )
    assert server.requests[0].startswith(b"CONNECT bank.example.com:443 ")
    assert SSN.encode() not in server.requests[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_request_is_answered(method: str) -> None:
    """A request is sent once, and its status and body are returned."""
    (result,), server = exchange(answers, requests=[request_lines(method)])
    assert isinstance(result, Response)
    assert (result.status, result.content) == (200, b"{}")
    assert len(server.requests) == 1


async def hang_up(peer: Peer) -> None:
    """Read a request and close the connection."""
    await peer.request()


async def half_head(peer: Peer) -> None:
    """Close the connection within the headers."""
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-le")


async def half_body(peer: Peer) -> None:
    """Close the connection within the body."""
    await peer.request()
    await peer.send(ANSWER.replace(b" 2\r", b" 9\r"))


async def garbage(peer: Peer) -> None:
    """Answer with bytes that are not HTTP."""
    await peer.request()
    await peer.send(b"!!!!\r\n\r\n")


async def broken_length(peer: Peer) -> None:
    """Answer with an invalid length."""
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}")


async def reset(peer: Peer) -> None:
    """Reset the connection."""
    await peer.request()
    peer.writer.transport.abort()


async def at_once(peer: Peer) -> None:
    """Close the connection before the request is read."""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "plan", [hang_up, half_head, half_body, garbage, broken_length, reset]
)
def test_a_lost_answer_is_of_a_request_that_was_sent(plan: Plan, method: str) -> None:
    """A request that the server has read counts as sent and is not repeated."""
    (result,), server = exchange(plan, answers, requests=[request_lines(method)])
    assert isinstance(result, Failure)
    assert result.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_that_closes_early_counts_as_sent(method: str) -> None:
    """A connection that closes early counts as sent, unless it closed before the write."""
    (result,), server = exchange(at_once, answers, requests=[request_lines(method)])
    assert isinstance(result, Failure)
    assert result.sent or "before the request was sent" in result.reason
    assert server.requests == []


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_response_times_out(method: str) -> None:
    """A request without a response is sent, and its outcome is unknown."""

    async def silent(peer: Peer) -> None:
        await peer.request()
        await peer.reader.read()

    result = timed_out(silent, request_lines(method))
    assert result == Failure(
        sent=True, reason="timed out while waiting for the response"
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_refused_connection_sends_nothing(method: str) -> None:
    """A refused connection counts as not sent."""

    async def main() -> Response | Failure:
        async with serving(answers) as server:
            endpoint = Endpoint.at(server.url, 30.0)
        wire = connect_async(endpoint, None)
        result = await wire.send(request_lines(method).prepared())
        await wire.close()
        return result

    assert asyncio.run(main()) == Failure(sent=False, reason="connection refused")


def test_a_handshake_that_does_not_end_sends_nothing() -> None:
    """A TLS handshake that does not end counts as not sent."""

    async def silent(peer: Peer) -> None:
        await peer.reader.read()

    async def main() -> Response | Failure:
        async with serving(silent) as server:
            url = server.url.replace("http:", "https:")
            wire = connect_async(Endpoint.at(url, 0.05), None)
            result = await wire.send(request_lines("POST").prepared())
            await wire.close()
            return result

    assert asyncio.run(main()) == Failure(
        sent=False, reason="timed out while connecting"
    )


def over_tls(authority: trustme.CA) -> tuple[Response | Failure, RawServer]:
    """Send to a server with a certificate of an authority."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    async def main() -> tuple[Response | Failure, RawServer]:
        async with serving(answers, tls=tls) as server:
            wire = connect_async(Endpoint.at(server.url, 5.0), None)
            result = await wire.send(request_lines("POST").prepared())
            await wire.close()
            return result, server

    return asyncio.run(main())


def test_a_certificate_is_verified() -> None:
    """A certificate of an unknown authority fails before anything is sent."""
    result, server = over_tls(trustme.CA())
    assert result == Failure(
        sent=False,
        reason="certificate verification failed: its issuer is not trusted",
    )
    assert server.requests == []


def test_a_known_certificate_is_accepted(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of the authority in SSL_CERT_FILE is accepted."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    result, _ = over_tls(authority)
    assert isinstance(result, Response)


def packed(body: bytes) -> Plan:
    """Return a plan that answers with a body that is labelled as gzip."""
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(head % len(body) + body)

    return plan


@pytest.mark.parametrize(
    ("body", "content"),
    [(gzip.compress(b"[1]", mtime=0), b"[1]"), (b"not gzip", b"")],
    ids=["sound", "broken"],
)
def test_a_packed_answer_is_unpacked(body: bytes, content: bytes) -> None:
    """A gzip body is decompressed; an invalid one leaves the status without a body."""
    (result,), _ = exchange(packed(body), requests=[get("/")])
    assert isinstance(result, Response)
    assert (result.status, result.content) == (200, content)


def test_a_dripping_response_times_out() -> None:
    """A response whose pieces are in time ends at the deadline."""

    async def drips(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await peer.send(b"1\r\n \r\n")
            await asyncio.sleep(0)

    result = timed_out(drips, get("/"))
    assert result == Failure(
        sent=True, reason="timed out while waiting for the response"
    )


def test_a_header_that_comes_twice_is_one() -> None:
    """The values of a repeated header are joined in their order."""

    async def twice(peer: Peer) -> None:
        await peer.request()
        await peer.send(ANSWER.replace(b"\r\n\r\n", b"\r\nX-A: 1\r\nx-a: 2\r\n\r\n"))

    (result,), _ = exchange(twice, requests=[get("/")])
    assert isinstance(result, Response)
    assert result.headers["x-a"] == "1, 2"


def test_a_header_of_any_bytes_can_be_shown() -> None:
    """A header that is not UTF-8 is decoded with replacements."""

    async def odd(peer: Peer) -> None:
        await peer.request()
        await peer.send(ANSWER.replace(b"\r\n\r\n", b"\r\nx-a: a\xff\r\n\r\n"))

    (result,), _ = exchange(odd, requests=[get("/")])
    assert isinstance(result, Response)
    assert result.headers["x-a"].encode().startswith(b"a")


@pytest.mark.parametrize("path", ["/caf\u00e9", "/a%20b", "/a|b", "/~a:b@c"])
def test_a_path_is_escaped_once(path: str) -> None:
    """An escaped path is not escaped again."""
    _, server = exchange(answers, requests=[get(path)])
    written = server.requests[0].split(b" ")[1].decode("ascii")
    assert unquote(written) == unquote(path)
    assert "%25" not in written


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A redirect is returned and not followed."""

    async def moved(peer: Peer) -> None:
        await peer.request()
        away = b"HTTP/1.1 %d Moved\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n"
        await peer.send(away % status)

    (result,), server = exchange(moved, requests=[post("/x", {})])
    assert isinstance(result, Response)
    assert (result.status, len(server.requests)) == (status, 1)


def test_connections_are_used_again() -> None:
    """Consecutive requests share a connection."""
    result, server = exchange(
        answers, requests=[request_lines(method) for method in METHODS]
    )
    assert [type(item) for item in result] == [Response] * 5
    assert server.connections == 1


async def once(peer: Peer) -> None:
    """Answer one request and close, as servers do with idle connections."""
    await peer.request()
    await peer.send(ANSWER)


async def settle() -> None:
    """Let the loop process what the server did."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_closed_while_idle_is_replaced(method: str) -> None:
    """After an idle connection was closed, the next request uses a new one."""
    requests = [get("/"), request_lines(method)]
    result, server = exchange(once, answers, requests=requests, between=settle)
    assert isinstance(result[1], Response)
    assert (server.connections, len(server.requests)) == (2, 2)


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_closed_under_a_request_is_not_tried_again(method: str) -> None:
    """A request on a used connection is sent once, also PUT and DELETE."""

    async def then_hang_up(peer: Peer) -> None:
        await once(peer)
        await peer.request()

    requests = [get("/"), request_lines(method)]
    result, server = exchange(then_hang_up, answers, requests=requests)
    assert isinstance(result[1], Failure)
    assert result[1].sent
    assert (server.connections, len(server.requests)) == (1, 2)


def test_unsolicited_bytes_are_not_a_response() -> None:
    """Bytes on an idle connection are discarded with the connection."""

    async def talkative(peer: Peer) -> None:
        await peer.request()
        await peer.send(ANSWER)
        await settle()
        await peer.send(ANSWER.replace(b"{}", b"[]"))
        await peer.reader.read()

    result, server = exchange(
        talkative, answers, requests=[get("/"), get("/")], between=settle
    )
    assert [item.content for item in result if isinstance(item, Response)] == [
        b"{}"
    ] * 2
    assert server.connections == 2


def test_a_cookie_goes_back() -> None:
    """A cookie is sent back to the vendor by every engine."""

    async def sets(peer: Peer) -> None:
        await peer.request()
        await peer.send(ANSWER.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n"))
        await answers(peer)

    _, server = exchange(sets, requests=[get("/"), get("/")])
    assert server.requests[1].lower().count(b"cookie: a=b") == 1


def test_the_bytes_are_the_same_over_both() -> None:
    """The method, path, query and headers are the same over aiohttp and httpx."""
    request = post("/c%2Fd", {"a": "é"}, query={"q": "a b"}, headers={"x-a": "1"})
    _, server = exchange(answers, requests=[request])
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().lower().split("\r\n")
    names = sorted(line.partition(":")[0] for line in lines)
    assert (first, body.decode()) == ("post /c%2fd?q=a+b http/1.1", '{"a": "é"}')
    assert names == [
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-a",
    ]


def test_a_header_with_a_line_break_is_not_sent() -> None:
    """A header with a line break is not sent."""
    request = get("/", headers={"x-a": "1\r\nx-b: 2"})
    (result,), server = exchange(answers, requests=[request], prepare=lambda raw: raw)
    assert result == Failure(sent=False, reason="the request is not valid HTTP")
    assert server.requests == []


def test_concurrent_requests_share_few_connections() -> None:
    """A hundred concurrent requests are answered over the maximum of connections."""

    async def main() -> tuple[Results, RawServer]:
        async with serving(answers) as server:
            wire = connect_async(Endpoint.at(server.url, 5.0), None)
            result = await asyncio.gather(
                *(wire.send(get("/").prepared()) for _ in range(150))
            )
            await wire.close()
            return result, server

    result, server = asyncio.run(main())
    assert {type(item) for item in result} == {Response}
    assert server.connections <= 100


@pytest.mark.parametrize("plan", [hang_up, half_head, garbage, broken_length, answers])
def test_no_log_contains_a_sent_value(
    plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level DEBUG no log contains a sent value, whatever happens."""
    request = post("/x", {"ssn": SSN}, headers={"x-ssn": SSN})
    with caplog.at_level(logging.DEBUG):
        exchange(plan, requests=[request])
    assert SSN not in caplog.text


def test_a_request_that_may_not_leave_is_not_sent() -> None:
    """The last check comes after the connection and before the first byte."""
    checks: list[bool] = []

    def is_allowed() -> bool:
        checks.append(len(checks) != 1)
        return checks[-1]

    with sent_only_if(is_allowed):
        results, server = exchange(answers, requests=[post("/x", {})] * 3)
    first, second, third = results
    assert isinstance(first, Response)
    assert isinstance(second, Failure)
    assert not second.sent
    assert isinstance(third, Response)
    assert checks == [True, False, True]
    assert len(server.requests) == 2
