"""No library below ours logs personal data, over real HTTP."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import httpx
import pytest
from tests.canary.answers import ANSWERS, Answer, raising
from tests.canary.canaries import AUTHORIZATION, EMAIL, FIRST, SSN, STREET
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.loopback import HangUp, Server, serving
from tests.canary.operations import OPERATIONS

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
PROVIDERS = pytest.mark.parametrize("provider", ["bond", "sonder"])
SILENT = ("read timeout", "connect error", "protocol error", "transport's own error")
SPOKEN = [
    name
    for name in ANSWERS
    if name not in (*SILENT, "interrupted", "cancelled", "truncated")
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for all tests of the module."""
    with serving() as created:
        yield created


@pytest.fixture(autouse=True, params=["aiohttp", "pools"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let AsyncBank use aiohttp, then httpx."""
    if request.param == "pools":
        monkeypatch.setitem(
            sys.modules, "anybank._engine.transports.aiohttp_async", None
        )
    return str(request.param)


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@BOTH
@PROVIDERS
@pytest.mark.parametrize("answer", SPOKEN)
@pytest.mark.parametrize("operation", ["create"])
def test_nothing_escapes_over_http(
    operation: str,
    answer: str,
    provider: str,
    server: Server,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No log of httpx, httpcore or aiohttp contains a canary, whatever the response."""
    server.answer = ANSWERS[answer]
    exposure = perform(
        provider, OPERATIONS[operation], sync=sync, base_url=server.base_url
    )
    assert_nothing_escaped(exposure, caplog)


def telling_reason(request: httpx.Request) -> httpx.Response:
    reason = f"{AUTHORIZATION} {SSN} {EMAIL}".encode()
    return httpx.Response(400, extensions={"reason_phrase": reason})


def telling_header(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"x-customer": f"{FIRST} {STREET}"}, json={})


def no_header(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={f"{FIRST} {STREET}": "is no header's name"})


def no_length(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-length": f"{FIRST} {STREET}"})


@BOTH
@PROVIDERS
@pytest.mark.parametrize(
    "answer", [telling_reason, telling_header, no_header, no_length]
)
def test_nothing_escapes_from_status_line_and_headers(
    answer: Answer,
    provider: str,
    server: Server,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A status line or header that contains data, or is malformed by it, is not logged."""
    server.answer = answer
    get = OPERATIONS["get"]
    exposure = perform(provider, get, sync=sync, base_url=server.base_url)
    assert_nothing_escaped(exposure, caplog)


@BOTH
@PROVIDERS
def test_nothing_escapes_when_a_connection_ends(
    provider: str, server: Server, *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A closed connection exposes nothing of the request."""
    server.answer = raising(HangUp)
    exposure = perform(
        provider, OPERATIONS["create"], sync=sync, base_url=server.base_url
    )
    assert_nothing_escaped(exposure, caplog)


@BOTH
def test_exchanges_are_still_logged(
    server: Server, transport: str, *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Our log has the method, path and status; httpcore's has its steps where it is used."""
    server.answer = ANSWERS["success"]
    perform("bond", OPERATIONS["get"], sync=sync, base_url=server.base_url)
    assert "<Request GET /customers/customer-1>: 200" in caplog.text
    steps = sync or transport == "pools"
    assert ("receive_response_headers.complete" in caplog.text) is steps
