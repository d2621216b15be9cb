"""Under pytest no connection to a live host is opened without permission."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests._engine.transports.callers import (
    CALLERS,
    VARIABLES,
    Get,
    every_caller,
    unknown_hosts,
)
from tests._engine.transports.servers import Peer, RawServer, answers, serving
from tests.fakes import Script, Toy, json_response
from tests.proofs import PROOF

from anybank import (
    AnybankError,
    AsyncBank,
    Bank,
    ConfigurationError,
    NotSent,
    Outcome,
)

REFUSED = (
    "toy customers.get: a test would connect to toy.example.com. Mark it with "
    "@pytest.mark.anybank_live or set ANYBANK_LIVE=1 to allow that. To use a fake "
    "instead, pass transport=, or mock the engine in use: respx and pytest-httpx "
    "intercept httpx only (http=HttpOptions(engine='httpx') or ANYBANK_HTTP_ENGINE=httpx)."
)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the options of this machine, and let no test look a host up."""
    for name in (*VARIABLES, "ANYBANK_LIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", unknown_hosts)


def outcome(get: Get, http: dict[str, Any] | None = None, **options: Any) -> str:
    """Read a customer of a live host, which must fail; return the message."""
    with pytest.raises(AnybankError) as caught:
        asyncio.run(get(http or {}, **options))
    assert caught.value.outcome is Outcome.NOT_SENT
    kind = NotSent if caught.value.retryable else ConfigurationError
    assert isinstance(caught.value, kind)
    return str(caught.value)


@every_caller
def test_a_live_host_is_refused_with_what_to_do(get: Get) -> None:
    """A live host is rejected before its name is looked up, without a retry."""
    assert outcome(get, retries=2) == REFUSED


@every_caller
@pytest.mark.anybank_live
def test_the_marker_allows_it(get: Get) -> None:
    """The marker `anybank_live` allows a connection to a live host."""
    assert "DNS lookup failed" in outcome(get)


@every_caller
@pytest.mark.parametrize(
    ("value", "is_allowed"), [("1", True), ("0", False), ("", False)]
)
def test_the_variable_allows_it(
    value: str, *, is_allowed: bool, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ANYBANK_LIVE=1 allows live hosts for all tests; no other value does."""
    monkeypatch.setenv("ANYBANK_LIVE", value)
    assert (outcome(get) == REFUSED) is not is_allowed


@every_caller
def test_behind_a_proxy_the_vendors_host_counts(get: Get) -> None:
    """Behind a proxy on loopback the vendor's host is checked, and nothing is sent."""

    async def main() -> RawServer:
        async with serving(answers) as proxy:
            with pytest.raises(ConfigurationError) as caught:
                await get({"proxy": proxy.url})
            assert str(caught.value) == REFUSED
            return proxy

    assert asyncio.run(main()).connections == 0


@every_caller
def test_errors_of_the_environment_come_first(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unusable environment is reported before the guard rejects the host."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    assert outcome(get).startswith("SSL_CERT_FILE: ")


@pytest.mark.parametrize("kind", [Bank, AsyncBank])
def test_a_transport_of_the_callers_is_not_checked(kind: Any) -> None:
    """A transport of the caller is not checked."""
    bank = kind(Toy, token="t", transport=Script(json_response(id="c1")))
    result = bank.customers.get("c1")
    result = asyncio.run(result) if kind is AsyncBank else result
    assert result.id == "c1"


@every_caller
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_reached(host: str, get: Get) -> None:
    """A server on loopback needs no marker."""

    async def customer(peer: Peer) -> None:
        await peer.request()
        body = b'{"id": "c1"}'
        await peer.send(
            b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        )

    async def main() -> str:
        async with serving(customer) as server:
            url = server.url.replace("127.0.0.1", host)
            return (await get({}, base_url=url)).id

    assert asyncio.run(main()) == "c1"


@every_caller
def test_without_pytest_nothing_is_refused(
    get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the plugin nothing is rejected."""
    monkeypatch.delitem(sys.modules, "_anybank_pytest")
    assert "DNS lookup failed" in outcome(get)


@pytest.mark.parametrize("name", ["Bank", "AsyncBank httpx"])
def test_a_tool_that_replaces_httpx_needs_no_marker(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests that respx, pytest-httpx or vcrpy intercept need no marker."""

    async def answer(*_: Any) -> httpx.Response:
        return json_response(id="c1")

    sync, over_async = httpx.HTTPTransport, httpx.AsyncHTTPTransport
    monkeypatch.setattr(sync, "handle_request", lambda *_: json_response(id="c1"))
    monkeypatch.setattr(over_async, "handle_async_request", answer)
    assert asyncio.run(CALLERS[name]({})).id == "c1"


INNER = """
import asyncio
import sys

import pytest

assert "_anybank_pytest" in sys.modules
IMPORTED = "anybank" in sys.modules

import socket

def nobody(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

socket.getaddrinfo = nobody

from anybank import AsyncBank, Bank

BANK = Bank("sonder", token="t", retries=0)

def reason():
    try:
        BANK.customers.get("c1")
    except Exception as error:
        return str(error)

COLLECTED = reason()

def test_the_plugin_imports_nothing():
    assert not IMPORTED

def test_a_module_is_refused():
    assert "a test would connect" in COLLECTED

@pytest.fixture(scope="session")
def of_the_session():
    return reason()

@pytest.mark.anybank_live
def test_a_marked_test_and_its_fixtures_are_not(of_the_session):
    assert "DNS lookup failed" in of_the_session
    assert "DNS lookup failed" in reason()

def test_the_next_test_is_refused_again():
    assert "a test would connect" in reason()

@pytest.mark.anybank_live
class TestMarked:
    def test_a_marker_of_the_class_counts(self):
        assert "DNS lookup failed" in reason()

@pytest.mark.asyncio
async def test_an_async_test_is_refused():
    async with AsyncBank("sonder", token="t", retries=0) as bank:
        with pytest.raises(Exception, match="a test would connect"):
            await bank.customers.get("c1")

@pytest.mark.anybank_live
@pytest.mark.asyncio
async def test_a_marked_async_test_is_not():
    async with AsyncBank("sonder", token="t", retries=0) as bank:
        with pytest.raises(Exception, match="DNS lookup failed"):
            await bank.customers.get("c1")
"""

SETTINGS = """[pytest]
filterwarnings = error
addopts = --strict-markers -p no:cacheprovider
asyncio_default_fixture_loop_scope = function
"""


def run_pytest(directory: Path, *arguments: str) -> str:
    """Run the tests above with pytest in a process, and return its output."""
    (directory / "pytest.ini").write_text(SETTINGS)
    (directory / "test_inner.py").write_text(INNER)
    left = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "ANYBANK_")) and "PROXY" not in name.upper()
    }
    done = subprocess.run(  # noqa: S603  # fixed commands
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=directory,
        env=left,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments", [("-n", "1"), ()] if PROOF else [("-n", "1")], ids=str
)
def test_the_plugin_works_as_users_have_it(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """The plugin works with pytest-asyncio and xdist, and does not import anybank."""
    output = run_pytest(tmp_path, *arguments)
    assert "7 passed" in output, output


def test_the_plugin_can_be_switched_off(tmp_path: Path) -> None:
    """`-p no:anybank` switches the plugin off."""
    output = run_pytest(
        tmp_path, "-p", "no:anybank", "-o", "addopts=-p no:cacheprovider"
    )
    assert "AssertionError" in output  # of the first line: it is not loaded
