"""The outbox of webhooks: signed deliveries, due by the clock (bond.md §7).

The simulator does no I/O: the server that runs it sends the deliveries of `due()` and
reports the status of each response to `settle()`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import define, field, frozen

from .records import Record, Table
from .world import World

_KYC = "kyc.verification."
_DELIVERED = frozenset({200, 201})  # §7.3: not 202, 204 or a redirect


@define(kw_only=True, repr=False, eq=False)
class Subscription(Record):
    """A webhook subscription of a brand, its wildcards expanded."""

    url: str
    events: list[str]
    secret: str
    updated: datetime
    description: str = ""
    status: str = "STATUS_ENABLED"

    def matches(self, event: str | None) -> bool:
        """Return whether to deliver an event; the event without a name is one of KYC."""
        if self.status != "STATUS_ENABLED":
            return False
        if event is None:
            return any(name.startswith(_KYC) for name in self.events)
        return event in self.events


@frozen(kw_only=True)
class Delivery:
    """One attempt to deliver one event: an HTTP POST."""

    id: int
    attempt: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@define(repr=False, eq=False)
class _Pending:
    subscription: Subscription
    body: bytes
    due: datetime
    failures: int = 0


@frozen(repr=False, eq=False)
class Outbox:
    """The pending deliveries, per event and subscription."""

    world: World
    subscriptions: Table[Subscription] = field(factory=Table)
    _pending: dict[int, _Pending] = field(factory=dict)

    def emit(self, brand_id: str, event: dict[str, Any], moment: datetime) -> None:
        """Queue an event for every subscription to it."""
        # Compact, with characters outside ASCII as they are: the body then differs from
        # its re-serialised form, so a receiver that signs v1 like v2 fails here.
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        copies = 2 if self.world.switches.duplicate_deliveries else 1
        for subscription in self.subscriptions.of(brand_id):
            for _ in range(copies * subscription.matches(event.get("event"))):
                pending = _Pending(subscription, text.encode(), moment)
                self._pending[self.world.serial()] = pending

    def due(self) -> list[Delivery]:
        """Return the deliveries that are due, oldest first, each signed now."""
        now = self.world.clock()
        waiting = sorted(self._pending.items(), key=lambda item: item[1].due)
        return [
            _delivery(serial, pending, now)
            for serial, pending in waiting
            if pending.due <= now
        ]

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a delivery, None for no response."""
        pending = self._pending.get(delivery.id)
        # The report of an attempt that was settled already, or of a cancelled delivery.
        if pending is None or pending.failures + 1 != delivery.attempt:
            return
        schedule = self.world.switches.retry_schedule
        if status in _DELIVERED or pending.failures >= len(schedule):
            del self._pending[delivery.id]
            return
        pending.due = self.world.clock() + schedule[pending.failures]
        pending.failures += 1

    def unsubscribe(self, subscription: Subscription) -> None:
        """Remove a subscription and its pending deliveries."""
        self.subscriptions.remove(subscription)
        for serial, pending in list(self._pending.items()):
            if pending.subscription is subscription:
                del self._pending[serial]


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the Bond-Signature of a body, byte for byte as in §7.2."""
    python_style = json.dumps(json.loads(body)).encode()
    digests = {
        version: hmac.new(
            secret.encode(), b"%d.%b" % (timestamp, message), hashlib.sha256
        ).hexdigest()
        for version, message in (("v1", python_style), ("v2", body))
    }
    return f"t={timestamp},v1={digests['v1']},v2={digests['v2']}"


def _delivery(serial: int, pending: _Pending, now: datetime) -> Delivery:
    secret = pending.subscription.secret
    return Delivery(
        id=serial,
        attempt=pending.failures + 1,
        url=pending.subscription.url,
        headers={
            "Content-Type": "application/json",
            # Every attempt has a fresh time. Bond does not say whether a retry is
            # signed again.
            "Bond-Signature": sign(secret, int(now.timestamp()), pending.body),
        },
        body=pending.body,
    )
