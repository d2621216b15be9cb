"""The row of a shared rate limit, as a throttle uses it; a database implements it."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen


@frozen
class Reservation:
    """Slots that the database handed out."""

    starts_in: float
    """In how many seconds the first slot is; negative if it has passed."""
    held_for: float
    """For how many more seconds no call may start; 0 or negative if calls may start."""


class RateStore(Protocol):
    """The rows of rate limits in a database; every method blocks."""

    def reserve(self, key: str, count: int, interval: float) -> Reservation:
        """Reserve the next *count* slots, *interval* seconds apart."""
        ...

    def hold(self, key: str, seconds: float) -> None:
        """Let no call start for some seconds, in any process."""
        ...

    def held_for(self, key: str) -> float:
        """Return for how many more seconds no call may start."""
        ...
