"""Webhooks: is a delivery the vendor's, and what does it tell. No client, no network."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from ._engine.error_boundary import guarded
from ._engine.error_mapping import fault
from ._engine.webhook_input import Headers, blocked_argument, plain_headers, raw_body
from .adapter.base import Adapter
from .adapter.signatures import WebhookFormat, require_fresh, require_signature
from .adapter.wire import Response, is_whole
from .declaration.vocabulary import Feature
from .errors import (
    AnybankError,
    ConfigurationError,
    UnexpectedResponse,
    WebhookRejected,
    unsupported_by,
)
from .model.events import Event
from .model.unset import UNSET, Unset
from .plugins import find
from .sensitive import Sensitive

__all__ = ["sign", "verify"]

T = TypeVar("T")
Secret = str | Sensitive

_MOST_SECRETS = 10


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
    """Verify a delivery over its raw bytes and return the event it tells.

    `headers` is a mapping or pairs, names and values as text or bytes: names in any case,
    a name that comes twice is read as one with both values. `body` is the raw bytes.
    `secret` may be several while one is being replaced. `tolerance` is in seconds: by
    default as long as the vendor goes on retrying, None for no limit; `now` is in Unix
    seconds. Raises WebhookRejected for what came from outside, a body above 2 MiB or
    headers above 64 KiB too; InvalidInput or ConfigurationError for the caller's own
    arguments. Acknowledge what it returns, unknown kinds too, and drop a `dedupe_key`
    that was seen before.
    """
    webhooks = _format(provider)
    secrets = _secrets(secret)
    content = raw_body(body)
    limit = _tolerance(webhooks, tolerance)
    moment = _moment(now)
    signed = _by_adapter(webhooks.signed, plain_headers(headers), content)
    require_signature(signed, secrets)
    require_fresh(signed, moment, limit)
    return _event(webhooks, content)


@guarded
def sign(
    provider: str | type[Adapter],
    event: Mapping[str, Any] | bytes,
    *,
    secret: Secret,
    now: float | None = None,
) -> tuple[dict[str, str], bytes]:
    """Make the headers and body of a delivery, as the vendor would, for tests."""
    webhooks = _format(provider)
    body = event if isinstance(event, bytes) else _written(event)
    timestamp = int(_moment(now))
    key = _secrets(secret)[0]
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


def _secrets(secret: Any) -> list[str]:
    """Return the secrets as text; an empty key would verify what anybody signed."""
    several: Iterable[Any] = ()
    if isinstance(secret, (str, Sensitive)):
        several = [secret]
    elif isinstance(secret, Iterable) and not isinstance(secret, bytes):
        several = list(islice(secret, _MOST_SECRETS + 1))
    texts = [one.reveal() if isinstance(one, Sensitive) else one for one in several]
    if not texts or len(texts) > _MOST_SECRETS or not all(map(_is_secret, texts)):
        raise ConfigurationError(
            "secret: not the subscription's secret. Pass it as text, or several of them "
            f"(up to {_MOST_SECRETS}), none of them empty or with blanks around it"
        )
    return texts


def _is_secret(text: object) -> bool:
    return isinstance(text, str) and text.strip() == text != "" and is_whole(text)


def _tolerance(
    webhooks: WebhookFormat, tolerance: float | None | Unset
) -> float | None:
    if isinstance(tolerance, Unset):
        return webhooks.window
    if tolerance is None or (_is_number(tolerance) and tolerance >= 0):
        return tolerance
    raise ConfigurationError(
        "tolerance: not a number of seconds. Pass 0 or more, or None for no limit"
    )


def _moment(now: float | None) -> float:
    if now is None:
        return time.time()
    if _is_number(now) and math.isfinite(now):
        return now
    raise ConfigurationError("now: not a time. Pass it in Unix seconds")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _written(event: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(event, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        rule = "an object that JSON can hold, or bytes"
    raise blocked_argument("event", rule)


def _event(webhooks: WebhookFormat, body: bytes) -> Event:
    try:
        raw = Response(status=200, content=body).json()
        return _by_adapter(webhooks.event, raw, body)
    except UnexpectedResponse as error:
        if error.path is None:
            raise
        place = error.path
    raise WebhookRejected(f"the body cannot be read as an event ({place})")


def _by_adapter(read: Callable[..., T], *what: Any) -> T:
    """Call a vendor's format; a slip of it is told by its place, without its words."""
    try:
        return read(*what)
    except AnybankError:
        raise
    except Exception as error:  # noqa: BLE001  # its text may hold the body
        slip = fault(error, sent=True)
    raise slip
