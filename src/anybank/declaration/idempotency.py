"""What happens when an operation is sent twice."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, get_args

from attrs import field, frozen
from attrs.validators import in_

Repeat = Literal[
    "safe", "natural", "replays", "rejects_duplicate", "client_reference", "none"
]


@frozen
class Idempotency:
    """What happens when an operation is sent twice.

    `safe` changes nothing; `natural` has the same effect when repeated; `replays`
    returns the first response for a repeated key; `rejects_duplicate` rejects it;
    `client_reference` lets a lost create be looked up by your own id; `none` offers
    nothing. `header` carries the key, `lifetime` is the number of seconds for which the
    vendor remembers it, and `reference` is the neutral field to look up by, which a
    vendor that `replays` may have as well.
    `listed_by_key` is True if the vendor's listing can be filtered by the key, and
    `listed_by_reference` if it can be filtered by the reference. Otherwise a look-up by
    reference reads the whole listing.
    """

    kind: Repeat = field(validator=in_(get_args(Repeat)))
    header: str | None = None
    lifetime: float | None = None
    scope: str | None = None
    reference: str | None = None
    listed_by_key: bool = False
    listed_by_reference: bool = False

    @cached_property
    def lookup_field(self) -> str | None:
        """The neutral field by which a lost create can be looked up in a listing."""
        default = "external_id" if self.kind == "client_reference" else None
        return self.reference or default

    @cached_property
    def takes_key(self) -> bool:
        """True where the vendor recognises a repetition by an idempotency key."""
        return self.kind in ("replays", "rejects_duplicate")

    @property
    def repeatable(self) -> bool:
        """True where the call can be repeated after its response is lost."""
        return self.kind in ("safe", "natural", "replays", "rejects_duplicate")


SAFE = Idempotency("safe")
NATURAL = Idempotency("natural")
# The default: an operation whose idempotency is not declared is never repeated.
NO_IDEMPOTENCY = Idempotency("none")
