"""HttpOptions: what it refuses, and its effect on each engine."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import sys
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import httpx
import pytest
from tests._engine.transports.callers import VARIABLES, Get, every_caller
from tests._engine.transports.certificates import Authority
from tests._engine.transports.servers import Peer, RawServer, serving
from tests.fakes import Toy

import anybank
from anybank import (
    AnybankError,
    AsyncBank,
    Bank,
    ConfigurationError,
    HttpOptions,
    NotSent,
)
from anybank.model.customers import Customer

BODY = b'{"id": "c1"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that this machine may have set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


async def answers(peer: Peer) -> None:
    """Respond to every request with a customer."""
    while True:
        await peer.request()
        await peer.send(ANSWER)


def careless(**flags: Any) -> ssl.SSLContext:
    """Return a context that verifies less than it should."""
    context = ssl.create_default_context()
    for name, value in flags.items():
        setattr(context, name, value)
    return context


def test_the_defaults_are_the_documented_ones() -> None:
    """An option that is left out has its documented default."""
    options = anybank.HttpOptions()
    assert attrs.asdict(options) == {
        "engine": "auto",
        "verify": None,
        "proxy": anybank.UNSET,
        "max_connections": 100,
        "user_agent": None,
        "max_response_bytes": 33_554_432,
    }


def test_options_are_frozen_and_show_no_password() -> None:
    """Options can be shared between banks, and their repr shows no password."""
    options = HttpOptions(proxy="http://user:hunter2secret@proxy.example.com")
    assert "hunter2secret" not in repr(options)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        options.engine = "httpx"  # type: ignore[misc] # which is refused


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"engine": "curl"}, "engine must be one of auto, httpx, aiohttp."),
        ({"engine": None}, "engine must be one of auto, httpx, aiohttp."),
        ({"engine": ["httpx"]}, "engine must be one of auto, httpx, aiohttp."),
        ({"verify": False}, "verify cannot be True or False: certificates are always"),
        ({"verify": True}, "verify cannot be True or False: certificates are always"),
        (
            {"verify": ""},
            "verify must be the path of a CA bundle or an ssl.SSLContext.",
        ),
        ({"verify": 1}, "verify must be the path of a CA bundle or an ssl.SSLContext."),
        (
            {"verify": careless(check_hostname=False)},
            "verify is an SSLContext that accepts any certificate or any host.",
        ),
        (
            {"verify": careless(check_hostname=False, verify_mode=ssl.CERT_NONE)},
            "verify is an SSLContext that accepts any certificate or any host.",
        ),
        (
            {"verify": careless(check_hostname=False, verify_mode=ssl.CERT_OPTIONAL)},
            "verify is an SSLContext that accepts any certificate or any host.",
        ),
        ({"proxy": 5}, "proxy must be the URL of a proxy, or None for no proxy."),
        ({"proxy": b"x"}, "proxy must be the URL of a proxy, or None for no proxy."),
        (
            {"max_connections": 0},
            "max_connections must be a whole number of at least 1.",
        ),
        ({"max_connections": True}, "max_connections must be a whole number"),
        ({"max_connections": None}, "max_connections must be a whole number"),
        ({"max_response_bytes": 1.5}, "max_response_bytes must be a whole number"),
        ({"max_response_bytes": -1}, "max_response_bytes must be a whole number"),
        (
            {"user_agent": "a\nb"},
            "user_agent must be text of printable ASCII characters.",
        ),
        (
            {"user_agent": "\xe9"},
            "user_agent must be text of printable ASCII characters.",
        ),
        ({"user_agent": 5}, "user_agent must be text of printable ASCII characters."),
        ({"user_agent": ""}, "user_agent must not be empty, nor start or end"),
        ({"user_agent": "app "}, "user_agent must not be empty, nor start or end"),
    ],
)
def test_an_invalid_option_is_named(arguments: dict[str, Any], reason: str) -> None:
    """An invalid option raises when HttpOptions is created, before there is a bank."""
    with pytest.raises(ConfigurationError) as caught:
        HttpOptions(**arguments)
    assert str(caught.value).startswith(f"HttpOptions.{reason}")


@pytest.mark.parametrize("kind", [Bank, AsyncBank])
@pytest.mark.parametrize("http", [{"verify": "x"}, "httpx", 5])
def test_http_is_one_value(kind: Any, http: Any) -> None:
    """A dict or a name in place of HttpOptions raises."""
    with pytest.raises(ConfigurationError) as caught:
        kind(Toy, token="t", http=http)
    assert str(caught.value) == "http must be an HttpOptions"


def test_aiohttp_is_for_async_banks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bank refuses it as an argument, and the environment's choice applies to AsyncBank only."""
    with pytest.raises(ConfigurationError) as caught:
        Bank(Toy, token="t", http=HttpOptions(engine="aiohttp"))
    assert str(caught.value) == (
        "HttpOptions.engine: aiohttp works with AsyncBank only. Use httpx or auto with "
        "Bank."
    )
    monkeypatch.setenv("ANYBANK_HTTP_ENGINE", "aiohttp")
    Bank(Toy, token="t").close()


def test_an_engine_that_is_not_installed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An engine that is missing raises instead of being replaced by another one."""
    monkeypatch.setitem(sys.modules, "anybank._engine.transports.aiohttp_async", None)
    with pytest.raises(ConfigurationError) as caught:
        AsyncBank(Toy, token="t", http=HttpOptions(engine="aiohttp"))
    assert str(caught.value) == (
        "aiohttp is not installed. Run `pip install anybank[fast]`, or use "
        "the engine httpx."
    )


async def requested_by(
    get: Get, http: dict[str, Any], times: int = 1
) -> tuple[list[Customer], RawServer]:
    """Read a customer several times concurrently, and return the server and its requests."""
    async with serving(answers) as server:
        reads = (get(http, base_url=server.url) for _ in range(times))
        return await asyncio.gather(*reads), server


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the engine of each request, seen where mocking tools intercept them."""
    recorded: list[str] = []
    over_httpx = httpx.AsyncHTTPTransport.handle_async_request
    over_aiohttp = aiohttp.ClientSession._request

    async def httpx_request(*args: Any, **kwargs: Any) -> Any:
        recorded.append("httpx")
        return await over_httpx(*args, **kwargs)

    async def aiohttp_request(*args: Any, **kwargs: Any) -> Any:
        recorded.append("aiohttp")
        return await over_aiohttp(*args, **kwargs)

    transport, session = httpx.AsyncHTTPTransport, aiohttp.ClientSession
    monkeypatch.setattr(transport, "handle_async_request", httpx_request)
    monkeypatch.setattr(session, "_request", aiohttp_request)
    return recorded


def ask(**http: Any) -> None:
    """Read a customer with AsyncBank."""

    async def get(options: dict[str, Any], **more: Any) -> Customer:
        own = HttpOptions(**options)
        async with AsyncBank(Toy, token="t", http=own, **more) as bank:
            return await bank.customers.get("c1")

    asyncio.run(requested_by(get, http))


@every_caller
def test_the_user_agent_is_the_librarys_and_the_callers(get: Get) -> None:
    """The user agent names both, for the vendor's support."""
    _, server = asyncio.run(
        requested_by(get, {"user_agent": "shop/2.0 (ops@example.com)"})
    )
    (line,) = (
        item
        for item in server.requests[0].split(b"\r\n")
        if item.lower().startswith(b"user-agent:")
    )
    assert line.endswith(b" anybank/0.1 shop/2.0 (ops@example.com)")


@every_caller
def test_a_proxy_of_none_ignores_the_environments(
    get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy is used, and an invalid one in the environment is not read."""
    monkeypatch.setenv("ALL_PROXY", "socks://user:hunter2secret@127.0.0.1:1080")
    with pytest.raises(ConfigurationError, match="a test would connect to toy"):
        asyncio.run(get({"proxy": None}))
    with pytest.raises(ConfigurationError, match="ALL_PROXY"):
        asyncio.run(get({}))


@every_caller
@pytest.mark.parametrize("kind", ["path", "text", "context"])
def test_authorities_are_a_path_or_a_context(
    kind: str, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They replace those of the environment, which are not read."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    authority = Authority.at(tmp_path / "ca.pem")
    verify: Any = {
        "path": Path(authority.path),
        "text": authority.path,
        "context": ssl.create_default_context(cafile=authority.path),
    }[kind]

    async def main() -> Customer:
        async with serving(answers, tls=authority.server("good")) as server:
            return await get({"verify": verify}, base_url=server.url)

    assert asyncio.run(main()).id == "c1"


@every_caller
def test_a_replaced_bundle_is_read_again(get: Get, tmp_path: Path) -> None:
    """A bank that is created after a bundle was replaced trusts the new bundle only."""
    old = Authority.at(tmp_path / "ca.pem")

    async def read(authority: Authority) -> Customer:
        async with serving(answers, tls=authority.server("good")) as place:
            return await get({"verify": old.path}, base_url=place.url)

    assert asyncio.run(read(old)).id == "c1"
    new = Authority.at(tmp_path / "ca.pem")
    assert asyncio.run(read(new)).id == "c1"
    with pytest.raises(NotSent):
        asyncio.run(read(old))


@pytest.mark.parametrize("kind", [Bank, AsyncBank])
def test_banks_of_many_tenants_load_the_authorities_once(
    kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bank per tenant parses no certificate that another bank has parsed."""
    loaded: list[str] = []
    create = ssl.create_default_context

    def counted(*, cafile: str) -> ssl.SSLContext:
        loaded.append(cafile)
        return create(cafile=cafile)

    monkeypatch.setattr(ssl, "create_default_context", counted)
    http = HttpOptions(engine="httpx", verify=Authority.at(tmp_path / "ca.pem").path)
    for number in range(3):
        kind(Toy, token=f"tenant {number}", http=http)
    assert loaded == [http.verify]


@every_caller
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "both"])
def test_the_environments_authorities_are_trusted(
    name: str, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If both variables are set the file counts, as for httpx."""
    authority = Authority.at(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", authority.path)
    if name == "both":
        monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")

    async def main() -> Customer:
        async with serving(answers, tls=authority.server("good")) as server:
            return await get({}, base_url=server.url)

    assert asyncio.run(main()).id == "c1"


@every_caller
@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "gzip"])
def test_a_response_is_read_up_to_the_largest_size(
    get: Get, *, is_packed: bool
) -> None:
    """The limit applies before and after decompression, and the error names the option."""
    body = b'{"id": "c1"%b}' % (b" " * 5000)
    content = gzip.compress(body, mtime=0) if is_packed else body
    coding = b"content-encoding: gzip\r\n" if is_packed else b""
    head = b"HTTP/1.1 200 OK\r\n%bcontent-length: %d\r\n\r\n"

    async def large(peer: Peer) -> None:
        await peer.request()
        await peer.send(head % (coding, len(content)) + content)

    async def main(limit: int) -> Customer:
        async with serving(large) as server:
            return await get({"max_response_bytes": limit}, base_url=server.url)

    assert asyncio.run(main(len(body))).id == "c1"
    with pytest.raises(AnybankError, match=r"HttpOptions\.max_response_bytes"):
        asyncio.run(main(len(body) - 1))


@pytest.mark.parametrize("engine", ["httpx", "aiohttp"])
def test_open_connections_stay_within_the_limit(engine: Any) -> None:
    """Twenty requests at a time share three connections."""

    async def main() -> RawServer:
        async with serving(answers) as server:
            http = HttpOptions(engine=engine, max_connections=3)
            async with AsyncBank(
                Toy, token="t", base_url=server.url, http=http
            ) as bank:
                await asyncio.gather(*(bank.customers.get("c1") for _ in range(20)))
            return server

    server = asyncio.run(main())
    assert len(server.requests) == 20
    assert server.connections <= 3


@pytest.mark.parametrize("name", ["ANYBANK_HTTP_ENGINE", "ANYBANK_TOY_HTTP_ENGINE"])
@pytest.mark.parametrize(
    ("engine", "other"), [("httpx", "aiohttp"), ("aiohttp", "httpx")]
)
def test_the_environment_names_an_engine(
    engine: str,
    other: str,
    name: str,
    engines: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It applies to all banks or to one provider, and an argument wins over both."""
    if name == "ANYBANK_TOY_HTTP_ENGINE":
        monkeypatch.setenv("ANYBANK_HTTP_ENGINE", other)
    monkeypatch.setenv(name, f" {engine.upper()} ")
    ask()
    ask(engine="auto")
    ask(engine=other)
    assert engines == [engine, engine, other]


def test_aiohttp_is_used_where_nothing_names_an_engine(engines: list[str]) -> None:
    """AsyncBank uses aiohttp where it is installed."""
    ask()
    assert engines == ["aiohttp"]
