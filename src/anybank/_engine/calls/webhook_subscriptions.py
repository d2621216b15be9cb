"""Calls about webhook subscriptions."""

from __future__ import annotations

from collections.abc import Collection

from ...model import operations as ask
from ...model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from ...model.pages import Page
from .call import Call, CallBuilder
from .lookups import resolve_by_content


class WebhookSubscriptionCalls(CallBuilder):
    """Calls about webhook subscriptions."""

    def create(
        self, new: NewWebhookSubscription, idempotency_key: str | None = None
    ) -> Call[WebhookSubscription]:
        """Subscribe a URL to events."""
        return self.ask_create(ask.CreateWebhookSubscription, new, idempotency_key)

    def resolve(
        self,
        error: BaseException | None,
        new: NewWebhookSubscription,
        known: Collection[str],
    ) -> Call[WebhookSubscription | None]:
        """Look for the subscription of a failed create, by its content."""
        return resolve_by_content(
            self,
            error,
            new,
            create=ask.CreateWebhookSubscription,
            listing=lambda token: ask.ListWebhookSubscriptions(token=token),
            known=known,
        )

    def list(self, token: str | None) -> Call[Page[WebhookSubscription]]:
        """Read a page of webhook subscriptions."""
        return self.ask_page(ask.ListWebhookSubscriptions(token=token))

    def update(
        self, subscription_id: str, changes: WebhookSubscriptionChanges
    ) -> Call[WebhookSubscription]:
        """Change a webhook subscription."""
        question = ask.UpdateWebhookSubscription(
            id=subscription_id, changes=self.prepare(changes).value
        )
        return self.ask(question)

    def delete(self, subscription_id: str) -> Call[None]:
        """Delete a webhook subscription."""
        return self.ask(ask.DeleteWebhookSubscription(id=subscription_id))
