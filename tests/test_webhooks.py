"""Verifying a delivery: without a client, without the network."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from anybank import (
    ConfigurationError,
    EventKind,
    Sensitive,
    Unsupported,
    WebhookRejected,
    webhooks,
)
from anybank_bond import Bond

SECRET = "whsec_very_secret"
EVENT = {
    "event": "kyc.verification.success",
    "customer_id": "c1",
    "occurred_at": "2024-03-01T12:00:00+00:00",
}
NOW = 1_709_294_400.0
DAY = 86_400.0


def delivery(event: Any = EVENT) -> tuple[dict[str, str], bytes]:
    return webhooks.sign("bond", event, secret=SECRET, now=NOW)


@pytest.mark.parametrize(
    "secret", [SECRET, Sensitive(SECRET), ["old", SECRET], (Sensitive(SECRET), "new")]
)
def test_what_is_signed_is_verified(secret: Any) -> None:
    """With one secret or several, masked or not."""
    headers, body = delivery()
    event = webhooks.verify("bond", headers, body, secret=secret, now=NOW)
    assert (event.kind, event.customer_id) == (EventKind.KYC_PASSED, "c1")
    assert webhooks.verify(Bond, headers, body, secret=secret, now=NOW) == event


def test_header_names_may_be_in_any_case() -> None:
    """Servers change it as they like."""
    headers, body = delivery()
    shouted = {name.upper(): said for name, said in headers.items()}
    webhooks.verify("bond", shouted, body, secret=SECRET, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{}", None])
def test_another_body_is_refused(body: bytes | None) -> None:
    """One byte more or less is another delivery."""
    headers, signed = delivery()
    with pytest.raises(WebhookRejected):
        webhooks.verify(
            "bond", headers, signed + b" " if body is None else body, secret=SECRET
        )


def test_a_text_is_not_the_raw_body() -> None:
    """Whoever decoded it has changed it, perhaps."""
    headers, body = delivery()
    with pytest.raises(WebhookRejected, match="raw bytes"):
        webhooks.verify("bond", headers, body.decode(), secret=SECRET)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("age", "tolerance", "fresh"),
    [
        (DAY, "default", True),
        (4 * DAY, "default", False),
        (4 * DAY, None, True),
        (301, 300, False),
    ],
)
def test_the_tolerance_is_the_vendors_unless_told(
    age: float, tolerance: Any, *, fresh: bool
) -> None:
    """As long as the vendor goes on retrying."""
    headers, body = delivery()
    options = {} if tolerance == "default" else {"tolerance": tolerance}
    given: dict[str, Any] = {"secret": SECRET, "now": NOW + age, **options}
    if fresh:
        webhooks.verify("bond", headers, body, **given)
        return
    with pytest.raises(WebhookRejected, match="seconds from now"):
        webhooks.verify("bond", headers, body, **given)


@pytest.mark.parametrize("secret", ["", [], [""], Sensitive(""), [SECRET, ""]])
def test_an_empty_secret_is_a_mistake(secret: Any) -> None:
    """An empty key would verify what anybody signed with it."""
    headers, body = delivery()
    with pytest.raises(ConfigurationError, match="secret"):
        webhooks.verify("bond", headers, body, secret=secret, now=NOW)


def test_a_vendor_without_webhooks_says_so() -> None:
    """The reason is the declared one."""
    with pytest.raises(Unsupported, match=r"sonder webhooks\.verify"):
        webhooks.verify("sonder", {}, b"", secret=SECRET)


@pytest.mark.parametrize("body", [b"[]", b"not json", b"5"])
def test_what_is_signed_and_no_event_is_refused(body: bytes) -> None:
    """The place is told, the body is not."""
    headers, signed = delivery(body)
    with pytest.raises(WebhookRejected, match=r"cannot be read as an event \(\$\)"):
        webhooks.verify("bond", headers, signed, secret=SECRET, now=NOW)


def test_an_event_of_an_unknown_kind_is_no_error() -> None:
    """It is acknowledged and left."""
    headers, body = delivery({**EVENT, "event": "cards.flew"})
    event = webhooks.verify("bond", headers, body, secret=SECRET, now=NOW)
    assert (event.kind, event.native_kind) == (EventKind.UNKNOWN, "cards.flew")


def test_a_refusal_keeps_nothing() -> None:
    """Neither secret nor body are in the traceback's frames."""
    headers, body = delivery({**EVENT, "customer_id": "very-personal"})
    with pytest.raises(WebhookRejected) as no:
        webhooks.verify("bond", headers, body + b" ", secret=[SECRET], now=NOW)
    report = traceback.TracebackException.from_exception(no.value, capture_locals=True)
    inside = "".join(str(each.locals) for each in list(report.stack)[1:])
    assert SECRET not in inside
    assert "very-personal" not in inside
