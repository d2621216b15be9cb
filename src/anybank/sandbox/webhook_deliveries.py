"""Carrying a simulator's webhooks to those who subscribed to them, on this machine only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import httpx

from .._engine.transports.proxies import is_loopback

_PAUSE = 0.1
_TIMEOUT = 10.0


class WebhookDelivery(Protocol):
    """One attempt to deliver one event."""

    @property
    def url(self) -> str:
        """Where it goes."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What signs it."""
        ...

    @property
    def body(self) -> bytes:
        """The event."""
        ...


@runtime_checkable
class WebhookSender(Protocol):
    """A simulator that has webhooks to send; it does not send them itself."""

    def due(self) -> Sequence[Any]:
        """Return the deliveries to make now."""
        ...

    def settle(self, delivery: Any, status: int | None) -> None:
        """Take the status that a delivery was answered with, None for no answer."""
        ...


def deliver(sender: WebhookSender) -> list[int | None]:
    """Make each delivery that is due, once, and return what they were answered with.

    One to another machine is not made and counts as not answered.
    """
    return asyncio.run(_deliver_once(sender))


async def keep_delivering(sender: WebhookSender) -> None:
    """Make deliveries as they fall due, until cancelled."""
    async with _client() as client:
        while True:
            await _deliver(sender, client)
            await asyncio.sleep(_PAUSE)


async def _deliver_once(sender: WebhookSender) -> list[int | None]:
    async with _client() as client:
        return await _deliver(sender, client)


async def _deliver(
    sender: WebhookSender, client: httpx.AsyncClient
) -> list[int | None]:
    statuses = []
    for delivery in sender.due():
        status = await _posted(client, delivery)
        sender.settle(delivery, status)
        statuses.append(status)
    return statuses


async def _posted(client: httpx.AsyncClient, delivery: WebhookDelivery) -> int | None:
    if not is_loopback(urlsplit(delivery.url).hostname or ""):
        return None
    try:
        answer = await client.post(
            delivery.url, content=delivery.body, headers=dict(delivery.headers)
        )
    except httpx.HTTPError:
        return None
    return answer.status_code


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)
