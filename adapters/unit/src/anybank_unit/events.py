"""Unit's events and webhooks: types, signatures and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.signatures import SignatureScheme, Signed, WebhookFormat
from anybank.adapter.wire import Json, segment
from anybank.errors import UnexpectedResponse, WebhookRejected
from anybank.model.events import (
    Event,
    EventKind,
    NewWebhookSubscription,
    WebhookSubscription,
)
from anybank.sensitive import Sensitive

from . import extras
from .resources import NO_RELATIONSHIPS, WirePage, WireRelationships, document

# https://unit.co/docs/api/events and https://unit.co/docs/api/applications/events
KINDS: Mapping[str, EventKind] = {
    "application.created": EventKind.KYC_SUBMITTED,
    "application.approved": EventKind.KYC_PASSED,
    "application.denied": EventKind.KYC_FAILED,
    "application.awaitingDocuments": EventKind.KYC_DOCUMENTS_REQUIRED,
    "application.pendingReview": EventKind.KYC_UNDER_REVIEW,
    "customer.created": EventKind.CUSTOMER_CREATED,
    "customer.updated": EventKind.CUSTOMER_UPDATED,
    "customer.archived": EventKind.CUSTOMER_ARCHIVED,
    "account.created": EventKind.ACCOUNT_OPENED,
    "account.closed": EventKind.ACCOUNT_CLOSED,
    "account.frozen": EventKind.ACCOUNT_UPDATED,
    "account.unfrozen": EventKind.ACCOUNT_UPDATED,
    "account.reopened": EventKind.ACCOUNT_UPDATED,
    "transaction.created": EventKind.TRANSACTION_CREATED,
    "transaction.updated": EventKind.TRANSACTION_UPDATED,
}
SUBSCRIBED: Mapping[EventKind, str] = {
    kind: " ".join(word for word in KINDS if KINDS[word] is kind)
    for kind in dict.fromkeys(KINDS.values())
}
"""The types of Unit's events for a neutral kind, separated by spaces."""
NAMES = {
    "type": "native_kind",
    "attributes.createdAt": "occurred_at",
    "relationships": "object_id",
    "relationships.account": "account_id",
    "relationships.application": "customer_id",
    "relationships.customer": "customer_id",
    "relationships.transaction": "transaction_id",
}
SUBSCRIPTION_NAMES = {
    "attributes.url": "url",
    "attributes.label": "description",
    "attributes.status": "enabled",
    "attributes.token": "secret",
    "attributes.createdAt": "created_at",
}
# "Webhooks that were unresponsive for 7 days will change status to Unavailable".
_ENABLED = {"Enabled": True, "Disabled": False, "Unavailable": False}


class UnitWebhooks(WebhookFormat):
    """Deliveries with a signature of the body alone: base64 of HMAC-SHA1.

    No time is signed, so a replay is recognised by the `dedupe_key` of its events only.
    Source: https://unit.co/docs/api/webhooks, "Securing your webhooks"
    """

    scheme = SignatureScheme(algorithm="sha1", encoding="base64", has_time=False)

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the header of the signature."""
        signature = headers.get("x-unit-signature", "").strip()
        if not signature:
            raise WebhookRejected("the delivery has no x-unit-signature header")
        return Signed(None, [signature], [body])

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:  # noqa: ARG002  # the base's signature
        """Return the header with which Unit would deliver a body."""
        return {"x-unit-signature": self.digest(secret, body)}

    def event(self, raw: Json, body: bytes) -> Event:
        """Read the event of a delivery that has one."""
        events = self.events(raw, body)
        if len(events) != 1:
            raise WebhookRejected("the delivery has several events: use verify_all")
        return events[0]

    def events(self, raw: Json, body: bytes) -> Sequence[Event]:  # noqa: ARG002  # the base's signature
        """Read the events of a delivery."""
        try:
            return tuple(map(event, read(raw, WirePage).data))
        except UnexpectedResponse as error:
            raise WebhookRejected(f"cannot read the events: {error}") from None

    def example(self, kind: str, number: int = 0) -> Json:
        """Return the body of a delivery of one invented event."""
        return self.body([_example(kind, number)])

    def body(self, examples: Sequence[Json]) -> Json:
        """Return the body of a delivery of several events."""
        events = [item for each in examples for item in each.get("data", [each])]
        return {"data": events}


def _example(kind: str, number: int) -> Json:
    return {
        "id": str(900 + number),
        "type": kind,
        "attributes": {"createdAt": "2023-11-14T22:13:20.000Z"},
        "relationships": {"customer": {"data": {"id": "7", "type": "customer"}}},
    }


@frozen(kw_only=True)
class WireMoment:
    """The attributes that all events have."""

    createdAt: datetime | None = None


@frozen(kw_only=True)
class WireEvent:
    """An event as Unit sends it, in a list and in a delivery.

    Source: https://unit.co/docs/api/events
    """

    id: str
    type: str | None = None
    attributes: WireMoment | None = None
    relationships: WireRelationships | None = None


def event(raw: Json) -> Event:
    """Read an event."""
    return build_event(read(raw, WireEvent), raw)


def build_event(wire: WireEvent, raw: Any) -> Event:
    """Return an event. That of an application is about the person who it is so far."""
    related = wire.relationships or NO_RELATIONSHIPS
    application = related.id_of("application")
    ids = {
        "account": related.id_of("account"),
        "transaction": related.id_of("transaction"),
        "customer": related.id_of("customer"),
        "application": f"application-{application}" if application else None,
    }
    subject = (wire.type or "").partition(".")[0]
    return Event(
        provider="unit",
        kind=KINDS.get(wire.type or "", EventKind.UNKNOWN),
        native_kind=wire.type,
        id=wire.id,
        object_id=ids.get(subject),
        customer_id=ids["customer"] or ids["application"],
        account_id=ids["account"],
        transaction_id=ids["transaction"],
        occurred_at=wire.attributes.createdAt if wire.attributes else None,
        # A delivery and the list show the same event under the same id.
        dedupe_key=f"unit:{wire.id}",
        raw=raw,
    )


def path(event_id: str) -> str:
    """Return the path of an event."""
    return f"/events/{segment(event_id)}"


@frozen(kw_only=True)
class WireSettings:
    """The attributes of a webhook."""

    url: str | None = None
    label: str | None = None
    status: str | None = None
    token: str | None = None
    createdAt: datetime | None = None


@frozen(kw_only=True)
class WireWebhook:
    """A webhook as Unit sends it. Source: the schema Webhook."""

    id: str
    attributes: WireSettings | None = None


def build_subscription(wire: WireWebhook, raw: Any) -> WebhookSubscription:
    """Return a subscription, which is to all events."""
    fields = wire.attributes or WireSettings()
    return WebhookSubscription(
        id=wire.id,
        url=fields.url,
        description=fields.label,
        enabled=_ENABLED.get(fields.status or ""),
        secret=Sensitive(fields.token) if fields.token else None,
        created_at=fields.createdAt,
        raw=raw,
    )


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a webhook to create."""
    attributes = {
        "label": new.description,
        "url": new.url,
        "token": new.secret,
        "contentType": "JsonAPI",
        # Deliveries are repeated until one succeeds, and may hold several events.
        "deliveryMode": "AtLeastOnce",
        "subscriptionType": "All",
        **extras.of_subscription(new.extras.get("unit")),
    }
    return document("webhook", attributes)


def subscription_path(subscription_id: str) -> str:
    """Return the path of a webhook."""
    return f"/webhooks/{segment(subscription_id)}"
