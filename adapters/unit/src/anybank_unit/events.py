"""Unit's events and webhooks: types, signatures and subscriptions."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import (
    Reader,
    build,
    constant,
    neutral,
    reads,
    words_by_member,
    words_of,
    write,
    writes,
)
from anybank.adapter.json_api import Deliveries, Resource, WireLink, document, link
from anybank.adapter.signatures import SignatureScheme
from anybank.adapter.wire import Json
from anybank.declaration import FieldRule, optional, required
from anybank.model.events import (
    Event,
    EventKind,
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.sensitive import Sensitive

from .customers import application_id
from .sources import EVENTS as EVENTS_PAGE
from .sources import WEBHOOKS


@frozen(kw_only=True)
class WireMoment:
    """The attributes that all events have."""

    createdAt: datetime | None = neutral("occurred_at")


@frozen(kw_only=True)
class WireSubjects:
    """What an event is about. That of an application is about the person it is so far."""

    account: WireLink | None = link("account_id")
    transaction: WireLink | None = link("transaction_id")
    customer: WireLink | None = link("customer_id")
    application: WireLink | None = neutral(
        "customer_id", read=lambda link: link.id and application_id(link.id)
    )


@reads(
    Event,
    EVENTS_PAGE,
    application_id="it is for credit applications, which are not read",
)
@frozen(kw_only=True)
class WireEvent:
    """An event as Unit sends it, in a list and in a delivery.

    Source: https://unit.co/docs/api/events and
    https://unit.co/docs/api/applications/events
    """

    id: str
    type: str | None = neutral(
        "kind",
        read={
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
        },
    )
    attributes: WireMoment | None = None
    relationships: WireSubjects | None = None


@frozen(kw_only=True)
class WireSettings:
    """The attributes of a webhook."""

    url: str | None = neutral("url", required())
    label: str | None = neutral(
        "description", optional(default="anybank", note="a webhook needs a label")
    )
    # "Webhooks that were unresponsive for 7 days will change status to Unavailable".
    status: str | None = neutral(
        "enabled",
        read={"Enabled": True, "Disabled": False, "Unavailable": False}.get,
    )
    token: str | None = neutral(
        "secret", optional(note="anybank draws one if you pass none"), read=Sensitive
    )
    createdAt: datetime | None = neutral("created_at")
    contentType: str | None = constant("JsonAPI")
    # Deliveries are repeated until one succeeds, and may hold several events.
    deliveryMode: str | None = constant("AtLeastOnce")
    subscriptionType: str | None = constant("All")


@writes(
    NewWebhookSubscription,
    WEBHOOKS,
    {
        "events": FieldRule(
            create="refused",
            read="never",
            values=words_by_member(words_of(WireEvent, "kind")),
            changed="a webhook receives all events",
        )
    },
)
@reads(WebhookSubscription, WEBHOOKS, events="a webhook receives all events")
@frozen(kw_only=True)
class WireWebhook:
    """A webhook as Unit sends it. Source: the schema Webhook."""

    id: str
    attributes: WireSettings | None = None


# "Update a Webhook" changes tags only; two other calls enable and disable it.
@writes(
    WebhookSubscriptionChanges,
    WEBHOOKS,
    dict.fromkeys(
        ("url", "events", "description"),
        FieldRule(create="refused", note="create another webhook"),
    ),
)
@frozen(kw_only=True)
class WireSwitch:
    """What an update of a webhook changes."""

    status: str | None = neutral("enabled", optional())


def _event(wire: WireEvent, raw: Json) -> Event:
    subject = (wire.type or "").partition(".")[0]
    about: WireLink | None = getattr(wire.relationships, subject, None)
    object_id = about.id if about else None
    if object_id and subject == "application":
        object_id = application_id(object_id)
    # A delivery and the list show the same event under the same id.
    ids = {"object_id": object_id, "dedupe_key": f"unit:{wire.id}"}
    return build(Event, wire, raw, provider="unit", **ids)


EVENTS = Resource("/events", Reader(WireEvent, Event, _event))
SUBSCRIPTIONS = Resource("/webhooks", Reader(WireWebhook, WebhookSubscription))


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a webhook to create."""
    return document("webhook", write(WireSettings, new, extras="unit"))


class UnitWebhooks(Deliveries):
    """Deliveries with a signature of the body alone: base64 of HMAC-SHA1.

    No time is signed, so a replay is recognised by the `dedupe_key` of its events only.
    Source: https://unit.co/docs/api/webhooks, "Securing your webhooks"
    """

    reader = EVENTS.reader
    header = "x-unit-signature"
    scheme = SignatureScheme(algorithm="sha1", encoding="base64", has_time=False)
