"""The httpx connection: its failures, and the data that it never sends."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx
import pytest
from tests.fakes import Counter, Script, Toy

from anybank import Bank, ConfigurationError, NotSent, Response, Sensitive
from anybank._engine.transports.endpoint import Endpoint
from anybank._engine.transports.httpx_connections import (
    AsyncHttpxConnection,
    HttpxConnection,
)
from anybank._engine.transports.proxies import is_loopback
from anybank.adapter.wire import Failure, Request, get, post

HERE = Endpoint.at("https://toy.example.com/v1", 5.0)


def send(*answers: httpx.Response | Exception, request: Request | None = None) -> Any:
    """Send a request over both connections, and return the result that both share."""
    request = request or get("/x")
    script = Script(*answers)
    wire = HttpxConnection(HERE, script)
    result = wire.send(request.prepared())
    wire.close()
    return result, script


@pytest.mark.parametrize("kind", [httpx.ReadTimeout, httpx.ConnectError, OSError])
def test_a_failure_is_a_value_without_text(kind: type[Exception]) -> None:
    """A transport's exception becomes a Failure without its text."""
    result, _ = send(kind("333-52-7584"))
    assert isinstance(result, Failure)
    assert "333" not in repr(result)


def test_both_wires_send_the_same() -> None:
    """Both connections send the same bytes and return the same response."""
    request = post("/c", {"a": 1}, query={"q": 1}, headers={"x-a": Sensitive("s")})
    result, script = send(httpx.Response(201, text="ok"), request=request)
    other = Script(httpx.Response(201, text="ok"))

    async def main() -> Response | Failure:
        wire = AsyncHttpxConnection(HERE, other)
        try:
            return await wire.send(request.prepared())
        finally:
            await wire.close()

    assert asyncio.run(main()) == result
    one, two = script.requests[0], other.requests[0]
    assert (one.method, one.url, one.content) == (two.method, two.url, two.content)
    assert one.headers == two.headers


def test_a_request_is_written_as_it_is() -> None:
    """A request is sent with its method, URL, query, headers and JSON."""
    request = post("/c/", {"a": "é"}, query={"q": "a b"}, headers={"x-a": "1"})
    _, script = send(httpx.Response(200), request=request)
    sent = script.requests[0]
    assert str(sent.url) == "https://toy.example.com/v1/c/?q=a+b" or (
        str(sent.url) == "https://toy.example.com/v1/c/?q=a%20b"
    )
    assert sent.content == '{"a": "é"}'.encode()
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["x-a"] == "1"
    assert sent.headers["user-agent"].startswith("anybank/")


def test_a_request_without_a_body_has_no_content_type() -> None:
    """A GET or DELETE has no body and no content type."""
    _, script = send(httpx.Response(200))
    assert "content-type" not in script.requests[0].headers
    assert script.requests[0].content == b""


def test_a_quoted_id_stays_quoted() -> None:
    """A percent-encoded slash in a path stays encoded."""
    _, script = send(httpx.Response(200), request=get("/c/a%2Fb"))
    assert script.requests[0].url.raw_path == b"/v1/c/a%2Fb"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A redirect is returned, and the credentials go nowhere else."""
    moved = httpx.Response(status, headers={"location": "https://evil.example/"})
    result, script = send(moved, request=post("/c", {"ssn": "x"}))
    assert result.status == status
    assert len(script.requests) == 1


def test_a_compressed_answer_is_read() -> None:
    """A gzip body is decompressed."""
    packed = gzip.compress(b'{"a": 1}')
    result, _ = send(
        httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Bytes(packed))
    )
    assert result.json() == {"a": 1}


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, which may be endless or end with a failure."""

    def __init__(
        self, *pieces: bytes, endless: bool = False, ends: Exception | None = None
    ) -> None:
        self.pieces, self.endless, self.ends = pieces, endless, ends

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        while self.endless:
            yield b" "
        if self.ends:
            raise self.ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def both(endpoint: Endpoint, stream: Bytes, **headers: str) -> list[Response | Failure]:
    """Read one body over either connection."""
    answer = {"stream": stream, "headers": headers}
    wire = HttpxConnection(endpoint, Script(httpx.Response(200, **answer)))  # type: ignore[arg-type]

    async def main() -> Response | Failure:
        other = AsyncHttpxConnection(endpoint, Script(httpx.Response(200, **answer)))  # type: ignore[arg-type]
        return await other.send(get("/x").prepared())

    return [wire.send(get("/x").prepared()), asyncio.run(main())]


def test_an_answer_that_cannot_be_unpacked_has_no_body() -> None:
    """A response whose gzip is broken has its status and no body."""
    for result in both(HERE, Bytes(b"not gzip"), **{"content-encoding": "gzip"}):
        assert result == Response(
            status=200, headers={"content-encoding": "gzip"}, content=b""
        )


def test_an_endless_response_is_abandoned() -> None:
    """A body that continues beyond the timeout is a lost response."""
    quick = Endpoint.at("https://toy.example.com", 0.01)
    for result in both(quick, Bytes(endless=True)):
        assert result == Failure(
            sent=True, reason="timed out while waiting for the response"
        )


def test_an_answer_that_breaks_off_is_lost() -> None:
    """A body that breaks off is a lost response."""
    for result in both(HERE, Bytes(b"{", ends=httpx.ReadError("cut"))):
        assert result == Failure(
            sent=True, reason="the connection broke before the response was complete"
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/v1/",
        "https://api.example.com:8443/v1",
        "http://127.0.0.1:8000",
        "http://127.9.9.9",
        "http://[::1]:8000/x",
        "http://localhost:8000",
        "HTTPS://API.EXAMPLE.COM",
        "http://LOCALHOST",
    ],
)
def test_https_or_loopback_may_be_a_base_url(url: str) -> None:
    """A base URL is https://, or http:// to this machine."""
    assert Endpoint.at(url, 1.0).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://128.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://127.0.0.1\\@evil.example",
        "http://[::2]",
        "http://127.1",
        "http://2130706433",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "api.example.com",
        "//api.example.com",
        "https://",
        "https:///v1",
        "",
        "https://[::1",
        "https://api.example.com:port",
        "https://user:pass@api.example.com",
        "https://user@api.example.com",
        "https://:pass@api.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com/?",
        "https://api.example.com#x",
        "https://api.example.com/#",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    """Other schemes, plain HTTP to other hosts, credentials and queries are rejected."""
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        Endpoint.at(url, 1.0)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.255.255.255", True),
        ("::1", True),
        ("localhost", True),
        ("126.0.0.1", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine(host: str, *, loopback: bool) -> None:
    """Only 127.0.0.0/8, ::1 and localhost are loopback."""
    assert is_loopback(host) is loopback


def test_certificates_are_verified() -> None:
    """No option switches the verification of certificates off."""
    context = httpx.create_ssl_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(ConfigurationError, match="verify"):
        Bank(Toy, token="t", verify=False)


def test_a_timeout_is_set_and_finite() -> None:
    """Every request has a finite timeout."""
    _, script = send(httpx.Response(200))
    limits = script.requests[0].extensions["timeout"]
    assert limits == dict.fromkeys(("connect", "read", "write", "pool"), 5.0)


PROXY = "http://proxy.example.com:3128"


@pytest.mark.parametrize(
    ("url", "environment", "result"),
    [
        ("https://api.example.com", {"https_proxy": PROXY}, PROXY),
        ("https://api.example.com", {"https_proxy": PROXY[7:]}, PROXY),
        ("https://api.example.com", {"all_proxy": PROXY}, PROXY),
        ("https://api.example.com", {"http_proxy": PROXY}, None),
        ("https://api.example.com", {"all_proxy": PROXY, "no_proxy": "*"}, None),
        (
            "https://api.example.com",
            {"all_proxy": PROXY, "no_proxy": "example.com"},
            None,
        ),
        ("https://127.0.0.1", {"all_proxy": PROXY}, None),
        ("http://localhost:8000", {"http_proxy": PROXY}, None),
        ("https://api.example.com", {}, None),
    ],
)
def test_the_environments_proxy_is_used_but_not_for_this_machine(
    url: str,
    environment: dict[str, str],
    result: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The environment's proxy is used, except for loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = Endpoint.at(url, 1.0).proxy()
    assert (proxy and proxy.url) == result


def test_a_closed_connection_sends_nothing() -> None:
    """A closed bank fails without calling the transport."""
    wire, other = HttpxConnection(HERE, Script()), AsyncHttpxConnection(HERE, Script())
    wire.close()

    async def main() -> Response | Failure:
        await other.close()
        return await other.send(get("/x").prepared())

    for result in (wire.send(get("/x").prepared()), asyncio.run(main())):
        assert result == Failure(sent=False, reason="the bank is closed")


def test_a_cookie_goes_back() -> None:
    """A cookie of the vendor is sent back to the vendor only."""
    script = Script(
        httpx.Response(200, headers={"set-cookie": "a=b; Path=/"}), httpx.Response(200)
    )
    wire = HttpxConnection(HERE, script)
    wire.send(get("/x").prepared())
    wire.send(get("/x").prepared())
    assert [request.headers.get("cookie") for request in script.requests] == [
        None,
        "a=b",
    ]


def test_a_header_that_cannot_be_written_is_not_sent() -> None:
    """A header that HTTP cannot carry raises before anything is sent."""
    script = Script()
    with pytest.raises(UnicodeEncodeError):
        HttpxConnection(HERE, script).send(get("/x", headers={"x": "ü"}))
    assert script.requests == []


def test_a_refused_connection_is_not_sent() -> None:
    """A refused connection is a failure that was not sent."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        port = server.server_port
    bank = Bank(Toy, token="t", base_url=f"http://127.0.0.1:{port}", retries=0)
    with bank, pytest.raises(NotSent):
        bank.customers.get("c1")


class Server(BaseHTTPRequestHandler):
    """A server that answers one request over real HTTP and records it."""

    recorded: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_GET(self) -> None:
        self.recorded.append((self.command, self.path, self.headers["authorization"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": "c1"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


def test_a_request_goes_over_real_http() -> None:
    """A request and its response pass over a real connection on loopback."""
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/v1"
        with Bank(Toy, token="tok", base_url=url) as bank:
            assert bank.customers.get("c1").id == "c1"
        thread.join()
    assert Server.recorded == [("GET", "/v1/customers/c1", "tok")]


def test_a_transport_is_called_once_for_each_request() -> None:
    """The connection itself retries nothing, because the engine decides."""
    counter = Counter(lambda request: httpx.Response(500))
    HttpxConnection(HERE, counter).send(get("/x"))
    assert counter.count == 1
