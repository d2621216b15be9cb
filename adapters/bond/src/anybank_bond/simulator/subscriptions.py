"""Webhook subscriptions: create, list, update and delete (bond.md §6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json

from .errors import refused
from .events import expand, unknown
from .outbox import Outbox, Subscription
from .stamps import zulu
from .validation import (
    REQUIRED,
    Problems,
    Schema,
    one_of,
    optional,
    pattern,
    text,
)
from .world import World, body_of


def _events(value: Any) -> Problems:
    """Check a list of names and wildcards."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return ["Not a valid list."]
    if not value:
        return ["Shorter than minimum length 1."]
    return [f"Unknown event: {name}." for name in unknown(value)]


_URL = text(pattern(r"https?://[^\s/]+\S*", "Not a valid URL."))
_SCHEMA = Schema(
    {
        "url": optional(_URL),
        # The name of the field in the older API.
        # https://docs.bond.tech/docs/managing-subscriptions
        "callback_url": optional(_URL),
        "events": optional(_events),
        "description": optional(text()),
        "version": optional(one_of(("0.1",))),
        "status": optional(one_of(("STATUS_ENABLED", "STATUS_DISABLED"))),
    }
)
_PLAIN = ("url", "description", "status")


@frozen(repr=False, eq=False)
class Subscriptions:
    """The subscriptions of every brand, answered in a wrapper (row 47)."""

    world: World
    outbox: Outbox

    def create(self, request: Request) -> Response:
        """Answer POST /webhooks, with 200 as on the page that shows it."""
        body = _fields(body_of(request))
        missing = {name: [REQUIRED] for name in ("url", "events") if name not in body}
        if missing:
            raise refused(400, "webhooks_err", missing)
        brand_id = self.world.brand(request)
        subscription = self.add(brand_id, body["url"], body["events"])
        _change(subscription, body)
        return _one(subscription)

    def add(self, brand_id: str, url: str, events: Sequence[str]) -> Subscription:
        """Store a subscription of a brand."""
        now = self.world.clock()
        subscription = Subscription(
            id=self.world.uuid(),
            brand_id=brand_id,
            created=now,
            updated=now,
            url=url,
            events=expand(events),
            secret=f"whsec_{self.world.base64(32)}",
        )
        return self.outbox.subscriptions.add(subscription)

    def list(self, request: Request) -> Response:
        """Answer GET /webhooks: all of them, secrets included."""
        listed = self.outbox.subscriptions.of(self.world.brand(request))
        return answer_json(
            200, {"webhook_subscriptions": [_show(one) for one in listed]}
        )

    def update(self, request: Request, webhook_id: str) -> Response:
        """Answer PATCH /webhooks/{id}; new events replace the old ones."""
        subscription = self._find(request, webhook_id)
        _change(subscription, _fields(body_of(request)))
        subscription.updated = self.world.clock()
        return _one(subscription)

    def delete(self, request: Request, webhook_id: str) -> Response:
        """Answer DELETE /webhooks/{id} with the deleted subscription."""
        subscription = self._find(request, webhook_id)
        self.outbox.unsubscribe(subscription)
        return _one(subscription)

    def _find(self, request: Request, webhook_id: str) -> Subscription:
        table = self.outbox.subscriptions
        if subscription := self.world.find(table, webhook_id, request):
            return subscription
        raise refused(404, "webhooks_err", "Webhook subscription does not exist.")


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a valid body, with `url` under its newer name."""
    if problems := _SCHEMA.problems(body):
        raise refused(400, "webhooks_err", problems)
    return {("url" if k == "callback_url" else k): value for k, value in body.items()}


def _change(subscription: Subscription, body: Mapping[str, Any]) -> None:
    for name in _PLAIN:
        setattr(subscription, name, body.get(name, getattr(subscription, name)))
    if "events" in body:
        subscription.events = expand(body["events"])


def _one(subscription: Subscription) -> Response:
    return answer_json(200, {"webhook_subscription": _show(subscription)})


def _show(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "url": subscription.url,
        "description": subscription.description,
        "version": "0.1",
        "events": subscription.events,
        "status": subscription.status,
        "secret": subscription.secret,
        "created_time": zulu(subscription.created),
        "updated_time": zulu(subscription.updated),
    }
