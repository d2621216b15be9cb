"""What a vendor's webhooks look like: how they are signed, and what they tell.

Pure: the time is an argument, in Unix seconds.
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
"""A vendor signs once per secret while one is replaced; more is an attack."""


@frozen
class Signed:
    """What the headers of a delivery claim: when it was signed, and the digests.

    `messages` holds, for each digest, the bytes that it should be of.
    """

    timestamp: int
    digests: Sequence[str]
    messages: Sequence[bytes]


class WebhookFormat:
    """A vendor's webhooks: a subclass reads and makes signatures, and reads events.

    `window` is how long, in seconds, the vendor goes on retrying: a delivery whose
    signature is older is stale.
    """

    window: ClassVar[float | None] = None

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the signature; raises WebhookRejected where there is none to read."""
        raise NotImplementedError

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Return the headers with which the vendor would deliver a body."""
        raise NotImplementedError

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event; one of an unknown kind is UNKNOWN, never refused."""
        raise NotImplementedError


def digest(secret: str, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message in lower-case hex."""
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def require_signature(signed: Signed, secrets: Iterable[str]) -> None:
    """Raise WebhookRejected unless one of the secrets made one of the digests.

    There is one digest per secret and message, however many are claimed, and every pair
    is compared, in constant time, so that nothing shows which was near.
    """
    claimed = dict.fromkeys(each for each in signed.digests if each.isascii())
    if len(claimed) > MOST_SIGNATURES:
        raise WebhookRejected(f"there are more than {MOST_SIGNATURES} signatures")
    made = [digest(secret, each) for secret in secrets for each in signed.messages]
    matches = [
        hmac.compare_digest(expected, given) for expected in made for given in claimed
    ]
    if not any(matches):
        raise WebhookRejected("the signature is not made with this secret")


def require_fresh(signed: Signed, now: float, tolerance: float | None) -> None:
    """Raise WebhookRejected for a signature further from now than the tolerance."""
    if tolerance is not None and not abs(now - signed.timestamp) <= tolerance:
        raise WebhookRejected(
            f"the signature is more than {tolerance:g} seconds from now: a replay, or a "
            "clock that is wrong"
        )
