"""Broken adapters: webhooks of another format than the vendor's."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.hooks import AcmeWebhooks

from anybank.adapter.signatures import SignatureScheme, digest
from anybank.model.events import EventKind, NewWebhookSubscription
from anybank.testing import SignedDelivery

from .making import Table, broken_acme, with_changed_rule

_BODY = b'{"event": "check.good"}'
_PRINTED = SignedDelivery(
    secret="printed",  # invented
    headers={
        "Acme-Signature": f"t=1700000000,s={digest('printed', b'1700000000.' + _BODY)}"
    },
    body=_BODY,
)


class _OtherDigest(AcmeWebhooks):
    """Signs and reads HMAC-SHA1, which fits itself and not the page."""

    scheme = SignatureScheme(algorithm="sha1")

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        signature = self.digest(secret, f"{timestamp}.".encode() + body)
        return {"Acme-Signature": f"t={timestamp},s={signature}"}


class _FirstOfSeveral(AcmeWebhooks):
    """Reads the first event of a delivery, and no other."""

    def body(self, examples: Any) -> Any:
        return {"events": list(examples)}

    def events(self, raw: Any, body: bytes) -> Any:
        return [self.event(item, body) for item in raw["events"][:1]]


def _verifying_another_digest() -> Any:
    subject = broken_acme(webhooks=_OtherDigest())
    return evolve(subject, samples={"webhooks.verify": [_PRINTED]})


BROKEN: Table = {
    "computes another digest than the page prints": (
        "printed_signatures_are_verified",
        _verifying_another_digest,
    ),
    "subscribes to one event for the kind of another": (
        "subscribed_kinds_are_read",
        lambda: with_changed_rule(
            NewWebhookSubscription,
            "events",
            values={EventKind.KYC_FAILED: "check.good"},
        ),
    ),
    "reads the first of several events only": (
        "several_events_are_all_read",
        lambda: broken_acme(webhooks=_FirstOfSeveral()),
    ),
}
