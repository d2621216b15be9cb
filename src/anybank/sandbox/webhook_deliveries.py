"""Deliver a simulator's webhooks to their subscribers, on this machine only.

A simulator stores deliveries and reports which are due; the functions here send them and
report the responses back. They never leave the machine: a test that subscribes a real URL
by mistake sends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import httpx

from .._engine.transports.proxies import is_loopback

# Seconds between two looks for deliveries that are due: short for a person at a
# terminal, and cheap for the server.
_PAUSE = 0.1
_TIMEOUT = 10.0


class WebhookDelivery(Protocol):
    """One attempt to deliver one event."""

    @property
    def url(self) -> str:
        """The subscriber's URL."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, which contain the signature."""
        ...

    @property
    def body(self) -> bytes:
        """The event as the bytes that are signed."""
        ...


@runtime_checkable
class WebhookSender(Protocol):
    """A simulator with webhooks, which it does not send itself."""

    def due(self) -> Sequence[Any]:
        """Return the deliveries that are due now."""
        ...

    def settle(self, delivery: Any, status: int | None) -> None:
        """Record the status of a delivery's response, or None without a response."""
        ...


def deliver(sender: WebhookSender) -> list[int | None]:
    """Attempt each delivery that is due once, and return the statuses of the responses.

    A delivery to another machine is not attempted, and has the status None.
    """
    return asyncio.run(_deliver_once(sender))


def post(delivery: WebhookDelivery) -> int | None:
    """Attempt one delivery to this machine, and return the status of the response."""
    if not _is_local(delivery):
        return None
    # trust_env=False: a proxy of the environment would carry the delivery off this
    # machine.
    with httpx.Client(timeout=_TIMEOUT, trust_env=False) as client:
        try:
            response = client.post(
                delivery.url, content=delivery.body, headers=dict(delivery.headers)
            )
        except httpx.HTTPError:
            return None
    return response.status_code


async def keep_delivering(sender: WebhookSender) -> None:
    """Attempt deliveries when they are due, until cancelled."""
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
        status = await _post(client, delivery)
        sender.settle(delivery, status)
        statuses.append(status)
    return statuses


async def _post(client: httpx.AsyncClient, delivery: WebhookDelivery) -> int | None:
    if not _is_local(delivery):
        return None
    try:
        response = await client.post(
            delivery.url, content=delivery.body, headers=dict(delivery.headers)
        )
    except httpx.HTTPError:
        return None
    return response.status_code


def _is_local(delivery: WebhookDelivery) -> bool:
    return is_loopback(urlsplit(delivery.url).hostname or "")


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)
