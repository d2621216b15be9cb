"""Verify webhook deliveries and return their events, without a client or network."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from attrs import evolve

from ._engine.error_boundary import guarded
from ._engine.error_mapping import adapter_fault
from ._engine.webhook_input import (
    Headers,
    invalid_argument,
    parse_headers,
    require_raw_body,
)
from .adapter.base import Adapter
from .adapter.signatures import WebhookFormat, require_fresh, require_signature
from .adapter.wire import Response, is_whole
from .declaration.returned_values import complete
from .errors import (
    AnybankError,
    ConfigurationError,
    UnexpectedResponse,
    WebhookRejected,
    unsupported_by,
)
from .model.events import Event
from .model.features import Feature
from .model.unset import UNSET, Unset
from .plugins import find
from .sensitive import Sensitive

__all__ = ["sign", "verify", "verify_all"]

T = TypeVar("T")
Secret = str | Sensitive

_MOST_SECRETS = 10
"""A digest of the whole body is computed for each secret, so their number is bounded."""


@guarded
def verify(
    provider: str | type[Adapter],
    headers: Headers,
    body: bytes | bytearray | memoryview,
    *,
    secret: Secret | Iterable[Secret],
    tolerance: float | None | Unset = UNSET,
    now: float | None = None,
) -> Event:
    """Verify the signature of a delivery over its raw body and return its event.

    `headers` is a mapping or pairs of text or bytes; names match in any case, and repeated
    names are joined. `body` is the raw bytes. `secret` may be several secrets while one is
    being replaced. `tolerance` is the maximum age in seconds: by default the time for
    which the vendor retries, None for no limit. `now` is in Unix seconds. Raises
    WebhookRejected for an invalid delivery, including a body above 2 MiB or headers above
    64 KiB, and InvalidInput or ConfigurationError for invalid arguments. Acknowledge every
    event that it returns, even of an unknown kind, and ignore an event whose `dedupe_key`
    you have processed before. Raises WebhookRejected for a delivery that does not hold
    exactly one event: use `verify_all` for a vendor that sends several in one delivery.
    """
    # The body is parsed as a whole before the events are counted: a delivery is
    # accepted or rejected, never in part.
    events = _verified(provider, headers, body, secret, tolerance, now)
    if len(events) != 1:
        raise WebhookRejected(
            f"the delivery holds {len(events)} events, not one: read it with verify_all"
        )
    return events[0]


@guarded
def verify_all(
    provider: str | type[Adapter],
    headers: Headers,
    body: bytes | bytearray | memoryview,
    *,
    secret: Secret | Iterable[Secret],
    tolerance: float | None | Unset = UNSET,
    now: float | None = None,
) -> tuple[Event, ...]:
    """Verify the signature of a delivery and return all its events, in their order.

    The arguments and errors are those of `verify`. It works for every vendor: one that
    sends each event in a delivery of its own gives a tuple of one event.
    """
    return _verified(provider, headers, body, secret, tolerance, now)


def _verified(  # noqa: PLR0917  # the arguments of verify
    provider: str | type[Adapter],
    headers: Headers,
    body: bytes | bytearray | memoryview,
    secret: Secret | Iterable[Secret],
    tolerance: float | None | Unset,
    now: float | None,
) -> tuple[Event, ...]:
    webhooks = _format(provider)
    secrets = _secrets(secret)
    content = require_raw_body(body)
    limit = _tolerance(webhooks, tolerance)
    moment = _moment(now)
    signed = _by_adapter(webhooks.signed, parse_headers(headers), content)
    keys = [key for text in secrets for key in _by_adapter(webhooks.keys, text)]
    # Nothing of the body is parsed before its signature is verified, and the time
    # counts only once it is known to be signed.
    require_signature(signed, keys, webhooks.scheme)
    require_fresh(signed, moment, limit)
    declared = _adapter(provider).capabilities
    events = _identified(_events(webhooks, content), signed.delivery_id)
    return tuple(complete(event, declared) for event in events)


@guarded
def sign(
    provider: str | type[Adapter],
    event: Mapping[str, Any] | bytes,
    *,
    secret: Secret,
    now: float | None = None,
) -> tuple[dict[str, str], bytes]:
    """Return the headers and body of a delivery signed like the vendor's, for tests."""
    webhooks = _format(provider)
    body = event if isinstance(event, bytes) else _to_json(event)
    timestamp = int(_moment(now))
    key = _secrets(secret)[0]
    headers = {
        "content-type": "application/json",
        **webhooks.sign(body, key, timestamp),
    }
    return headers, body


def _adapter(provider: str | type[Adapter]) -> type[Adapter]:
    return find(provider).adapter if isinstance(provider, str) else provider


def _format(provider: str | type[Adapter]) -> WebhookFormat:
    kind = _adapter(provider)
    if kind.webhooks is None:
        rule = kind.capabilities.feature(Feature.WEBHOOKS_VERIFY)
        name = kind.capabilities.provider
        raise unsupported_by(name, Feature.WEBHOOKS_VERIFY, rule.reason)
    return kind.webhooks


def _secrets(secret: Any) -> list[str]:
    """Return the secrets as text; anybody could sign with an empty secret."""
    several: Iterable[Any] = ()
    if isinstance(secret, (str, Sensitive)):
        several = [secret]
    elif isinstance(secret, Iterable) and not isinstance(secret, bytes):
        several = list(islice(secret, _MOST_SECRETS + 1))
    texts = [key.reveal() if isinstance(key, Sensitive) else key for key in several]
    if not texts or len(texts) > _MOST_SECRETS or not all(map(_is_secret, texts)):
        raise ConfigurationError(
            "secret: not the secret of a subscription. Pass one text or up to "
            f"{_MOST_SECRETS} texts, not empty and without surrounding spaces"
        )
    return texts


def _is_secret(text: object) -> bool:
    return isinstance(text, str) and text.strip() == text != "" and is_whole(text)


def _tolerance(
    webhooks: WebhookFormat, tolerance: float | None | Unset
) -> float | None:
    """Return the maximum age; a vendor that signs no time has none, and accepts none."""
    if isinstance(tolerance, Unset):
        return webhooks.window if webhooks.scheme.has_time else None
    if tolerance is not None and not (_is_number(tolerance) and tolerance >= 0):
        raise ConfigurationError(
            "tolerance: not a number of seconds. Pass 0 or more, or None for no limit"
        )
    if tolerance is not None and not webhooks.scheme.has_time:
        raise ConfigurationError(
            "tolerance: this vendor's signatures have no time, so that the age of a "
            "delivery is unknown. Omit it, and ignore events that you have processed before"
        )
    return tolerance


def _moment(now: float | None) -> float:
    if now is None:
        return time.time()
    if _is_number(now) and math.isfinite(now):
        return now
    raise ConfigurationError("now: not a time. Pass a number of Unix seconds")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _to_json(event: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(event, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        rule = "an object that JSON can represent, or bytes"
    raise invalid_argument("event", rule)


def _events(webhooks: WebhookFormat, body: bytes) -> tuple[Event, ...]:
    try:
        raw = Response(status=200, content=body).json()
        return tuple(_by_adapter(webhooks.events, raw, body))
    except UnexpectedResponse as error:
        if error.path is None:
            raise
        path = error.path
    raise WebhookRejected(f"the body cannot be read as an event ({path})")


def _identified(
    events: tuple[Event, ...], delivery_id: str | None
) -> tuple[Event, ...]:
    """Return the events with the id of their delivery, if the vendor signs one."""
    if delivery_id is None:
        return events
    several = len(events) > 1
    keys = [
        f"{delivery_id}:{at}" if several else delivery_id for at in range(len(events))
    ]
    return tuple(
        evolve(event, id=event.id or key, dedupe_key=key)
        for event, key in zip(events, keys, strict=True)
    )


def _by_adapter(read: Callable[..., T], *arguments: Any) -> T:
    """Call an adapter's webhook format; report a bug in it by its location only."""
    try:
        return read(*arguments)
    except AnybankError:
        raise
    except Exception as error:  # noqa: BLE001  # its text may hold the body
        bug = adapter_fault(error, sent=True)
    raise bug
