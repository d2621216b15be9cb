"""Webhooks: is a delivery the vendor's, and what does it tell. No client, no network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .adapter import Adapter
from .capabilities import Feature
from .errors import (
    ConfigurationError,
    UnexpectedResponse,
    WebhookRejected,
    unsupported_by,
)
from .model.events import Event
from .model.unset import UNSET, Unset
from .plugins import find
from .sensitive import Sensitive, shielded
from .signatures import WebhookFormat, require_fresh, require_signature
from .wire import Response

__all__ = ["sign", "verify"]

Secret = str | Sensitive


@shielded
def verify(
    provider: str | type[Adapter],
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: Secret | Iterable[Secret],
    tolerance: float | None | Unset = UNSET,
    now: float | None = None,
) -> Event:
    """Verify a delivery over its raw bytes and return the event it tells.

    `secret` may be several while one is being replaced. `tolerance` is in seconds: by
    default as long as the vendor goes on retrying, None for no limit; `now` is in Unix
    seconds. Raises WebhookRejected; acknowledge what it returns, unknown kinds too, and
    drop a `dedupe_key` that was seen before.
    """
    webhooks = _format(provider)
    if not isinstance(body, bytes):
        raise WebhookRejected("the body must be the raw bytes, as they were received")
    signed = webhooks.signed(
        {name.lower(): said for name, said in headers.items()}, body
    )
    require_signature(signed, _secrets(secret))
    limit = webhooks.window if tolerance is UNSET else tolerance
    require_fresh(signed, time.time() if now is None else now, limit)
    return _event(webhooks, body)


@shielded
def sign(
    provider: str | type[Adapter],
    event: Mapping[str, Any] | bytes,
    *,
    secret: Secret,
    now: float | None = None,
) -> tuple[dict[str, str], bytes]:
    """Make the headers and body of a delivery, as the vendor would, for tests."""
    webhooks = _format(provider)
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    timestamp = int(time.time() if now is None else now)
    (key,) = _secrets(secret)
    headers = {
        "content-type": "application/json",
        **webhooks.sign(body, key, timestamp),
    }
    return headers, body


def _format(provider: str | type[Adapter]) -> WebhookFormat:
    kind = find(provider).adapter if isinstance(provider, str) else provider
    if kind.webhooks is None:
        rule = kind.capabilities.feature(Feature.WEBHOOKS_VERIFY)
        name = kind.capabilities.provider
        raise unsupported_by(name, Feature.WEBHOOKS_VERIFY, rule.reason)
    return kind.webhooks


def _secrets(secret: Secret | Iterable[Secret]) -> list[str]:
    several = [secret] if isinstance(secret, (str, Sensitive)) else list(secret)
    texts = [
        str(one.reveal()) if isinstance(one, Sensitive) else one for one in several
    ]
    if not texts or not all(texts):
        raise ConfigurationError("secret must be the subscription's secret, not empty")
    return texts


def _event(webhooks: WebhookFormat, body: bytes) -> Event:
    try:
        return webhooks.event(Response(status=200, content=body).json(), body)
    except UnexpectedResponse as error:
        place = error.path
    raise WebhookRejected(f"the body cannot be read as an event ({place})")
