"""Events, webhooks, and deliveries: one delivery holds all events that wait for a webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import define, field, frozen

from anybank.adapter.wire import Request, Response

from .filters import chosen, from_id, of_type, since, to_id, until
from .tables import JSON_API, Row, Table, answer_row, data_of, reference
from .validation import require_valid

RETRIES: Sequence[timedelta] = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)
)
"""The delays after each failed delivery. Unit publishes none."""


_EVENTS = {"since": since, "until": until, "type": of_type()}
_WEBHOOKS = {"since": since, "until": until, "fromId": from_id, "toId": to_id}


@frozen(kw_only=True)
class Delivery:
    """One attempt to deliver the events that wait for a webhook: an HTTP POST."""

    webhook: str
    ids: tuple[str, ...]
    attempt: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@define(repr=False, eq=False)
class _Queue:
    events: list[Row] = field(factory=list)
    failures: int = 0
    due: datetime | None = None


@define(repr=False, eq=False)
class Events:
    """The events, the webhooks, and what waits for each of them."""

    table: Table
    webhooks: Table
    queues: dict[str, _Queue] = field(factory=dict)
    subjects: dict[str, Row] = field(factory=dict)
    """The resource that each event is about, such as the account of `account.closed`."""

    def emit(self, kind: str, **about: Row) -> None:
        """Record an event about resources, and queue it for each webhook."""
        related = {
            name: reference(row, _KINDS.get(name)) for name, row in about.items()
        }
        event = self.table.add(kind, {}, **related)
        self.subjects[event["id"]] = about[kind.partition(".")[0]]
        for webhook in self.webhooks.rows.values():
            if webhook["attributes"]["status"] == "Enabled":
                queue = self.queues.setdefault(webhook["id"], _Queue())
                queue.events.append(event)

    def get(self, request: Request, event: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /events/{id}`."""
        return answer_row(self.table.find(event))

    def list(self, request: Request) -> Response:
        """Answer `GET /events`, without meta data as in the document."""
        return self.table.page(request, chosen(request, _EVENTS), has_total=False)

    def subscribe(self, request: Request) -> Response:
        """Answer `POST /webhooks`."""
        data = data_of(request)
        require_valid(data, "webhook")
        return answer_row(self.add(**data["attributes"]), 201)

    def add(self, **attributes: Any) -> Row:
        """Store a webhook."""
        # Unit's own client for Python sends no mode, although the OpenAPI document
        # requires one.
        defaults = {"deliveryMode": "AtLeastOnce", "status": "Enabled"}
        row = self.webhooks.add("webhook", {**defaults, **attributes})
        del row["relationships"]
        return row

    def get_webhook(self, request: Request, webhook: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /webhooks/{id}`."""
        return answer_row(self.webhooks.find(webhook))

    def list_webhooks(self, request: Request) -> Response:
        """Answer `GET /webhooks`."""
        return self.webhooks.page(request, chosen(request, _WEBHOOKS), has_total=False)

    def update(self, request: Request, webhook: str) -> Response:
        """Answer `PATCH /webhooks/{id}`."""
        row, data = self.webhooks.find(webhook), data_of(request)
        require_valid(data, "webhook", "change")
        row["attributes"] |= data["attributes"]
        return answer_row(row, 201)

    def enable(self, request: Request, webhook: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /webhooks/{id}/enable`."""
        return self._set(webhook, "Enabled")

    def disable(self, request: Request, webhook: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /webhooks/{id}/disable`."""
        return self._set(webhook, "Disabled")

    def _set(self, webhook: str, status: str) -> Response:
        row = self.webhooks.find(webhook)
        row["attributes"]["status"] = status
        return answer_row(row)

    def due(self) -> Sequence[Delivery]:
        """Return the deliveries that are due."""
        now = self.table.clock()
        return [
            self._delivery(webhook, queue)
            for webhook, queue in self.queues.items()
            if queue.events and (queue.due is None or queue.due <= now)
        ]

    def settle(self, delivery: Delivery, status: int | None) -> None:
        """Record the HTTP status of a delivery, None for no response."""
        queue = self.queues[delivery.webhook]
        if queue.failures + 1 != delivery.attempt:
            return
        ended = (status or 0) // 100 == 2 or queue.failures >= len(RETRIES)
        if ended or self._is_single(delivery.webhook):
            queue.events = [
                event for event in queue.events if event["id"] not in delivery.ids
            ]
            queue.failures, queue.due = 0, None
            return
        queue.due = self.table.clock() + RETRIES[queue.failures]
        queue.failures += 1

    def _is_single(self, webhook: str) -> bool:
        """Return whether a webhook gets each event alone and once.

        Source: https://docs.unit.co/webhooks/, "Delivery method"
        """
        attributes = self.webhooks.find(webhook)["attributes"]
        return bool(attributes["deliveryMode"] == "AtMostOnce")

    def _delivery(self, webhook: str, queue: _Queue) -> Delivery:
        attributes = self.webhooks.find(webhook)["attributes"]
        events = queue.events[:1] if self._is_single(webhook) else queue.events
        content: Row = {"data": events}
        if attributes.get("includeResources"):
            content["included"] = [self.subjects[event["id"]] for event in events]
        # As Unit's own clients repeat it to verify a signature: compact, and in UTF-8.
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        body = text.encode(errors="replace")
        digest = hmac.new(attributes["token"].encode(), body, hashlib.sha1).digest()
        return Delivery(
            webhook=webhook,
            ids=tuple(event["id"] for event in events),
            attempt=queue.failures + 1,
            url=attributes["url"],
            headers={
                "content-type": JSON_API,
                "x-unit-signature": base64.b64encode(digest).decode(),
            },
            body=body,
        )


_KINDS = {"account": "account", "transaction": "transaction"}
"""The types of references in events that differ from those of the resources."""
