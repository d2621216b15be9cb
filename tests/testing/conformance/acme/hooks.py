"""Acme's webhooks: `Acme-Signature: t=...,s=...` signs the time, a dot and the body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from anybank.adapter.signatures import Signed, WebhookFormat, digest
from anybank.adapter.wire import Json
from anybank.errors import UnexpectedResponse, WebhookRejected
from anybank.model.events import Event, EventKind

KINDS: Mapping[str, EventKind] = {
    "check.good": EventKind.KYC_PASSED,
    "transfer.done": EventKind.TRANSACTION_CREATED,
}


class AcmeWebhooks(WebhookFormat):
    """Webhooks that Acme retries for an hour."""

    window = 3600.0

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the signature."""
        parts = dict(
            part.partition("=")[::2]
            for part in headers.get("acme-signature", "").split(",")
        )
        stamp = parts.get("t", "")
        if not (stamp.isascii() and stamp.isdigit()) or "s" not in parts:
            raise WebhookRejected("the Acme-Signature header is missing or malformed")
        return Signed(int(stamp), [parts["s"]], [f"{stamp}.".encode() + body])

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Sign a body."""
        signature = digest(secret, f"{timestamp}.".encode() + body)
        return {"Acme-Signature": f"t={timestamp},s={signature}"}

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event."""
        if not isinstance(raw, dict):
            raise UnexpectedResponse("an event is an object", path="$")
        word = _text(raw, "event")
        kind = KINDS.get(word or "", EventKind.UNKNOWN)
        about, at = _text(raw, "about"), _text(raw, "at")
        return Event(
            provider="acme",
            kind=kind,
            native_kind=word,
            object_id=about,
            account_id=_text(raw, "account"),
            transaction_id=about if kind is EventKind.TRANSACTION_CREATED else None,
            occurred_at=datetime.fromisoformat(at) if at else None,
            dedupe_key=hashlib.sha256(body).hexdigest(),
            raw=raw,
        )


def _text(raw: Mapping[str, Json], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None
