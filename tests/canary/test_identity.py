"""No call with a government id, a file or evidence exposes its number, content or reference."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.canary import canaries as c
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.tracker import reported

from anybank import AnybankError, Bank, CustomerChanges
from anybank.testing.cassettes import cassette_player

PERSON = c.BY_DOCUMENT["increase"]
CHANGES = CustomerChanges(
    government_ids=PERSON.government_ids,
    kyc_evidence=PERSON.kyc_evidence,
    extras=PERSON.extras,
)
LOST = AnybankError("lost")
CALLS: Mapping[str, Callable[[Any], Any]] = {
    "create": lambda bank: bank.customers.create(PERSON),
    "update": lambda bank: bank.customers.update("entity_1", CHANGES),
    "get": lambda bank: bank.customers.get("entity_1"),
    "list": lambda bank: bank.customers.list(),
    "check": lambda bank: bank.check(PERSON),
    "upload": lambda bank: bank.kyc.upload_document("entity_1", c.SCAN),
    "upload alone": lambda bank: bank.kyc.upload_document(None, c.SCAN),
    "kyc.get": lambda bank: bank.kyc.get("entity_1"),
}
ENTITY: Mapping[str, Any] = {
    "id": "entity_1",
    "status": "active",
    "entity_id": "entity_1",
    "file_id": "entity_1",
    "natural_person": {
        "name": c.FIRST,
        "identification": {"method": "passport", "number_last4": c.PASSPORT[-4:]},
    },
    "third_party_verification": {"vendor": "persona", "reference": c.EVIDENCE},
    "supplemental_documents": [{"file_id": "file_1", "entity_id": "entity_1"}],
    "note": f"{c.PASSPORT} {c.CONTENT} {c.DOCUMENT}",
}


def success(request: httpx.Request) -> httpx.Response:
    is_list = request.method == "GET" and request.url.path == "/entities"
    page = {"data": [ENTITY], "next_cursor": None}
    return httpx.Response(200, json=page if is_list else ENTITY)


def quoting(status: int) -> Callable[[httpx.Request], httpx.Response]:
    """Return an answer whose error quotes what the request held."""
    held = (c.PASSPORT, c.CONTENT, c.EVIDENCE, c.DOCUMENT)

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.content.decode("latin-1")
        text = " ".join(each for each in held if each in body) + " is not accepted"
        error = {"field": "natural_person.identification.other", "message": text}
        problem = {"type": "invalid_parameters_error", "title": text, "detail": text}
        return httpx.Response(status, json={**problem, "errors": [error]})

    return answer


ANSWERS = {
    "success": success,
    "400": quoting(400),
    "500": quoting(500),
    "plain": lambda _: httpx.Response(200, text=f"{c.PASSPORT} {c.CONTENT}"),
}


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("call", CALLS)
def test_nothing_escapes(
    call: str, answer: str, *, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs, reprs, URLs, exceptions, observers and an error tracker show no canary."""
    observed: list[Any] = []
    exposure = perform(
        "increase",
        CALLS[call],
        sync=sync,
        answer=ANSWERS[answer],
        observers=[observed.append],
    )
    assert_nothing_escaped(exposure, caplog)
    assert not c.canaries_in(repr(observed))
    if isinstance(exposure.error, AnybankError):
        assert not c.canaries_in(reported(exposure.error))
    elif call != "check":
        assert exposure.error is None


def test_cassettes_are_masked(tmp_path: Path) -> None:
    """A recording of every call holds no canary, neither of a form nor of JSON."""
    player = cassette_player(tmp_path, "increase", record_mode="all", source="a test")
    for name, call in CALLS.items():
        with player.use_cassette(f"{name}.yaml"):
            transport = httpx.MockTransport(success)
            with Bank("increase", transport=transport, api_key=c.TOKEN) as bank:
                value = call(bank)
                _ = list(value) if hasattr(value, "pages") else value
    recorded = "".join(path.read_text() for path in tmp_path.rglob("*.yaml"))
    assert "entity_1" in recorded
    assert not c.canaries_in(recorded)


def test_the_requests_hold_the_canaries() -> None:
    """What the search above searches for was sent."""
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return success(request)

    transport = httpx.MockTransport(answer)
    with Bank("increase", transport=transport, api_key=c.TOKEN) as bank:
        customer = bank.customers.create(PERSON)
        bank.kyc.upload_document(None, c.SCAN)
    body = b"".join(sent).decode()
    assert all(text in body for text in (c.PASSPORT, c.DOCUMENT, c.EVIDENCE, c.CONTENT))
    assert c.canaries_in(json.dumps(customer.raw))
