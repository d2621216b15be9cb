"""Events, the subscriptions to them, and the deliveries that are due.

A delivery is signed as Standard Webhooks describe it
(https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, in base64. The
key is the UTF-8 text of the shared secret, as Increase's own client uses it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field, frozen

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json
from anybank.sensitive import Sensitive

from .categories import CATEGORIES
from .tables import Row, Table, body_of, equals, is_in, require
from .validation import Shape, items, one_of, text

RETRIES: Sequence[timedelta] = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)
)
"""The delays after each failed delivery. Increase publishes none."""

_SUBSCRIPTION = Shape(
    {
        "url": text(1, 2000),
        "status": one_of("active", "disabled"),
        "shared_secret": text(1, 100),
        "oauth_connection_id": text(),
        "selected_event_categories": items(
            Shape({"event_category": one_of(*CATEGORIES)}, required=("event_category",))
        ),
    },
    required=("url",),
)
_CHANGES = Shape({"status": one_of("active", "disabled", "deleted")})


@frozen(kw_only=True)
class Delivery:
    """One attempt to deliver one event: an HTTP POST."""

    id: int
    attempt: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@define(repr=False, eq=False)
class _Waiting:
    subscription: Row
    event: Row
    due: datetime
    failures: int = 0


@define(repr=False, eq=False)
class Events:
    """The events, the subscriptions, and the deliveries that are pending."""

    table: Table
    subscriptions: Table
    random_secret: Callable[[], str]
    secrets: dict[str, Sensitive] = field(factory=dict)
    _waiting: dict[int, _Waiting] = field(factory=dict)
    _serial: int = 0

    def emit(self, category: str, subject: Row) -> None:
        """Record an event about an object, and queue it for each subscription."""
        event = self.table.add(
            associated_object_id=subject["id"],
            associated_object_type=subject["type"],
            category=category,
        )
        for subscription in self.subscriptions.rows.values():
            if _matches(subscription, category):
                self._serial += 1
                now = self.table.clock()
                self._waiting[self._serial] = _Waiting(subscription, event, now)

    def get(self, request: Request, event_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /events/{id}`."""
        return answer_json(200, self.table.find(event_id))

    def list(self, request: Request) -> Response:
        """Answer `GET /events`."""
        return self.table.list(
            request,
            associated_object_id=equals("associated_object_id"),
            category__in=is_in("category"),
        )

    def subscribe(self, request: Request) -> Response:
        """Answer `POST /event_subscriptions`."""
        body = body_of(request)
        require(_SUBSCRIPTION("", body))
        return self.subscriptions.create(
            request, body, lambda key: self.add(key=key, **body)
        )

    def add(
        self,
        *,
        key: str | None = None,
        shared_secret: str | None = None,
        **members: Any,
    ) -> Row:
        """Store a subscription; without a secret the simulator draws one."""
        subscription = self.subscriptions.add(
            **{
                "idempotency_key": key,
                "oauth_connection_id": None,
                "selected_event_categories": None,
                "status": "active",
                **members,
            }
        )
        secret = shared_secret or self.random_secret()
        # The secret is stored apart from the row, because rows are returned as they
        # are.
        self.secrets[subscription["id"]] = Sensitive(secret)
        return subscription

    def get_subscription(self, request: Request, subscription_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /event_subscriptions/{id}`; the secret is never shown."""
        return answer_json(200, self.subscriptions.find(subscription_id))

    def list_subscriptions(self, request: Request) -> Response:
        """Answer `GET /event_subscriptions`."""
        return self.subscriptions.list(
            request, idempotency_key=equals("idempotency_key")
        )

    def update_subscription(self, request: Request, subscription_id: str) -> Response:
        """Answer `PATCH /event_subscriptions/{id}`: only the status can change."""
        subscription = self.subscriptions.find(subscription_id)
        body = body_of(request)
        require(_CHANGES("", body))
        subscription.update(body)
        return answer_json(200, subscription)

    def due(self) -> Sequence[Delivery]:
        """Return the deliveries that are due, the oldest first."""
        now = self.table.clock()
        waiting = sorted(self._waiting.items(), key=lambda item: (item[1].due, item[0]))
        return [
            self._delivery(serial, pending, now)
            for serial, pending in waiting
            if pending.due <= now
        ]

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a delivery, None for no response."""
        waiting = self._waiting.get(delivery.id)
        # The report of an attempt that was settled already changes nothing.
        if waiting is None or waiting.failures + 1 != delivery.attempt:
            return
        if (status or 0) // 100 == 2 or waiting.failures >= len(RETRIES):
            del self._waiting[delivery.id]
            return
        waiting.due = self.table.clock() + RETRIES[waiting.failures]
        waiting.failures += 1

    def _delivery(self, serial: int, waiting: _Waiting, now: datetime) -> Delivery:
        # A delivery has the body of the event in the API, so both are read by one
        # function.
        body = json.dumps(waiting.event, separators=(",", ":")).encode()
        secret = self.secrets[waiting.subscription["id"]]
        signed = sign(
            str(secret.reveal()), waiting.event["id"], int(now.timestamp()), body
        )
        return Delivery(
            id=serial,
            attempt=waiting.failures + 1,
            url=waiting.subscription["url"],
            headers={"content-type": "application/json", **signed},
            body=body,
        )


def _matches(subscription: Row, category: str) -> bool:
    selected = subscription["selected_event_categories"]
    return subscription["status"] == "active" and (
        # Null selects every category: "Create an Event Subscription".
        selected is None
        or category in {selection["event_category"] for selection in selected}
    )


def sign(secret: str, event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers that sign a delivery."""
    message = b"%b.%d.%b" % (event_id.encode(), timestamp, body)
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
