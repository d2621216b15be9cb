"""Calls about webhook subscriptions."""

from __future__ import annotations

from collections.abc import Collection

from ...adapter.wire import Flow
from ...model import operations as ask
from ...model.events import (
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from ...model.features import Feature
from ...model.pages import Page
from .call import Call, begun
from .lookups import ContentAsker, never_happened, nothing, require_lookup


class WebhookSubscriptionCalls(ContentAsker):
    """Calls about webhook subscriptions."""

    def create(
        self, new: NewWebhookSubscription, idempotency_key: str | None = None
    ) -> Call[WebhookSubscription]:
        """Subscribe a URL to events."""
        feature = Feature.WEBHOOK_SUBSCRIPTIONS_CREATE
        self.require_feature(feature)
        key = self.key_for(feature, idempotency_key)
        settled = self.settled(new).value
        question = ask.CreateWebhookSubscription(new=settled, idempotency_key=key)
        flow = self.adapter.create_webhook_subscription
        return self.ask_keyed(feature, flow, question, key, requested=idempotency_key)

    def resolve(
        self,
        error: BaseException | None,
        new: NewWebhookSubscription,
        known: Collection[str],
    ) -> Call[WebhookSubscription | None]:
        """Look for what a create may have created, by its content."""
        create, listing = (
            Feature.WEBHOOK_SUBSCRIPTIONS_CREATE,
            Feature.WEBHOOK_SUBSCRIPTIONS_LIST,
        )
        self.require_feature(create)
        if never_happened(error, create):
            return Call(listing, nothing())
        require_lookup(self, create, listing)
        sent = self.settled(new).value

        def pages(token: str | None) -> Flow[Page[WebhookSubscription]]:
            question = ask.ListWebhookSubscriptions(token=token)
            return begun(self.adapter.list_webhook_subscriptions, question)

        return Call(listing, self.by_content(pages, sent, known), new)

    def list(self, token: str | None) -> Call[Page[WebhookSubscription]]:
        """Read a page of subscriptions."""
        question = ask.ListWebhookSubscriptions(token=token)
        flow = self.adapter.list_webhook_subscriptions
        return self.ask_page(Feature.WEBHOOK_SUBSCRIPTIONS_LIST, flow, question)

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
