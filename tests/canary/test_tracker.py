"""An error tracker's reports, including locals, contain no personal data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from tests.canary import canaries as c
from tests.canary.answers import ANSWERS, Answer, rewritten_echo
from tests.canary.haystack import perform
from tests.canary.operations import OPERATIONS, calls
from tests.canary.tracker import reported
from tests.proofs import PROOF

from anybank import AnybankError
from anybank._engine.error_boundary import guarded

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
PROVIDERS = pytest.mark.parametrize("provider", ["bond", "sonder", "increase", "unit"])


def provider_of(request: httpx.Request) -> str:
    """Return the provider of a request, by its host."""
    names = [name for name in c.CREDENTIALS if name in request.url.host]
    return names[0] if names else "sonder"


def record(status: int) -> Answer:
    """Return an error status with a customer's record."""
    return lambda request: httpx.Response(
        status, json=c.vendors_customer(provider_of(request))
    )


def records(request: httpx.Request) -> httpx.Response:
    """Return a list of records."""
    return httpx.Response(423, json=[c.vendors_customer(provider_of(request))])


def record_in_a_message(request: httpx.Request) -> httpx.Response:
    """Return the vendor's error format, whose message goes on with the record."""
    body = f"KeyError: {c.vendors_customer(provider_of(request))!r}"
    error = {"type": "api_error", "message": body, "code": body}
    shapes = {
        "message": body,
        "error": error,
        "type": "x",
        "title": body,
        "detail": body,
    }
    return httpx.Response(500, json=shapes)


def record_for_a_message(request: httpx.Request) -> httpx.Response:
    """Return the record in place of the message."""
    body = c.vendors_customer(provider_of(request))
    shapes = {"message": body, "error": {"message": body, "code": body}, "code": body}
    return httpx.Response(
        400, json={**shapes, "type": "x", "title": body, "detail": body}
    )


def record_as_text(request: httpx.Request) -> httpx.Response:
    """Return the record as a form, without a media type."""
    pairs = "&".join(
        f"{name}={value}" for name, value in c.vendors_customer("bond").items()
    )
    return httpx.Response(500, text=pairs)


def sentence(request: httpx.Request) -> httpx.Response:
    """Return personal data of a known format that was not part of the request."""
    dotted, slashed = c.SSN.replace("-", "."), c.BORN.strftime("%m/%d/%Y")
    body = (
        f"SSN {dotted} and {c.SSN}, born {slashed}, {c.EMAIL}, 212-555-0187 is locked"
    )
    shapes = {"message": body, "error": {"message": body}, "type": "x", "title": body}
    return httpx.Response(423, json=shapes)


READ: Mapping[str, Answer] = {
    "a record under 303": record(303),
    "a record under 409": record(409),
    "a record under 500": record(500),
    "records": records,
    "a record in a message": record_in_a_message,
    "a record for a message": record_for_a_message,
    "a record as text": record_as_text,
    "a sentence": sentence,
    "an echo, rewritten": rewritten_echo,
    **{name: ANSWERS[name] for name in ("malformed JSON", "truncated", "interrupted")},
}


_ALL = calls(READ, c.PEOPLE)
ROWS = _ALL if PROOF else _ALL[::3]
"""Every third call, of each provider and both clients; the proofs try all of them."""


@pytest.mark.parametrize(("operation", "answer", "provider", "sync"), ROWS)
def test_a_report_contains_no_person(
    operation: str, answer: str, provider: str, *, sync: bool
) -> None:
    """A read sends nothing to mask, so only the vendor's own error format is repeated."""
    exposure = perform(provider, OPERATIONS[operation], sync=sync, answer=READ[answer])
    if exposure.error is None:
        return
    shown = f"{exposure.error} {exposure.error!r} {vars(exposure.error)}"
    if answer != "interrupted":
        assert not c.canaries_in(shown)
        assert not c.canaries_in(reported(exposure.error))


@guarded
def hold(person: Any) -> None:
    """Fail with personal data in a frame, in the chain and in a library's error."""
    text = json.dumps(person)
    try:
        dict[str, str]().pop(text)
    except KeyError:
        text.encode("ascii")
        (text + "\ud800").encode()


def test_the_tracker_would_show_a_person() -> None:
    """The search finds the data of an unguarded function, and none of a guarded one."""
    with pytest.raises(UnicodeEncodeError) as leaked:
        hold.__wrapped__(c.BY_HAND["names"])  # type: ignore[attr-defined] # unguarded
    assert c.canaries_in(reported(leaked.value))
    with pytest.raises(AnybankError) as stored:
        hold(c.BY_HAND["names"])
    assert not c.canaries_in(reported(stored.value))
