"""Webhook subscriptions at Increase, which are event subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from anybank.adapter.converter import read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
from anybank.model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from anybank.model.pages import Page
from anybank.model.unset import UNSET

from . import extras
from .pages import WirePage

# The schema event_subscription: active, disabled and deleted. A word without an entry
# reads as None, which means unknown.
_ENABLED = {"active": True, "disabled": False}
_STATUSES = {True: "active", False: "disabled"}
_DELETED = "deleted"
DELETION: Json = {"status": _DELETED}
"""The change that deletes a subscription: "Update an Event Subscription"."""

_NAMES = {
    "status": "enabled",
    "selected_event_categories": "events",
    "url": "url",
    "created_at": "created_at",
}


@frozen(kw_only=True)
class WireCategory:
    """One of the categories that a subscription selects."""

    event_category: str | None = None


@frozen(kw_only=True)
class WireSubscription:
    """A subscription as Increase sends it; the secret is never returned.

    Source: https://increase.com/documentation/api/event-subscriptions
    """

    id: str
    url: str | None = None
    status: str | None = None
    created_at: datetime | None = None
    # Null where the subscription receives all events.
    selected_event_categories: list[WireCategory] | None = None

    @property
    def is_deleted(self) -> bool:
        """True where the subscription receives nothing any more, for good."""
        return self.status == _DELETED


def subscription(raw: Json) -> WebhookSubscription:
    """Read a subscription."""
    return _subscription(read(raw, WireSubscription), raw)


def created(raw: Json) -> WebhookSubscription:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireSubscription, _subscription, _NAMES)


def state(raw: Json) -> WireSubscription:
    """Read a subscription with its status."""
    return read(raw, WireSubscription)


def subscriptions(raw: Json) -> Page[WebhookSubscription]:
    """Read a page of subscriptions, without the deleted ones that Increase still lists."""
    wire = read(raw, WirePage)
    present = [item for item in wire.data if not _is_deleted(item)]
    page = read_each(present, WireSubscription, _subscription, _NAMES)
    return evolve(page, next_token=wire.next_cursor)


def _is_deleted(raw: Any) -> bool:
    return isinstance(raw, dict) and raw.get("status") == _DELETED


def _subscription(wire: WireSubscription, raw: Any) -> WebhookSubscription:
    categories = wire.selected_event_categories or ()
    names = (category.event_category for category in categories)
    return WebhookSubscription(
        id=wire.id,
        url=wire.url,
        events=tuple(name for name in names if name),
        enabled=_ENABLED.get(wire.status or ""),
        created_at=wire.created_at,
        raw=raw,
    )


def new_subscription(new: NewWebhookSubscription) -> Json:
    """Write a subscription to create; without events it receives all of them."""
    categories = [{"event_category": name} for name in new.events]
    return present(
        url=new.url,
        selected_event_categories=categories or None,
        shared_secret=new.secret,
        **extras.of_subscription(new.extras.get("increase")),
    )


def changes(changes: WebhookSubscriptionChanges) -> Json:
    """Write the status, the only field that can change."""
    enabled: Any = changes.enabled
    return {} if enabled is UNSET else {"status": _STATUSES[enabled]}


def path(subscription_id: str) -> str:
    """Return the path of a subscription."""
    return f"/event_subscriptions/{segment(subscription_id)}"
