"""The format of a vendor's webhooks: how they are signed, and how events are read.

The functions are pure: the time is an argument, in Unix seconds.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from ..errors import WebhookRejected
from ..model.events import Event
from .wire import Json

MOST_SIGNATURES = 10
"""A vendor signs once per secret while a secret is replaced; more is an attack."""


@frozen
class Signed:
    """The signature headers of a delivery: the time of signing and the digests.

    `messages` are the byte strings that a digest may be computed over.
    """

    timestamp: int
    digests: Sequence[str]
    messages: Sequence[bytes]


class WebhookFormat:
    """Base class for a vendor's webhooks: reads and creates signatures, reads events.

    `window` is the number of seconds for which the vendor retries. A delivery with an
    older signature is stale.
    """

    window: ClassVar[float | None] = None

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the signature headers. Raises WebhookRejected if they cannot be read."""
        raise NotImplementedError

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Return the headers with which the vendor would deliver this body."""
        raise NotImplementedError

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event. An unknown kind becomes UNKNOWN and is never refused."""
        raise NotImplementedError


def digest(secret: str, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message in lower-case hex."""
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def require_signature(signed: Signed, secrets: Iterable[str]) -> None:
    """Raise WebhookRejected unless one of the digests matches one of the secrets.

    One digest is computed per secret and message, however many signatures there are. All
    pairs are compared in constant time, so the duration reveals nothing about a near miss.
    """
    claimed = dict.fromkeys(each for each in signed.digests if each.isascii())
    if len(claimed) > MOST_SIGNATURES:
        raise WebhookRejected(f"there are more than {MOST_SIGNATURES} signatures")
    expected = [
        digest(secret, message) for secret in secrets for message in signed.messages
    ]
    matches = [
        hmac.compare_digest(right, candidate)
        for right in expected
        for candidate in claimed
    ]
    if not any(matches):
        raise WebhookRejected("the signature was not created with this secret")


def require_fresh(signed: Signed, now: float, tolerance: float | None) -> None:
    """Raise WebhookRejected for a signature further from now than the tolerance."""
    if tolerance is not None and not abs(now - signed.timestamp) <= tolerance:
        raise WebhookRejected(
            f"the signature is more than {tolerance:g} seconds from now: the delivery is a "
            "replay, or one of the clocks is wrong"
        )
