"""Acme's webhooks: `Acme-Signature: t=...,s=...` signs the time, a dot and the body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from anybank.adapter.signatures import Signed, WebhookFormat, digest
from anybank.adapter.wire import Json
from anybank.errors import UnexpectedResponse, WebhookRejected
from anybank.model.events import Event, EventKind

KINDS: Mapping[str, EventKind] = {"check.good": EventKind.KYC_PASSED}


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
        native = raw.get("event")
        word = native if isinstance(native, str) else None
        return Event(
            provider="acme",
            kind=KINDS.get(word or "", EventKind.UNKNOWN),
            native_kind=word,
            dedupe_key=hashlib.sha256(body).hexdigest(),
            raw=raw,
        )
