"""How far an adapter can be relied on: whether its vendor's API exists, and as of when."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import instance_of


class AdapterLevel(StrEnum):
    """What an adapter rests on."""

    LIVE = "live"
    """The vendor offers the API today and publishes a specification of it."""
    DOCUMENTED = "documented"
    """The vendor's pages describe the API, and nothing shows that it answers so."""
    SIMULATED = "simulated"
    """The vendor has retired the API: only the simulator answers."""


@frozen
class AdapterStatus:
    """The state of an adapter and of the vendor's API behind it.

    `reason` is a sentence for people who choose a bank. `as_of` is the day on which the
    adapter was last compared with what the vendor publishes.
    """

    level: AdapterLevel = field(converter=AdapterLevel)
    reason: str
    as_of: date = field(validator=instance_of(date))

    def __str__(self) -> str:
        return f"{self.level.value}, as of {self.as_of}: {self.reason}"
