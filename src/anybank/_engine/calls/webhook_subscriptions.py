"""Calls about webhook subscriptions."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence

from attrs import evolve

from ...declaration.vocabulary import FieldRule
from ...errors import InvalidInput
from ...model import operations as ask
from ...model.events import (
    EventKind,
    NewWebhookSubscription,
    WebhookSubscription,
    WebhookSubscriptionChanges,
)
from ...model.pages import Page
from ...model.unset import Unset
from ...sensitive import Sensitive
from .call import Call, CallBuilder, argument_error
from .lookups import resolve_by_content

_SECRET_BYTES = 32
"""The size of the digest that the secret signs: a longer one would add nothing."""


class WebhookSubscriptionCalls(CallBuilder):
    """Calls about webhook subscriptions."""

    def create(
        self, new: NewWebhookSubscription, idempotency_key: str | None = None
    ) -> Call[WebhookSubscription]:
        """Subscribe a URL to events."""
        self.require_feature(ask.CreateWebhookSubscription.feature)
        named = evolve(new, events=self._native_events(new.events))
        # A vendor replays the first subscription under a repeated key, with the secret
        # of the first: a second one would verify nothing.
        if idempotency_key is None and new.secret is None and self._accepts_secrets():
            named = evolve(
                named, secret=Sensitive(secrets.token_urlsafe(_SECRET_BYTES))
            )
        return self.ask_create(ask.CreateWebhookSubscription, named, idempotency_key)

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
        self.require_feature(ask.UpdateWebhookSubscription.feature)
        if not isinstance(changes.events, Unset):
            changes = evolve(changes, events=self._native_events(changes.events))
        question = ask.UpdateWebhookSubscription(
            id=subscription_id, changes=self.prepare(changes).value
        )
        return self.ask(question)

    def delete(self, subscription_id: str) -> Call[None]:
        """Delete a webhook subscription."""
        return self.ask(ask.DeleteWebhookSubscription(id=subscription_id))

    def _accepts_secrets(self) -> bool:
        rule = self.adapter.capabilities.rule(NewWebhookSubscription, "secret")
        return rule.create != "refused"

    def _native_events(self, events: Sequence[str]) -> Sequence[str]:
        """Return the vendor's names of events; raise InvalidInput for a kind without one."""
        rule = self.adapter.capabilities.rule(NewWebhookSubscription, "events")
        names: dict[str, None] = {}
        for index, event in enumerate(events):
            if not isinstance(event, EventKind):
                names[event] = None
            elif word := rule.word(event):
                # One kind may be several of the vendor's events, and two kinds the same.
                names.update(dict.fromkeys(word.split()))
            else:
                raise self._no_event(f"events[{index}]", event, rule)
        return tuple(names)

    def _no_event(self, field: str, kind: EventKind, rule: FieldRule) -> InvalidInput:
        known = ", ".join(supported.name for supported, _ in rule.words)
        message = (
            f"{self.adapter.capabilities.title} has no event of the kind {kind.name}, only "
            f"{known or 'events by its own names'}"
        )
        return argument_error(field, "values", message, rule.source)
