"""No call about money or events exposes a counterparty, a number, a secret or a body."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.canary import canaries as c
from tests.canary.haystack import assert_nothing_escaped, perform
from tests.canary.money import (
    ANSWERS,
    CALLS,
    OTHER_CALLS,
    OTHER_RECORDS,
    RECORD,
    VALUES,
    in_envelope,
    success,
)
from tests.canary.tracker import reported

from anybank import AnybankError, Bank, WebhookRejected, webhooks
from anybank.testing.cassettes import cassette_player
from anybank.testing.conformance.recorder import outcome_of

REFUSED = [name for name in CALLS if name.endswith(("by number", "of a number"))]
"""The calls with an account number in the place of an id."""
BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture every logger at level DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield


@BOTH
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
    assert not c.canaries_in(f"{observed!r} {[vars_of(item) for item in observed]}")
    if isinstance(exposure.error, AnybankError):
        assert not c.canaries_in(reported(exposure.error))
    if call in REFUSED:
        assert not exposure.urls


def vars_of(event: Any) -> list[object]:
    """Return the values of an observer's event."""
    return [getattr(event, name) for name in event.__slots__ if hasattr(event, name)]


@BOTH
@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("call", OTHER_CALLS)
@pytest.mark.parametrize("provider", OTHER_RECORDS)
def test_nothing_escapes_at_other_vendors(
    provider: str,
    call: str,
    status: int,
    *,
    sync: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A transaction and a balance of Bond or Sonder, and an error that quotes them."""
    answer = in_envelope(provider, status)
    seen = perform(provider, CALLS[call], sync=sync, answer=answer)
    assert_nothing_escaped(seen, caplog)
    is_undeclared = (provider, call) == ("sonder", "transactions.list")
    assert (seen.error is None) == (status == 200 and not is_undeclared)


@BOTH
@pytest.mark.parametrize("call", [item for item in CALLS if item not in REFUSED])
def test_canaries_are_read(call: str, *, sync: bool) -> None:
    """The values hold what they mask, so that the search above searches something."""
    exposure = perform("increase", CALLS[call], sync=sync, answer=success)
    assert exposure.error is None
    (value,) = exposure.value if isinstance(exposure.value, list) else [exposure.value]
    assert c.canaries_in(json.dumps(value.raw))


@pytest.mark.parametrize("name", VALUES)
def test_values_of_a_caller_are_masked(name: str) -> None:
    """repr, str and copies show no canary, and JSON refuses the secret."""
    value = VALUES[name]
    shown = f"{value!r} {value} {copy.copy(value)!r} {copy.deepcopy(value)!r}"
    assert not c.canaries_in(shown)
    with pytest.raises(TypeError) as refused:
        json.dumps(value)
    assert not c.canaries_in(str(refused.value))


@pytest.mark.parametrize("change", ["none", "the body", "the secret", "no JSON"])
def test_deliveries_show_nothing(change: str, caplog: pytest.LogCaptureFixture) -> None:
    """An event that is verified, and the refusal of a false one, show no canary."""
    body = json.dumps(RECORD).encode()
    content = b"{" + body if change == "no JSON" else body
    headers, signed = webhooks.sign("increase", content, secret=c.HOOK_SECRET)
    secret = "another" if change == "the secret" else c.HOOK_SECRET
    received = signed + b" " if change == "the body" else signed
    outcome = outcome_of(
        lambda: webhooks.verify("increase", headers, received, secret=secret)
    )
    assert isinstance(outcome, WebhookRejected) == (change != "none")
    tracked = reported(outcome) if change != "none" else ""
    assert not c.canaries_in(f"{outcome!r} {outcome} {tracked} {caplog.text}")


def test_cassettes_are_masked(tmp_path: Path) -> None:
    """A recording of every call about money holds no canary, and keeps the ids."""
    player = cassette_player(tmp_path, "increase", record_mode="all", source="a test")
    for name, call in CALLS.items():
        if name in REFUSED:
            continue
        with player.use_cassette(f"{name}.yaml"):
            transport = httpx.MockTransport(success)
            with Bank("increase", transport=transport, api_key=c.TOKEN) as bank:
                value = call(bank)
                _ = list(value) if hasattr(value, "pages") else value
    recorded = "".join(path.read_text() for path in tmp_path.rglob("*.yaml"))
    assert "record-1" in recorded
    assert not c.canaries_in(recorded)


def test_a_request_is_not_in_its_url() -> None:
    """A filter is an id or a time, and nothing personal is written into the query."""
    exposure = perform(
        "increase", CALLS["transactions.list"], sync=True, answer=success
    )
    (url,) = exposure.urls
    assert httpx.URL(url).params.get("account_id") == "account-1"
