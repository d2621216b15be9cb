"""Broken adapters: webhooks of another format than the vendor's."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.hooks import AcmeWebhooks

from anybank.adapter.signatures import SignatureScheme, digest
from anybank.model.events import Event, EventKind, NewWebhookSubscription
from anybank.testing import PrintedEvent, SignedDelivery

from .making import Table, broken_acme, subject_of, with_changed_rule

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


def _reading_printed(**parts: Any) -> Any:
    body = {"event": "transfer.done", "about": "transfer-1", "account": "account-1"}
    event = Event(
        provider="acme",
        kind=EventKind.TRANSACTION_CREATED,
        native_kind="transfer.done",
        object_id="transfer-1",
        transaction_id="transfer-1",
        account_id="account-1",
        dedupe_key="",
    )
    printed = PrintedEvent(body=body, events=[evolve(event, **parts)])
    return subject_of(samples={"webhooks.events": [printed]})


def _reading_none() -> Any:
    printed = PrintedEvent(body={"event": "transfer.done"}, events=[])
    return subject_of(samples={"webhooks.events": [printed]})


BROKEN: Table = {
    "reads the printed event of a denial as another kind": (
        "printed_events_are_read",
        lambda: _reading_printed(kind=EventKind.KYC_FAILED),
    ),
    "puts the id of a printed event into the field of another type": (
        "printed_events_are_read",
        lambda: _reading_printed(account_id="transfer-1"),
    ),
    "reads more events than a printed delivery has": (
        "printed_events_are_read",
        _reading_none,
    ),
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
