"""Servers that drip, never end, respond twice or send bombs: every call ends correctly."""

from __future__ import annotations

import asyncio
import gzip
import threading
import zlib
from typing import Any

import pytest
from tests._engine.transports.callers import Get, every_caller
from tests._engine.transports.servers import (
    Peer,
    Plan,
    RawServer,
    at_a_deadline,
    serving,
)
from tests.fakes import Toy, james

from anybank import (
    AnybankError,
    AsyncBank,
    Bank,
    HttpOptions,
    Outcome,
    OutcomeUnknown,
    UnexpectedResponse,
)

LIMIT = 64 * 1024
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def answer(name: str) -> bytes:
    """Return a response with a customer."""
    body = b'{"id": "%b"}' % name.encode()
    return HEAD + b"content-length: %d\r\n\r\n%b" % (len(body), body)


def dripping(start: bytes, piece: bytes = b"a") -> Plan:
    """Return a plan that sends a beginning, and then a few bytes forever."""

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        while True:
            await peer.send(piece)
            await asyncio.sleep(0.02)

    return plan


SLOW = {
    "status line": dripping(b"HTTP/1.1 200 "),
    "header": dripping(b"HTTP/1.1 200 OK\r\nx-a: "),
    "body": dripping(HEAD + b"content-length: 9000\r\n\r\n", b" "),
    "chunk size": dripping(CHUNKED, b"0"),
    "chunks": dripping(CHUNKED, b"1\r\n \r\n"),
    "trailer": dripping(CHUNKED + b"2\r\n{}\r\n0\r\nx-t: "),
    "name of a gzip": dripping(
        HEAD + b"content-encoding: gzip\r\ncontent-length: 9000\r\n\r\n"
        b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"
    ),
    "1xx": dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "nothing": dripping(b"", b""),
}


def failing(get: Get, plan: Plan, timeout: float, **http: Any) -> AnybankError:
    """Read a customer from a server with a plan, which must fail; return the error."""

    async def main() -> AnybankError:
        async with serving(plan) as server:
            with pytest.raises(AnybankError) as caught:
                await asyncio.wait_for(
                    get(http, base_url=server.url, timeout=timeout), 20
                )
            return caught.value

    return asyncio.run(main())


def timed_out(get: Get, plan: Plan) -> AnybankError:
    """Read a customer from a server whose response does not end, until the deadline."""
    return at_a_deadline(lambda timeout: failing(get, plan, timeout), str)


@every_caller
@pytest.mark.parametrize("slow", SLOW)
def test_one_deadline_ends_the_exchange(slow: str, get: Get) -> None:
    """A response whose pieces are in time ends at the deadline with an unknown outcome."""
    error = timed_out(get, SLOW[slow])
    assert isinstance(error, OutcomeUnknown)
    assert "timed out while waiting for the response" in str(error)
    assert error.outcome is Outcome.UNKNOWN


@every_caller
def test_a_flood_of_1xx_ends_at_the_deadline(get: Get) -> None:
    """An endless series of 1xx responses ends at the deadline."""

    async def flood(peer: Peer) -> None:
        await peer.request()
        while True:
            await peer.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 500)

    error = timed_out(get, flood)
    assert isinstance(error, OutcomeUnknown)


def test_a_server_that_does_not_read_times_out() -> None:
    """The deadline applies to sending as well."""

    async def deaf(peer: Peer) -> None:
        # The connection is open before the deadline begins, so that it ends the sending.
        await peer.request()
        await peer.send(answer("one"))
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(20)

    async def send(url: str) -> list[AnybankError]:
        options: dict[str, Any] = {"token": "t", "base_url": url}
        # More than the system holds for a connection, and little to copy.
        body = {"x": "y" * (10 << 20)}
        errors = []
        with Bank(Toy, **options) as bank:
            await asyncio.to_thread(bank.customers.get, "one")
            hasty = bank.with_options(timeout=0.5)
            with pytest.raises(AnybankError) as caught:
                await asyncio.to_thread(hasty.request, "POST", "/x", json=body)
        errors.append(caught.value)
        for engine in ("httpx", "aiohttp"):
            http = HttpOptions(engine=engine)
            async with AsyncBank(Toy, http=http, **options) as other:
                await other.customers.get("one")
                hasty_other = other.with_options(timeout=0.5)
                with pytest.raises(AnybankError) as caught:
                    await hasty_other.request("POST", "/x", json=body)
            errors.append(caught.value)
        return errors

    async def main() -> list[AnybankError]:
        async with serving(deaf) as server:
            return await send(server.url)

    for error in asyncio.run(main()):
        assert isinstance(error, OutcomeUnknown)
        assert "timed out" in str(error)


def saying(text: bytes) -> Plan:
    """Return a plan that answers each request with these bytes."""

    async def plan(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(text)

    return plan


def packed(coding: bytes, body: bytes) -> Plan:
    """Return a plan that answers with a compressed body."""
    head = b"content-encoding: %b\r\ncontent-length: %d\r\n\r\n" % (coding, len(body))
    return saying(HEAD + head + body)


def endless(start: bytes, piece: bytes) -> Plan:
    """Return a plan whose response continues as fast as it is read."""

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        while True:
            await peer.send(piece)

    return plan


BLANKS = b" " * (8 << 20)
LARGE = {
    "chunks": endless(CHUNKED, b"4000\r\n" + b" " * 0x4000 + b"\r\n"),
    "until closed": endless(HEAD + b"\r\n", b" " * 0x4000),
    "length": endless(HEAD + b"content-length: 99999999999\r\n\r\n", b" " * 0x4000),
    "gzip": packed(b"gzip", gzip.compress(BLANKS)),
    "deflate": packed(b"deflate", zlib.compress(BLANKS)),
    "twice": packed(b"gzip, gzip", gzip.compress(gzip.compress(BLANKS))),
}


@every_caller
@pytest.mark.parametrize("large", LARGE)
def test_an_answer_is_cut_at_its_largest_size(large: str, get: Get) -> None:
    """A body above the limit, raw or decompressed, fails the read, which is retryable."""
    error = failing(get, LARGE[large], 10.0, max_response_bytes=LIMIT)
    assert isinstance(error, UnexpectedResponse)
    assert f"more than {LIMIT} bytes" in str(error)
    assert (error.status, error.outcome, error.retryable) == (
        200,
        Outcome.UNKNOWN,
        True,
    )


@every_caller
@pytest.mark.parametrize(
    "plan",
    [
        endless(b"HTTP/1.1 200 OK\r\nx-a: ", b"a" * 0x4000),
        endless(HEAD, b"".join(b"x-%d: a\r\n" % at for at in range(2000))),
        endless(CHUNKED + b"0\r\n", b"x-t: a\r\n" * 2000),
        endless(CHUNKED, b"0" * 0x4000),
    ],
    ids=["one header", "many headers", "trailers", "chunk size"],
)
def test_headers_that_never_end_are_cut(plan: Plan, get: Get) -> None:
    """Endless headers are cut by a limit of their own."""
    error = failing(get, plan, 0.5)
    assert isinstance(error, OutcomeUnknown)


@every_caller
@pytest.mark.parametrize(
    "head",
    [
        b"transfer-encoding: chunked\r\ncontent-length: 12\r\n",
        b"content-length: 12\r\ncontent-length: 13\r\n",
        b"content-length: -12\r\n",
        b"content-length: 12, 13\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    ],
)
def test_an_answer_of_two_lengths_is_none(head: bytes, get: Get) -> None:
    """A response with two lengths is rejected (RFC 9112, section 6.3)."""
    body = b'c\r\n{"id": "c1"}\r\n0\r\n\r\n' if b"chunked" in head else b'{"id": "c1"}'
    error = failing(get, saying(HEAD + head + b"\r\n" + body), 0.5)
    assert isinstance(error, OutcomeUnknown)


async def answers_two(peer: Peer) -> None:
    """Answer every request with the customer two."""
    while True:
        await peer.request()
        await peer.send(answer("two"))


def asking(
    plan: Plan, engine: str | None, *operations: Any
) -> tuple[list[Any], RawServer]:
    """Send requests one after the other to a server with this plan, over one bank."""

    async def main() -> tuple[list[Any], RawServer]:
        async with serving(plan, answers_two) as server:
            options: dict[str, Any] = {"token": "t", "base_url": server.url}
            if engine is None:
                with Bank(Toy, retries=0, **options) as bank:
                    return [
                        await asyncio.to_thread(operation, bank)
                        for operation in operations
                    ], server
            http = HttpOptions(engine=engine)  # type: ignore[arg-type] # one of three
            async with AsyncBank(Toy, retries=0, http=http, **options) as other:
                return [await operation(other) for operation in operations], server

    return asyncio.run(main())


every_engine = pytest.mark.parametrize("engine", [None, "httpx", "aiohttp"])

SURPLUS = {
    "an answer": answer("stranger"),
    "half an answer": answer("stranger")[:20],
    "a byte": b"H",
    "line breaks": b"\r\n\r\n",
    "1xx": b"HTTP/1.1 102 Processing\r\n\r\n",
}


@every_engine
@pytest.mark.parametrize("surplus", SURPLUS)
def test_a_connection_with_unread_bytes_is_closed(
    surplus: str, engine: str | None
) -> None:
    """Bytes after a response are never read as the response to the next request."""

    async def twice(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer("one") + SURPLUS[surplus])
        await answers_two(peer)

    def get(bank: Any) -> Any:
        return bank.customers.get("one")

    def create(bank: Any) -> Any:
        return bank.customers.create(james(), accept_loss="all")

    result, server = asking(twice, engine, get, create)
    assert [item.id for item in result] == ["one", "two"]
    if surplus != "line breaks" or engine != "aiohttp":  # whose parser skips them
        assert server.connections > 1


@every_engine
def test_bytes_on_an_idle_connection_are_discarded(engine: str | None) -> None:
    """Bytes that arrive on an idle connection are not read as a response."""
    arrived = threading.Event()

    async def late(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer("one"))
        await asyncio.sleep(0.02)
        await peer.send(answer("stranger"))
        arrived.set()
        await answers_two(peer)

    def wait(bank: Any) -> Any:
        return arrived.wait(5) if engine is None else asyncio.to_thread(arrived.wait, 5)

    def get(bank: Any) -> Any:
        return bank.customers.get("one" if not arrived.is_set() else "two")

    result, server = asking(late, engine, get, wait, get)
    assert [item.id for item in (result[0], result[2])] == ["one", "two"]
    assert server.connections == 2


@every_engine
@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_none_may_be_is_surplus(status: int, engine: str | None) -> None:
    """A body of a 204 is not read as the beginning of the next response."""
    start = b"HTTP/1.1 %d No\r\ncontent-length: 2\r\n\r\n" % status

    async def plan(peer: Peer) -> None:
        await peer.request()
        await peer.send(start + answer("stranger"))
        await answers_two(peer)

    def ask(bank: Any) -> Any:
        return bank.request("GET", "/x")

    if status == 204:
        _, server = asking(plan, engine, ask, ask)
        assert server.connections == 2
        return
    with pytest.raises(UnexpectedResponse):
        asking(plan, engine, ask)
