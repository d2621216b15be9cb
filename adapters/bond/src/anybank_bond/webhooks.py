"""Bond's webhooks: signatures, events and subscriptions (bond.md §6, §7)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read, read_created, read_each
from anybank.adapter.signatures import Signed, WebhookFormat, digest
from anybank.adapter.wire import Json, Response, is_whole
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

HEADER = "bond-signature"
_DAYS = 24 * 60 * 60.0
_LONGEST_TIME = 12

KINDS: Mapping[str, EventKind] = {
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
    "credit.application.adverse_action": EventKind.CREDIT_DENIED,
    "credit.application.resubmit_required": EventKind.CREDIT_RESUBMIT_REQUIRED,
    "customer.updated": EventKind.CUSTOMER_UPDATED,
}

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
)


class BondWebhooks(WebhookFormat):
    """Deliveries signed by `Bond-Signature: t=...,v1=...,v2=...` (§7.2).

    Whether a retry is signed afresh is not known, so a signature may be as old as the
    last retry: three days (§7.3).
    """

    window = 3 * _DAYS

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the header; `v1` counts only where there is no `v2`."""
        parts = _parts(headers.get(HEADER, ""))
        stamp = _only(parts.get("t", []))
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_TIME):
            raise WebhookRejected("there is no Bond-Signature header with a time in it")
        if "v2" in parts:
            return Signed(int(stamp), parts["v2"], [_message(stamp, body)])
        if "v1" in parts:
            messages = [_message(stamp, text) for text in _reserialised(body)]
            return Signed(int(stamp), parts["v1"], messages)
        raise WebhookRejected("the Bond-Signature header has no v1 or v2 in it")

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Sign a body as the vendor does, in both versions."""
        stamp = str(timestamp)
        v1 = digest(secret, _message(stamp, next(iter(_reserialised(body)), body)))
        v2 = digest(secret, _message(stamp, body))
        return {"Bond-Signature": f"t={stamp},v1={v1},v2={v2}"}

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event; there is no one envelope (§7.5)."""
        if not isinstance(raw, dict):
            raise UnexpectedResponse("an event is an object", path="$")
        native = _at(raw, ("event",)) or _nameless(raw)
        return Event(
            provider="bond",
            kind=KINDS.get(_normal(native), EventKind.UNKNOWN),
            native_kind=native,
            customer_id=_first(raw, _CUSTOMERS),
            application_id=_at(raw, ("details", "data", "application_id")),
            occurred_at=_time(raw),
            dedupe_key=_dedupe_key(raw, body),
            raw=raw,
        )


def _parts(header: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = {}
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        parts.setdefault(name.strip(), []).append(value.strip())
    return parts


def _only(stamps: list[str]) -> str:
    """Return the time where there is one; of two, nobody knows which is signed."""
    return stamps[0] if len(set(stamps)) == 1 else ""


def _message(stamp: str, body: bytes) -> bytes:
    return stamp.encode() + b"." + body


def _reserialised(body: bytes) -> list[bytes]:
    """Return the body as Python would write it, which is what `v1` is made of."""
    try:
        raw = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return []
    texts: list[bytes] = []
    with suppress(RecursionError, UnicodeEncodeError):  # half a character in UTF-8
        texts.append(json.dumps(raw).encode())
        texts.append(json.dumps(raw, ensure_ascii=False).encode())
    return texts


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Refuse a key that comes twice: `v1` does not cover the first of them."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _normal(native: object) -> str:
    return str(native).strip().lower().replace(" ", "_")


def _nameless(raw: dict[str, Any]) -> str | None:
    """Return the status of the one event without a name ("Performing KYC", step 3)."""
    return _at(raw, ("kyc_status",)) if "event" not in raw else None


def _at(raw: Any, path: tuple[str, ...]) -> str | None:
    for name in path:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw if isinstance(raw, str) and raw != "null" and is_whole(raw) else None


def _first(raw: Json, paths: tuple[tuple[str, ...], ...]) -> str | None:
    return next(filter(None, (_at(raw, path) for path in paths)), None)


def _said_time(raw: Json) -> str | None:
    """Return the time as it is said; adverse actions call it `sent_time` (row 44)."""
    return _first(raw, (("occurred_at",), ("sent_time",)))


def _time(raw: Json) -> datetime | None:
    try:
        return read_time(_said_time(raw) or "")
    except ValueError:
        return None


def _dedupe_key(raw: Json, body: bytes) -> str:
    """Return what two deliveries of one event share (row 48): no event has an id."""
    said, subject = _said_time(raw), _first(raw, _SUBJECTS)
    if said is None or subject is None:
        return f"bond:{hashlib.sha256(body).hexdigest()}"
    state = _at(raw, ("transaction", "state"))
    return ":".join(
        filter(None, ("bond", _normal(_at(raw, ("event",))), said, subject, state))
    )


@frozen(kw_only=True)
class WireSubscription:
    """A subscription as Bond sends it, in its newer and older names (row 47)."""

    id: str | None = None
    webhook_id: str | None = None
    url: str | None = None
    callback_url: str | None = None
    events: list[str] | None = None
    description: str | None = None
    status: str | None = None
    secret: str | None = None
    created_time: datetime | None = None
    date_created: datetime | None = None


_ENABLED = {
    "STATUS_ENABLED": True,
    "enabled": True,
    "STATUS_DISABLED": False,
    "disabled": False,
}


_NAMES = {
    "webhook_id": "id",
    "callback_url": "url",
    "status": "enabled",
    "created_time": "created_at",
    "date_created": "created_at",
}


def subscription(raw: Json) -> WebhookSubscription:
    """Read a subscription, wrapped or flat."""
    inner = _inner(raw)
    return _subscription(read(inner, WireSubscription), inner)


def created(raw: Json) -> WebhookSubscription:
    """Read the answer to a new subscription, wrapped or flat."""
    return read_created(_inner(raw), WireSubscription, _subscription, _NAMES)


def subscriptions(response: Response) -> Page[WebhookSubscription]:
    """Read all subscriptions: they are not paged."""
    raw = response.json()
    found = raw.get("webhook_subscriptions") if isinstance(raw, dict) else raw
    if not isinstance(found, list):
        raise UnexpectedResponse("there is no list", path="$.webhook_subscriptions")
    inner = list(map(_inner, found))
    return read_each(inner, WireSubscription, _subscription, _NAMES)


def _inner(raw: Json) -> Json:
    return raw.get("webhook_subscription", raw) if isinstance(raw, dict) else raw


def _subscription(wire: WireSubscription, raw: Json) -> WebhookSubscription:
    identifier = wire.id or wire.webhook_id
    if identifier is None:
        raise UnexpectedResponse("the subscription has no id", path="$.id")
    return WebhookSubscription(
        id=identifier,
        url=wire.url or wire.callback_url,
        events=tuple(wire.events or ()),
        description=wire.description,
        enabled=_ENABLED.get(wire.status or ""),
        secret=Sensitive(wire.secret) if wire.secret else None,
        created_at=wire.created_time or wire.date_created,
        raw=raw,
    )


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a new subscription."""
    body = {"url": new.url, "events": list(new.events), "version": "0.1"}
    return body if new.description is None else {**body, "description": new.description}


def changes(changes: WebhookSubscriptionChanges) -> Json:
    """Write what changes of a subscription; `events` replaces the list."""
    fields: dict[str, Json] = {
        "url": changes.url,
        "events": changes.events and list(changes.events),
        "description": changes.description,
        "status": _status(changes.enabled),
    }
    return {name: value for name, value in fields.items() if value is not UNSET}


def _status(enabled: Any) -> Any:
    words = {True: "STATUS_ENABLED", False: "STATUS_DISABLED"}
    return enabled if enabled is UNSET else words[enabled]
