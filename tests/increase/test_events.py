"""Events of Increase: signatures, kinds, and what an event is about."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from anybank import EventKind, WebhookRejected, webhooks
from anybank_increase.events import KINDS

from .document import DOCUMENT

official = pytest.importorskip(
    "increase", reason="the vendor's client is not installed: it is in the group dev"
)
standard = pytest.importorskip(
    "standardwebhooks",
    reason="standardwebhooks is not installed: it is in the group dev",
)
SECRET = "a shared secret of the test"
STANDARD_SECRET = f"whsec_{base64.b64encode(b'a shared secret of the test').decode()}"
EVENT: dict[str, Any] = {
    "associated_object_id": "account_1",
    "associated_object_type": "account",
    "category": "account.created",
    "created_at": "2026-01-31T23:59:59Z",
    "id": "event_1",
    "type": "event",
}


def signed_by_the_package(secret: str | bytes, event: Any = EVENT) -> Any:
    """Return a delivery that the package standardwebhooks signs, as of now."""
    body = json.dumps(event)
    now = datetime.now(UTC).replace(microsecond=0)
    signature = standard.Webhook(secret).sign("event_1", now, body)
    headers = {
        "webhook-id": "event_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    return headers, body.encode()


@pytest.mark.parametrize("secret", [SECRET, STANDARD_SECRET, "whsec_is no base64"])
def test_the_official_client_unwraps_what_is_signed(secret: str) -> None:
    """`sign` signs with the text of the shared secret, as the vendor's client reads it."""
    headers, body = webhooks.sign("increase", EVENT, secret=secret)
    client = official.Increase(api_key="k", webhook_secret=secret)
    event = client.events.unwrap(body.decode(), headers=headers)
    assert event.associated_object_id == "account_1"


def test_the_package_verifies_what_is_signed() -> None:
    """The package standardwebhooks verifies it, with a key and with a `whsec_` secret."""
    headers, body = webhooks.sign("increase", EVENT, secret=SECRET)
    assert standard.Webhook(SECRET.encode()).verify(body, headers) == EVENT
    headers, body = webhooks.sign("increase", EVENT, secret=STANDARD_SECRET)
    assert standard.Webhook(STANDARD_SECRET).verify(body, headers) == EVENT


@pytest.mark.parametrize(
    ("signing", "verifying"),
    [
        (SECRET.encode(), SECRET),
        (STANDARD_SECRET, STANDARD_SECRET),
        (STANDARD_SECRET.encode(), STANDARD_SECRET),
        (STANDARD_SECRET, ["another", STANDARD_SECRET]),
    ],
)
def test_what_the_package_signs_is_verified(signing: Any, verifying: Any) -> None:
    """With the text of a secret, with the base64 after `whsec_`, and with several."""
    headers, body = signed_by_the_package(signing)
    event = webhooks.verify("increase", headers, body, secret=verifying)
    assert event.kind is EventKind.ACCOUNT_OPENED
    assert webhooks.verify_all("increase", headers, body, secret=verifying) == (event,)


def test_one_of_several_signatures_is_enough() -> None:
    """A delivery carries a signature for each secret while one is being replaced."""
    headers, body = signed_by_the_package(SECRET.encode())
    old = "v1,b2xk v2,bmV3 "
    headers["webhook-signature"] = old + headers["webhook-signature"]
    assert webhooks.verify("increase", headers, body, secret=SECRET).id == "event_1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "event_2"),
        ("webhook-timestamp", "yesterday"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", ""),
        ("webhook-signature", "v2,AAAA"),
        ("webhook-signature", "v1,é"),
    ],
)
def test_a_changed_header_is_rejected(name: str, value: str) -> None:
    """The signature covers the id, the time and the body."""
    headers, body = webhooks.sign("increase", EVENT, secret=SECRET)
    with pytest.raises(WebhookRejected):
        webhooks.verify("increase", {**headers, name: value}, body, secret=SECRET)


def test_an_old_delivery_is_rejected() -> None:
    """A signature older than five minutes may be a replay."""
    headers, body = webhooks.sign("increase", EVENT, secret=SECRET, now=1000)
    with pytest.raises(WebhookRejected, match="300 seconds"):
        webhooks.verify("increase", headers, body, secret=SECRET, now=1301)
    webhooks.verify("increase", headers, body, secret=SECRET, now=1299)


@pytest.mark.parametrize(
    ("category", "thing", "kind", "field"),
    [
        ("entity.created", "entity", EventKind.CUSTOMER_CREATED, "customer_id"),
        ("entity.updated", "entity", EventKind.CUSTOMER_UPDATED, "customer_id"),
        ("account.updated", "account", EventKind.ACCOUNT_UPDATED, "account_id"),
        (
            "transaction.created",
            "transaction",
            EventKind.TRANSACTION_CREATED,
            "transaction_id",
        ),
        (
            "pending_transaction.updated",
            "pending_transaction",
            EventKind.TRANSACTION_UPDATED,
            "transaction_id",
        ),
        ("card.created", "card", EventKind.UNKNOWN, None),
        ("lunar_base.created", "lunar_base", EventKind.UNKNOWN, None),
    ],
)
def test_an_event_names_its_object(
    category: str, thing: str, kind: EventKind, field: str | None
) -> None:
    """The id of the object is in `object_id`, and in the field of its type if there is one."""
    raw = {
        **EVENT,
        "category": category,
        "associated_object_type": thing,
        "associated_object_id": f"{thing}_7",
    }
    headers, body = webhooks.sign("increase", raw, secret=SECRET)
    event = webhooks.verify("increase", headers, body, secret=SECRET)
    assert (event.kind, event.native_kind) == (kind, category)
    assert event.object_id == f"{thing}_7"
    named = {
        name
        for name in ("customer_id", "account_id", "transaction_id", "application_id")
        if getattr(event, name)
    }
    assert named == ({field} if field else set())
    assert event.dedupe_key == "increase:event_1"


def test_every_category_of_the_document_has_a_kind() -> None:
    """The table is total: a category without a neutral kind is UNKNOWN by rule."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    schemas = json.loads(DOCUMENT.read_text())["components"]["schemas"]
    assert set(KINDS) == set(schemas["event"]["properties"]["category"]["enum"])
