"""Calls about webhook subscriptions."""

from __future__ import annotations

from ..capabilities import Feature
from ..model import operations as ask
from ..model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from ..model.pages import Page
from .call import Asker, Call, mint


class WebhookSubscriptionCalls(Asker):
    """Calls about webhook subscriptions."""

    def create(self, new: NewWebhookSubscription) -> Call[WebhookSubscription]:
        """Subscribe a URL to events."""
        feature = Feature.WEBHOOK_SUBSCRIPTIONS_CREATE
        self.require_feature(feature)
        settled = self.settled(new).value
        key = mint()
        question = ask.CreateWebhookSubscription(new=settled, idempotency_key=key)
        flow = self.adapter.create_webhook_subscription
        return self.ask_keyed(feature, flow, question, key)

    def list(self, token: str | None) -> Call[Page[WebhookSubscription]]:
        """Read a page of subscriptions."""
        question = ask.ListWebhookSubscriptions(token=token)
        flow = self.adapter.list_webhook_subscriptions
        return self.ask(Feature.WEBHOOK_SUBSCRIPTIONS_LIST, flow, question)

    def update(
        self, subscription_id: str, changes: WebhookSubscriptionChanges
    ) -> Call[WebhookSubscription]:
        """Change a subscription."""
        question = ask.UpdateWebhookSubscription(id=subscription_id, changes=changes)
        flow = self.adapter.update_webhook_subscription
        return self.ask(Feature.WEBHOOK_SUBSCRIPTIONS_UPDATE, flow, question)

    def delete(self, subscription_id: str) -> Call[None]:
        """End a subscription."""
        question = ask.DeleteWebhookSubscription(id=subscription_id)
        flow = self.adapter.delete_webhook_subscription
        return self.ask_deletion(Feature.WEBHOOK_SUBSCRIPTIONS_DELETE, flow, question)
