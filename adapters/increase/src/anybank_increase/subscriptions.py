"""Webhook subscriptions at Increase, which are event subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import Reader, neutral, read, reads, write, writes
from anybank.adapter.wire import Json
from anybank.declaration import FieldRule, optional, required
from anybank.model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.model.pages import Page

from . import sources
from .events import SUBSCRIBED
from .pages import Resource, WirePage

# The schema event_subscription: active, disabled and deleted.
_DELETED = "deleted"
DELETION: Json = {"status": _DELETED}
"""The change that deletes a subscription: "Update an Event Subscription"."""


@frozen(kw_only=True)
class WireCategory:
    """One of the categories that a subscription selects."""

    event_category: str | None = None


@writes(
    NewWebhookSubscription,
    sources.SUBSCRIPTIONS,
    {"description": FieldRule(create="refused", read="never")},
)
@reads(
    WebhookSubscription,
    sources.SUBSCRIPTIONS,
    description="a subscription has no description",
)
@frozen(kw_only=True)
class WireSubscription:
    """A subscription as Increase sends it.

    "Create an Event Subscription": without categories it receives all events.
    Source: https://increase.com/documentation/api/event-subscriptions
    """

    id: str
    url: str | None = neutral("url", required())
    # A word without an entry reads as None, which means unknown.
    status: str | None = neutral(
        "enabled", read={"active": True, "disabled": False}.get
    )
    created_at: datetime | None = neutral("created_at")
    # Null where the subscription receives all events.
    selected_event_categories: list[WireCategory] | None = neutral(
        "events",
        optional(values=SUBSCRIBED),
        write=lambda category: {"event_category": category},
        read=lambda categories: tuple(
            category.event_category
            for category in categories
            if category.event_category
        ),
    )
    shared_secret: str | None = neutral(
        "secret",
        optional(
            note="anybank draws one if you pass none, and the create returns it; Increase "
            "itself never does",
        ),
        write_only=True,
    )

    @property
    def is_deleted(self) -> bool:
        """True where the subscription receives nothing any more, for good."""
        return self.status == _DELETED


# "Update an Event Subscription" has the status only.
@writes(
    WebhookSubscriptionChanges,
    sources.SUBSCRIPTIONS,
    dict.fromkeys(
        ("url", "events", "description"),
        FieldRule(
            create="refused",
            note="create another subscription, and delete this one",
        ),
    ),
)
@frozen(kw_only=True)
class WireSwitch:
    """What an update of a subscription changes."""

    status: str | None = neutral(
        "enabled",
        optional(),
        write=lambda enabled: "active" if enabled else "disabled",
    )


def state(raw: Json) -> WireSubscription:
    """Read a subscription with its status."""
    return read(raw, WireSubscription)


@frozen
class _Subscriptions(Resource[WebhookSubscription]):
    """The subscriptions, without the deleted ones that Increase still lists."""

    def page(self, raw: Json) -> Page[WebhookSubscription]:
        """Read a page of the subscriptions that are not deleted."""
        wire = read(raw, WirePage)
        items = [item for item in wire.data if not _is_deleted(item)]
        return evolve(self.reader.each(items), next_token=wire.next_cursor)


def _is_deleted(raw: Any) -> bool:
    return isinstance(raw, dict) and raw.get("status") == _DELETED


SUBSCRIPTIONS = _Subscriptions(
    "/event_subscriptions", Reader(WireSubscription, WebhookSubscription)
)


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a subscription to create; without events it receives all of them."""
    return write(WireSubscription, new, extras="increase")


def changes(changes: WebhookSubscriptionChanges) -> Json:
    """Write the status, the only field that can change."""
    return write(WireSwitch, changes)
