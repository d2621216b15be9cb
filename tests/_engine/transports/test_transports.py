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
    Heard,
    Place,
    Plan,
    answers,
    serving,
)
from tests.fakes import Script

from anybank._engine.transports.httpx_sync import Endpoint
from anybank._engine.transports.selection import connect_async
from anybank.adapter.wire import Failure, Request, Response, get, post

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SSN = "333-52-7584"


@pytest.fixture(autouse=True, params=["aiohttp", "pools"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send over aiohttp, then as where that is not installed."""
    if request.param == "pools":
        monkeypatch.setitem(
            sys.modules, "anybank._engine.transports.aiohttp_async", None
        )
    return str(request.param)


def request_lines(method: str, path: str = "/x") -> Request:
    """Return a request, with a body where it may have one."""
    body = None if method in ("GET", "DELETE") else {"ssn": SSN}
    return Request(method=method, path=path, body=body)


Came = list[Response | Failure]


def exchange(
    *plans: Plan,
    requests: list[Request],
    timeout: float = 5.0,
    between: Callable[[], Awaitable[Any]] | None = None,
) -> tuple[Came, Place]:
    """Send requests one after the other to a server with these plans."""

    async def main() -> tuple[Came, Place]:
        async with serving(*plans) as place:
            wire = connect_async(Endpoint.at(place.url, timeout), None)
            came: Came = []
            for request in requests:
                came.append(await wire.send(request))
                await (between() if between else asyncio.sleep(0))
            await wire.close()
            return came, place

    return asyncio.run(main())


def test_the_transport_follows_the_engine(transport: str) -> None:
    """Where aiohttp is installed it is used, else several pools of httpx's."""
    result = connect_async(Endpoint.at("http://localhost", 1.0), None)
    names = {"aiohttp": "AiohttpConnection", "pools": "AsyncHttpxConnection"}
    assert type(result).__name__ == names[transport]


def test_the_callers_transport_is_used() -> None:
    """What the caller sends through is what is used."""
    script = Script(httpx.Response(200))

    async def main() -> Response | Failure:
        return await connect_async(Endpoint.at("http://localhost", 1.0), script).send(
            get("/")
        )

    assert isinstance(asyncio.run(main()), Response)
    assert len(script.requests) == 1


def test_a_proxy_is_left_to_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is set, it is asked for the host, and credentials are not told to it."""

    async def refuses(heard: Heard) -> None:
        await heard.request()
        await heard.say(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

    async def main() -> tuple[Response | Failure, Place]:
        async with serving(refuses) as place:
            monkeypatch.setenv("https_proxy", place.url)
            monkeypatch.setenv("ANYBANK_LIVE", "1")  # it is the proxy that refuses
            wire = connect_async(Endpoint.at("https://bank.example.com", 5.0), None)
            came = await wire.send(get("/x", headers={"x-a": SSN}))
            await wire.close()
            return came, place

    came, place = asyncio.run(main())
    assert came == Failure(
        sent=False, reason="the proxy refused the connection (status 403)"
    )
    assert place.requests[0].startswith(b"CONNECT bank.example.com:443 ")
    assert SSN.encode() not in place.requests[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_request_is_answered(method: str) -> None:
    """Status and body come back, once for each request."""
    (came,), place = exchange(answers, requests=[request_lines(method)])
    assert isinstance(came, Response)
    assert (came.status, came.content) == (200, b"{}")
    assert len(place.requests) == 1


async def hang_up(heard: Heard) -> None:
    """Read a request and close."""
    await heard.request()


async def half_head(heard: Heard) -> None:
    """Break off within the headers."""
    await heard.request()
    await heard.say(b"HTTP/1.1 200 OK\r\ncontent-le")


async def half_body(heard: Heard) -> None:
    """Break off within the body."""
    await heard.request()
    await heard.say(ANSWER.replace(b" 2\r", b" 9\r"))


async def garbage(heard: Heard) -> None:
    """Say what is no HTTP."""
    await heard.request()
    await heard.say(b"!!!!\r\n\r\n")


async def broken_length(heard: Heard) -> None:
    """Say a length that is none."""
    await heard.request()
    await heard.say(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}")


async def reset(heard: Heard) -> None:
    """Tear the connection down."""
    await heard.request()
    heard.writer.transport.abort()


async def at_once(heard: Heard) -> None:
    """Close before anything is read."""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "plan", [hang_up, half_head, half_body, garbage, broken_length, reset]
)
def test_a_lost_answer_is_of_a_request_that_was_sent(plan: Plan, method: str) -> None:
    """What the server read may have taken effect, and is not sent again."""
    (came,), place = exchange(plan, answers, requests=[request_lines(method)])
    assert isinstance(came, Failure)
    assert came.sent
    assert len(place.requests) == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_that_closes_at_once_may_have_been_read(method: str) -> None:
    """Nobody knows how much of it arrived, unless it closed before anything left."""
    (came,), place = exchange(at_once, answers, requests=[request_lines(method)])
    assert isinstance(came, Failure)
    assert came.sent or "before the request was sent" in came.reason
    assert place.requests == []


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_response_times_out(method: str) -> None:
    """After the timeout the request is lost, not unsent."""

    async def silent(heard: Heard) -> None:
        await heard.request()
        await heard.reader.read()

    (came,), _ = exchange(silent, requests=[request_lines(method)], timeout=0.05)
    assert came == Failure(sent=True, reason="timed out while waiting for the response")


@pytest.mark.parametrize("method", METHODS)
def test_a_refused_connection_sends_nothing(method: str) -> None:
    """Nobody listens: it may be tried again."""

    async def main() -> Response | Failure:
        async with serving(answers) as place:
            endpoint = Endpoint.at(place.url, 1.0)
        wire = connect_async(endpoint, None)
        came = await wire.send(request_lines(method))
        await wire.close()
        return came

    assert asyncio.run(main()) == Failure(sent=False, reason="connection refused")


def test_a_handshake_that_does_not_end_sends_nothing() -> None:
    """A server that takes the connection and says nothing of TLS was sent nothing."""

    async def silent(heard: Heard) -> None:
        await heard.reader.read()

    async def main() -> Response | Failure:
        async with serving(silent) as place:
            url = place.url.replace("http:", "https:")
            wire = connect_async(Endpoint.at(url, 0.05), None)
            came = await wire.send(request_lines("POST"))
            await wire.close()
            return came

    assert asyncio.run(main()) == Failure(
        sent=False, reason="timed out while connecting"
    )


def over_tls(authority: trustme.CA) -> tuple[Response | Failure, Place]:
    """Send to a server that has a certificate of an authority."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)

    async def main() -> tuple[Response | Failure, Place]:
        async with serving(answers, tls=tls) as place:
            wire = connect_async(Endpoint.at(place.url, 5.0), None)
            came = await wire.send(request_lines("POST"))
            await wire.close()
            return came, place

    return asyncio.run(main())


def test_a_certificate_is_verified() -> None:
    """One of an unknown authority ends it before anything is sent."""
    came, place = over_tls(trustme.CA())
    assert came == Failure(
        sent=False,
        reason="certificate verification failed: its issuer is not trusted",
    )
    assert place.requests == []


def test_a_known_certificate_is_accepted(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's word for further authorities is heard."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    came, _ = over_tls(authority)
    assert isinstance(came, Response)


def packed(body: bytes) -> Plan:
    """Return a plan that answers with a body that is said to be a gzip."""
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"

    async def plan(heard: Heard) -> None:
        await heard.request()
        await heard.say(head % len(body) + body)

    return plan


@pytest.mark.parametrize(
    ("body", "content"),
    [(gzip.compress(b"[1]", mtime=0), b"[1]"), (b"not gzip", b"")],
    ids=["sound", "broken"],
)
def test_a_packed_answer_is_unpacked(body: bytes, content: bytes) -> None:
    """One that cannot be has no body; its status is known all the same."""
    (came,), _ = exchange(packed(body), requests=[get("/")])
    assert isinstance(came, Response)
    assert (came.status, came.content) == (200, content)


def test_a_dripping_response_times_out() -> None:
    """Each piece is in time; the whole is not."""

    async def drips(heard: Heard) -> None:
        await heard.request()
        await heard.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await heard.say(b"1\r\n \r\n")
            await asyncio.sleep(0)

    (came,), _ = exchange(drips, requests=[get("/")], timeout=0.05)
    assert came == Failure(sent=True, reason="timed out while waiting for the response")


def test_a_header_that_comes_twice_is_one() -> None:
    """Its values are in one, in their order."""

    async def twice(heard: Heard) -> None:
        await heard.request()
        await heard.say(ANSWER.replace(b"\r\n\r\n", b"\r\nX-A: 1\r\nx-a: 2\r\n\r\n"))

    (came,), _ = exchange(twice, requests=[get("/")])
    assert isinstance(came, Response)
    assert came.headers["x-a"] == "1, 2"


def test_a_header_of_any_bytes_can_be_shown() -> None:
    """What is no text is told as well as it goes: it may be part of an error."""

    async def odd(heard: Heard) -> None:
        await heard.request()
        await heard.say(ANSWER.replace(b"\r\n\r\n", b"\r\nx-a: a\xff\r\n\r\n"))

    (came,), _ = exchange(odd, requests=[get("/")])
    assert isinstance(came, Response)
    assert came.headers["x-a"].encode().startswith(b"a")


@pytest.mark.parametrize("path", ["/caf\u00e9", "/a%20b", "/a|b", "/~a:b@c"])
def test_a_path_is_escaped_once(path: str) -> None:
    """What is escaped already stays as it is."""
    _, place = exchange(answers, requests=[get(path)])
    written = place.requests[0].split(b" ")[1].decode("ascii")
    assert unquote(written) == unquote(path)
    assert "%25" not in written


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """Credentials are never taken elsewhere."""

    async def moved(heard: Heard) -> None:
        await heard.request()
        away = b"HTTP/1.1 %d Moved\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n"
        await heard.say(away % status)

    (came,), place = exchange(moved, requests=[post("/x", {})])
    assert isinstance(came, Response)
    assert (came.status, len(place.requests)) == (status, 1)


def test_connections_are_used_again() -> None:
    """Requests one after the other share a connection."""
    came, place = exchange(answers, requests=[request_lines(each) for each in METHODS])
    assert [type(each) for each in came] == [Response] * 5
    assert place.connections == 1


async def once(heard: Heard) -> None:
    """Answer one request, then close as servers do with idle connections."""
    await heard.request()
    await heard.say(ANSWER)


async def settle() -> None:
    """Let the loop hear what the server did."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_closed_while_idle_is_replaced(method: str) -> None:
    """The next request goes over a new one, and arrives once."""
    requests = [get("/"), request_lines(method)]
    came, place = exchange(once, answers, requests=requests, between=settle)
    assert isinstance(came[1], Response)
    assert (place.connections, len(place.requests)) == (2, 2)


@pytest.mark.parametrize("method", METHODS)
def test_a_connection_closed_under_a_request_is_not_tried_again(method: str) -> None:
    """A request read from a used connection is sent once, PUT and DELETE included."""

    async def then_hang_up(heard: Heard) -> None:
        await once(heard)
        await heard.request()

    requests = [get("/"), request_lines(method)]
    came, place = exchange(then_hang_up, answers, requests=requests)
    assert isinstance(came[1], Failure)
    assert came[1].sent
    assert (place.connections, len(place.requests)) == (1, 2)


def test_what_comes_unasked_is_nobodys_answer() -> None:
    """A connection that speaks while idle is given up, with what it said."""

    async def talkative(heard: Heard) -> None:
        await heard.request()
        await heard.say(ANSWER)
        await settle()
        await heard.say(ANSWER.replace(b"{}", b"[]"))
        await heard.reader.read()

    came, place = exchange(
        talkative, answers, requests=[get("/"), get("/")], between=settle
    )
    assert [each.content for each in came if isinstance(each, Response)] == [b"{}"] * 2
    assert place.connections == 2


def test_a_cookie_goes_back() -> None:
    """A vendor's cookie goes back to it as httpx sends it, whatever carries it."""

    async def sets(heard: Heard) -> None:
        await heard.request()
        await heard.say(ANSWER.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n"))
        await answers(heard)

    _, place = exchange(sets, requests=[get("/"), get("/")])
    assert place.requests[1].lower().count(b"cookie: a=b") == 1


def test_the_bytes_are_the_same_over_both() -> None:
    """Method, path, query and headers are what httpx would write."""
    request = post("/c%2Fd", {"a": "é"}, query={"q": "a b"}, headers={"x-a": "1"})
    _, place = exchange(answers, requests=[request])
    head, _, body = place.requests[0].partition(b"\r\n\r\n")
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
    """A line break would start another header."""
    request = get("/", headers={"x-a": "1\r\nx-b: 2"})
    (came,), place = exchange(answers, requests=[request])
    assert came == Failure(sent=False, reason="the request is not valid HTTP")
    assert place.requests == []


def test_many_at_once_share_few_connections() -> None:
    """A hundred requests at once are answered each, over no more connections."""

    async def main() -> tuple[Came, Place]:
        async with serving(answers) as place:
            wire = connect_async(Endpoint.at(place.url, 5.0), None)
            came = await asyncio.gather(*(wire.send(get("/")) for _ in range(150)))
            await wire.close()
            return came, place

    came, place = asyncio.run(main())
    assert {type(each) for each in came} == {Response}
    assert place.connections <= 100


@pytest.mark.parametrize("plan", [hang_up, half_head, garbage, broken_length, answers])
def test_no_log_holds_what_was_sent(
    plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens, at the most talkative."""
    request = post("/x", {"ssn": SSN}, headers={"x-ssn": SSN})
    with caplog.at_level(logging.DEBUG):
        exchange(plan, requests=[request])
    assert SSN not in caplog.text
