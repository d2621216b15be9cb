"""The format of a vendor's webhooks: how they are signed, and how events are read.

The functions are pure: the time is an argument, in Unix seconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal, get_args

from attrs import field, frozen
from attrs.validators import in_

from ..errors import WebhookRejected
from ..model.events import Event
from .wire import Json

Algorithm = Literal["sha1", "sha256", "sha512"]
Encoding = Literal["hex", "base64"]

MOST_SIGNATURES = 10
"""A vendor signs once per secret while a secret is replaced; more is an attack."""


@frozen(kw_only=True)
class SignatureScheme:
    """The algorithm of a vendor's signatures: an HMAC, its encoding, and an optional time.

    Without a time (`has_time=False`) a delivery cannot be stale: a replay is recognised by
    the `dedupe_key` of its events only.
    """

    algorithm: Algorithm = field(default="sha256", validator=in_(get_args(Algorithm)))
    encoding: Encoding = field(default="hex", validator=in_(get_args(Encoding)))
    has_time: bool = True


HMAC_SHA256 = SignatureScheme()
"""The usual scheme: HMAC-SHA256 of a time and the body, in lower-case hex."""


@frozen
class Signed:
    """The signature headers of a delivery: the time of signing and the digests.

    `messages` are the byte strings that a digest may be computed over. `timestamp` is None
    where the scheme has no time. `delivery_id` is the id of the event where the vendor
    signs it in a header and the body lacks it, as Standard Webhooks do. It is part of
    `messages`, and becomes the `dedupe_key` of the event, and its `id` unless it has one.
    """

    timestamp: int | None
    digests: Sequence[str]
    messages: Sequence[bytes]
    delivery_id: str | None = None

    def __attrs_post_init__(self) -> None:
        id = self.delivery_id
        if id is not None and not all(id.encode() in it for it in self.messages):
            raise ValueError("delivery_id must be part of each signed message")


class WebhookFormat:
    """Base class for a vendor's webhooks: reads and creates signatures, reads events.

    `window` is the number of seconds for which the vendor retries. A delivery with an
    older signature is stale. `scheme` is how a signature is computed.
    """

    window: ClassVar[float | None] = None
    scheme: ClassVar[SignatureScheme] = HMAC_SHA256

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the signature headers. Raises WebhookRejected if they cannot be read."""
        raise NotImplementedError

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:
        """Return the headers with which the vendor would deliver this body."""
        raise NotImplementedError

    def event(self, raw: Json, body: bytes) -> Event:
        """Read an event. An unknown kind becomes UNKNOWN and is never refused."""
        raise NotImplementedError

    def events(self, raw: Json, body: bytes) -> Sequence[Event]:
        """Read the events of a delivery; override it where a delivery holds several."""
        return (self.event(raw, body),)

    def keys(self, secret: str) -> Sequence[bytes]:
        """Return the keys that a secret may stand for: its text in UTF-8."""
        return (secret.encode("utf-8", "surrogatepass"),)

    def digest(self, secret: str, message: bytes) -> str:
        """Return the digest of a message as the scheme computes it, for `sign`."""
        return digest(self.keys(secret)[0], message, self.scheme)

    def example(self, kind: str, number: int = 0) -> Json:
        """Return the body of an invented event, which the conformance kit then varies.

        It has the vendor's envelope, *kind* as the vendor's word for the kind, and another
        identity for another *number*.
        """
        return {"event": kind, "type": kind, "id": f"anybank-{number}"}

    def body(self, examples: Sequence[Json]) -> Json:  # noqa: ARG002  # for overriding
        """Return the body of a delivery of several events; None if the vendor sends one."""
        return None


class BodySignature(WebhookFormat):
    """Base class for deliveries that have a signature of the body alone in a header.

    A subclass sets `header`, in lower case, and implements `events`: a delivery may hold
    several.
    """

    header: ClassVar[str]

    def signed(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """Read the header of the signature."""
        signature = headers.get(self.header, "").strip()
        if not signature:
            raise WebhookRejected(f"the delivery has no {self.header} header")
        return Signed(None, [signature], [body])

    def sign(self, body: bytes, secret: str, timestamp: int) -> dict[str, str]:  # noqa: ARG002  # the base's signature
        """Return the header with which the vendor would deliver a body."""
        return {self.header: self.digest(secret, body)}

    def event(self, raw: Json, body: bytes) -> Event:
        """Read the event of a delivery that has one."""
        events = self.events(raw, body)
        if len(events) != 1:
            raise WebhookRejected("the delivery has several events: use verify_all")
        return events[0]


def digest(
    key: str | bytes, message: bytes, scheme: SignatureScheme = HMAC_SHA256
) -> str:
    """Return the HMAC of a message, by default HMAC-SHA256 in lower-case hex.

    A text is a key in UTF-8.
    """
    key = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    code = hmac.new(key, message, getattr(hashlib, scheme.algorithm))
    if scheme.encoding == "hex":
        return code.hexdigest()
    return base64.b64encode(code.digest()).decode()


def require_signature(
    signed: Signed,
    keys: Iterable[str | bytes],
    scheme: SignatureScheme = HMAC_SHA256,
) -> None:
    """Raise WebhookRejected unless one of the digests matches one of the keys.

    One digest is computed per key and message, however many signatures there are. All
    pairs are compared in constant time, so the duration reveals nothing about a near miss.
    """
    # compare_digest raises TypeError for text outside ASCII.
    claimed = dict.fromkeys(text for text in signed.digests if text.isascii())
    if len(claimed) > MOST_SIGNATURES:
        raise WebhookRejected(f"there are more than {MOST_SIGNATURES} signatures")
    expected = [
        digest(key, message, scheme) for key in keys for message in signed.messages
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
    if tolerance is None:
        return
    if signed.timestamp is None:
        raise WebhookRejected("the signature has no time")
    # A time in the future is refused, too: it would let a delivery be replayed for
    # longer.
    if not abs(now - signed.timestamp) <= tolerance:
        raise WebhookRejected(
            f"the signature is more than {tolerance:g} seconds from now: the delivery is a "
            "replay, or one of the clocks is wrong"
        )
