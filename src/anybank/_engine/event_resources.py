# Generated from aio_event_resources.py by `make sync`: edit that file instead.

"""The resources of events: one method for each operation."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import datetime
from typing import Unpack

from ..model.events import (
    Event,
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from .calls.events import EventCalls
from .calls.webhook_subscriptions import WebhookSubscriptionCalls
from .extra_content import ExtraContent
from .paging import Listing
from .resources import BankResource


class WebhookSubscriptions(BankResource[WebhookSubscriptionCalls]):
    """The URLs to which the bank delivers its events."""

    def create(
        self,
        new: NewWebhookSubscription,
        *,
        idempotency_key: str | None = None,
        **extra: Unpack[ExtraContent],
    ) -> WebhookSubscription:
        """Subscribe a URL to events."""
        return self._run(
            self._calls.create(new, idempotency_key),
            **extra,
        )

    def resolve(
        self,
        error: BaseException | None,
        new: NewWebhookSubscription,
        *,
        known: Collection[str] = (),
    ) -> WebhookSubscription | None:
        """Look for the record of a create by its content; None means it does not exist.

        `error` is the exception that ended the create, or None. A record with the same
        content counts even if an earlier create made it, unless its id is in `known`.
        Raises Conflict for several matches, and Unsupported if the vendor has no listing.
        """
        return self._run(self._calls.resolve(error, new, known))

    def list(self, *, token: str | None = None) -> Listing[WebhookSubscription]:
        """List the webhook subscriptions."""
        return Listing(self._run, self._calls.list, token)

    def update(
        self,
        subscription_id: str,
        changes: WebhookSubscriptionChanges,
        **extra: Unpack[ExtraContent],
    ) -> WebhookSubscription:
        """Change a webhook subscription; `events` replaces the whole list."""
        return self._run(
            self._calls.update(subscription_id, changes),
            **extra,
        )

    def delete(self, subscription_id: str) -> None:
        """Delete a webhook subscription."""
        return self._run(self._calls.delete(subscription_id))


class Events(BankResource[EventCalls]):
    """The events that the bank has recorded, for an app that polls."""

    def get(self, event_id: str) -> Event:
        """Read an event by its id."""
        return self._run(self._calls.get(event_id))

    def list(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        object_id: str | None = None,
        token: str | None = None,
        page_size: int | None = None,
    ) -> Listing[Event]:
        """List the events that occurred from `since` on and before `until`.

        Both are aware datetimes. `object_id` selects the events about one object. Each
        event has the `dedupe_key` of its webhook delivery. Raises InvalidInput for a time
        without a zone.
        """
        page = functools.partial(
            self._calls.list, since, until, object_id, page_size=page_size
        )
        return Listing(self._run, page, token)
