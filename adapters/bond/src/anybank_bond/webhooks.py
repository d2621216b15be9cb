"""Bond's webhooks: signatures, events and subscriptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import Reader, build, neutral, reads, write, writes
from anybank.adapter.signatures import Signed, WebhookFormat, digest
from anybank.adapter.wire import Json, is_whole, segment
from anybank.declaration import FieldRule, optional, required
from anybank.errors import UnexpectedResponse, WebhookRejected
from anybank.model.events import (
    Event,
    EventKind,
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.model.pages import Page
from anybank.model.times import read_time
from anybank.model.unset import UNSET
from anybank.sensitive import Sensitive

from .sources import WEBHOOKS

HEADER = "bond-signature"
# "Signatures": deliveries are retried for up to three days.
# https://docs.bond.tech/docs/signatures
_DAYS = 24 * 60 * 60.0
# The time is in Unix seconds: ten digits in the samples.
_LONGEST_TIME = 12

# Source: Atelio docs, "Webhook events". The names in `passed`, `failed` and
# `documents_required` occur in the prose of other pages.
KINDS: Mapping[str, EventKind] = {
    # "Performing KYC", step 3: posted without an event name.
    "submitted": EventKind.KYC_SUBMITTED,
    "kyc.verification.success": EventKind.KYC_PASSED,
    "kyc.verification.passed": EventKind.KYC_PASSED,
    "kyc.verification.failure": EventKind.KYC_FAILED,
    "kyc.verification.failed": EventKind.KYC_FAILED,
    "kyc.verification.error": EventKind.KYC_ERROR,
    "kyc.verification.timeout": EventKind.KYC_EXPIRED,
    "kyc.verification.document_required": EventKind.KYC_DOCUMENTS_REQUIRED,
    "kyc.verification.documents_required": EventKind.KYC_DOCUMENTS_REQUIRED,
    "kyc.verification.under_review": EventKind.KYC_UNDER_REVIEW,
    "kyc.verification.reenter_information": EventKind.KYC_INFORMATION_REQUIRED,
    "credit.application.created": EventKind.CREDIT_CREATED,
    "credit.application.submitted": EventKind.CREDIT_SUBMITTED,
    "credit.application.approved": EventKind.CREDIT_APPROVED,
    # There is no event credit.application.denied.
    "credit.application.adverse_action": EventKind.CREDIT_DENIED,
    "credit.application.resubmit_required": EventKind.CREDIT_RESUBMIT_REQUIRED,
    "customer.updated": EventKind.CUSTOMER_UPDATED,
    # One name for all transactions: see `_kind`.
    "transactions": EventKind.TRANSACTION_CREATED,
}

# Where an event names its subject: each family of events has its own shape.
# Source: Atelio docs, "Webhook payloads".
# The first path that holds a text is the subject. An event about a beneficial owner has
# no customer_id, and a customer_id inside `details` follows the application that it
# belongs to.
_SUBJECTS = (
    ("customer_id",),
    ("beneficial_owner_id",),
    ("business_id",),
    ("details", "data", "application_id"),
    ("details", "customer_id"),
    ("card", "card_id"),
    ("transaction", "transaction_id"),
)
_CUSTOMERS = (
    ("customer_id",),
    ("details", "data", "applicant", "customer_id"),
    ("details", "customer_id"),
    ("card", "customer_id"),
    ("transaction", "customer_id"),
)
_ACCOUNTS = (("account_id",), ("transaction", "account_id"))
# "Retrieving transactions" lists seven states. These four end a transaction that was
# reported before; the other three report money that moves, pending or completed.
_ENDED = ("declined", "failed", "cancelled", "returned")


class BondWebhooks(WebhookFormat):
    """Deliveries signed with a header `Bond-Signature: t=...,v1=...,v2=...`.

    Source: Bond docs, "Signatures", https://docs.bond.tech/docs/signatures
    """

    # Bond retries for three days. Whether a retry gets a new signature is not stated,
    # so a signature may be as old as the last retry.
    window = 3 * _DAYS

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the header. `v1` is used only where there is no `v2`."""
        parts = _parts(headers.get(HEADER, ""))
        stamp = _only(parts.get("t", []))
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_TIME):
            raise WebhookRejected(
                "the delivery has no Bond-Signature header with a time"
            )
        # Atelio docs, "Webhook requests": v2 signs the bytes of the body, v1 a
        # re-serialised body. A header that has v2 is never judged by v1, or an attacker
        # could choose the weaker one.
        # https://docs.atelio.com/embedded/docs/webhook-requests
        if "v2" in parts:
            return Signed(int(stamp), parts["v2"], [_message(stamp, body)])
        if "v1" in parts:
            messages = [_message(stamp, text) for text in _reserialised(body)]
            return Signed(int(stamp), parts["v1"], messages)
        raise WebhookRejected("the Bond-Signature header has neither v1 nor v2")

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Return the header that Bond would send with a body, in both versions."""
        # "Signatures": the key is the whole secret, with its prefix whsec_, encoded as
        # UTF-8.
        stamp = str(timestamp)
        v1 = digest(secret, _message(stamp, next(iter(_reserialised(body)), body)))
        v2 = digest(secret, _message(stamp, body))
        return {"Bond-Signature": f"t={stamp},v1={v1},v2={v2}"}

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event."""
        if not isinstance(raw, dict):
            raise UnexpectedResponse("the event is not a JSON object", path="$")
        native = _at(raw, ("event",)) or _nameless(raw)
        # The families of events share no envelope. Unknown members stay in `raw`.
        return Event(
            provider="bond",
            kind=_kind(native, raw),
            native_kind=native,
            object_id=_first(raw, _SUBJECTS),
            customer_id=_first(raw, _CUSTOMERS),
            account_id=_first(raw, _ACCOUNTS),
            transaction_id=_at(raw, ("transaction", "transaction_id")),
            application_id=_at(raw, ("details", "data", "application_id")),
            occurred_at=_time(raw),
            dedupe_key=_dedupe_key(raw, body),
            raw=raw,
        )


def _kind(native: str | None, raw: dict[str, Any]) -> EventKind:
    """Return the kind of an event; the state of a transaction says which it is."""
    kind = KINDS.get(_normal(native), EventKind.UNKNOWN)
    is_ended = _normal(_at(raw, ("transaction", "state"))) in _ENDED
    if kind is EventKind.TRANSACTION_CREATED and is_ended:
        return EventKind.TRANSACTION_UPDATED
    return kind


def _parts(header: str) -> dict[str, list[str]]:
    # "Signatures" shows `t=...,v1=...,v2=...` without spaces. Any order, spaces and
    # further versions are accepted, and every value of a repeated version is compared.
    parts: dict[str, list[str]] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name.strip(), []).append(value.strip())
    return parts


def _only(stamps: list[str]) -> str:
    """Return the time, or "" where there is none or there are several.

    Of several times, the signed one is unknown.
    """
    return stamps[0] if len(set(stamps)) == 1 else ""


def _message(stamp: str, body: bytes) -> bytes:
    return stamp.encode() + b"." + body


def _reserialised(body: bytes) -> list[bytes]:
    """Return the body in the forms that `v1` may sign."""
    # Atelio docs, "Webhook requests": v1 signs the payload as Python serialises it.
    # Whether characters outside ASCII are escaped is not stated, so both forms are
    # tried.
    try:
        raw = json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return []
    texts: list[bytes] = []
    with suppress(RecursionError, UnicodeEncodeError):  # an unpaired surrogate
        texts.append(json.dumps(raw).encode())
        texts.append(json.dumps(raw, ensure_ascii=False).encode())
    return texts


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return the members of an object; raise ValueError for a repeated key.

    `v1` covers only the last value of a repeated key.
    """
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("the object has a key twice")
    return members


def _normal(native: object) -> str:
    return str(native).strip().lower().replace(" ", "_")


def _nameless(raw: dict[str, Any]) -> str | None:
    """Return the status that step 3 of "Performing KYC" sends without an event name."""
    return _at(raw, ("kyc_status",)) if "event" not in raw else None


def _at(raw: Any, path: tuple[str, ...]) -> str | None:
    for name in path:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw if isinstance(raw, str) and raw != "null" and is_whole(raw) else None


def _first(raw: Json, paths: tuple[tuple[str, ...], ...]) -> str | None:
    return next(filter(None, (_at(raw, path) for path in paths)), None)


def _native_time(raw: Json) -> str | None:
    # Adverse actions have `sent_time`, all other events `occurred_at`.
    return _first(raw, (("occurred_at",), ("sent_time",)))


def _time(raw: Json) -> datetime | None:
    try:
        return read_time(_native_time(raw) or "")
    except ValueError:
        return None


def _dedupe_key(raw: Json, body: bytes) -> str:
    """Return a key that two deliveries of one event share; no event has an id."""
    # "Signatures" advises to compare event and time. That would merge the events that
    # two customers have at one time, so the subject is part of the key.
    time, subject = _native_time(raw), _first(raw, _SUBJECTS)
    if time is None or subject is None:
        return f"bond:{hashlib.sha256(body).hexdigest()}"
    state = _at(raw, ("transaction", "state"))
    return ":".join(
        filter(None, ("bond", _normal(_at(raw, ("event",))), time, subject, state))
    )


# "Event subscriptions": the names of the events that have a neutral kind. One event reports
# every change of a transaction.
EVENTS: Mapping[EventKind, str] = {
    EventKind.KYC_PASSED: "kyc.verification.success",
    EventKind.KYC_FAILED: "kyc.verification.failure",
    EventKind.KYC_ERROR: "kyc.verification.error",
    EventKind.KYC_EXPIRED: "kyc.verification.timeout",
    EventKind.KYC_DOCUMENTS_REQUIRED: "kyc.verification.document_required",
    EventKind.KYC_UNDER_REVIEW: "kyc.verification.under_review",
    EventKind.KYC_INFORMATION_REQUIRED: "kyc.verification.reenter_information",
    EventKind.CREDIT_CREATED: "credit.application.created",
    EventKind.CREDIT_SUBMITTED: "credit.application.submitted",
    EventKind.CREDIT_APPROVED: "credit.application.approved",
    EventKind.CREDIT_DENIED: "credit.application.adverse_action",
    EventKind.CREDIT_RESUBMIT_REQUIRED: "credit.application.resubmit_required",
    EventKind.CUSTOMER_UPDATED: "customer.updated",
    EventKind.TRANSACTION_CREATED: "transactions",
    EventKind.TRANSACTION_UPDATED: "transactions",
}

_ENABLED = {
    "STATUS_ENABLED": True,
    "enabled": True,
    "STATUS_DISABLED": False,
    "disabled": False,
}
"""Whether a subscription is enabled, by status. One sample prints "enabled"."""
_STATUSES = {True: "STATUS_ENABLED", False: "STATUS_DISABLED"}


@writes(
    NewWebhookSubscription,
    WEBHOOKS,
    {
        # Atelio docs, "Webhook subscriptions": Bond draws the secret, and returns it. A
        # list returns the secrets again at any time.
        "secret": FieldRule(
            create="refused", note="Bond draws the secret and returns it"
        )
    },
)
@reads(WebhookSubscription, WEBHOOKS)
@frozen(kw_only=True)
class WireSubscription:
    """A subscription as Bond sends it.

    "Webhook subscriptions" and "Webhook events" of Atelio's docs name the id, the URL and
    the time differently; both are read.
    """

    id: str | None = None
    webhook_id: str | None = neutral("id")
    url: str | None = neutral("url", required())
    callback_url: str | None = neutral("url")
    # The names of events, of which the library has translated the kinds.
    events: list[str] | None = neutral(
        "events",
        required(
            values=EVENTS,
            changed="a wildcard is stored as the events that it stands for",
        ),
        read=tuple,
        write=str,
    )
    description: str | None = neutral("description", optional())
    status: str | None = neutral("enabled", read=_ENABLED.get)
    secret: str | None = neutral("secret", read=Sensitive)
    created_time: datetime | None = neutral("created_at")
    date_created: datetime | None = neutral("created_at")


def subscription(raw: Json) -> WebhookSubscription:
    """Read a subscription."""
    return SUBSCRIPTIONS.read(_inner(raw))


def created(raw: Json) -> WebhookSubscription:
    """Read the response to a create, whatever else in it cannot be read."""
    return SUBSCRIPTIONS.created(_inner(raw))


def subscriptions(raw: Json) -> Page[WebhookSubscription]:
    """Read the list of all subscriptions."""
    records = raw.get("webhook_subscriptions") if isinstance(raw, dict) else raw
    if not isinstance(records, list):
        message = "the response has no list of subscriptions"
        raise UnexpectedResponse(message, path="$.webhook_subscriptions")
    return SUBSCRIPTIONS.each(list(map(_inner, records)))


def _inner(raw: Json) -> Json:
    # "Webhook subscriptions" wraps a subscription in an object, "Webhook events" does
    # not.
    return raw.get("webhook_subscription", raw) if isinstance(raw, dict) else raw


def _subscription(wire: WireSubscription, raw: Json) -> WebhookSubscription:
    if wire.id is None and wire.webhook_id is None:
        raise UnexpectedResponse("the subscription has no id", path="$.id")
    return build(WebhookSubscription, wire, raw)


SUBSCRIPTIONS = Reader(WireSubscription, WebhookSubscription, _subscription)


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a subscription to create."""
    return {"version": "0.1", **write(WireSubscription, new)}


def changes(changes: WebhookSubscriptionChanges) -> Json:
    """Write the changed fields of a subscription, and no others."""
    enabled: Any = changes.enabled
    fields: dict[str, Json] = {
        "url": changes.url,
        # Atelio docs, "Webhook subscriptions": `events` replaces the whole list.
        "events": changes.events and list(changes.events),
        "description": changes.description,
        "status": UNSET if enabled is UNSET else _STATUSES[enabled],
    }
    return {name: value for name, value in fields.items() if value is not UNSET}


def path(subscription_id: str | None = None) -> str:
    """Return the path of the subscriptions, or of one of them."""
    if subscription_id is None:
        return "/webhooks"
    return f"/webhooks/{segment(subscription_id)}"
