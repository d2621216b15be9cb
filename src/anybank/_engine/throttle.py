"""Limit how many calls start per minute.

The throttle has no clock: the current time is an argument, in seconds.
"""

from __future__ import annotations

from attrs import define, field

_SUSTAINED = 0.98
_BURST = 0.015


@define
class Throttle:
    """A limit of calls per minute.

    No window of one minute contains more calls than the limit: 98 % of it is spread
    evenly and 1.5 % may start in a burst. The remaining 0.5 % is headroom for requests
    that reach the vendor closer together than they left.
    """

    per_minute: int
    _next_slot: float = field(init=False, default=0.0)

    def reserve(self, now: float) -> float:
        """Reserve the next slot and return the seconds until it starts."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        wait = max(0.0, self._next_slot - (burst - 1) * interval - now)
        self._next_slot = max(self._next_slot, now) + interval
        return wait

    def hold(self, until: float) -> None:
        """Delay all calls until a moment, because the vendor requested a pause."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        self._next_slot = max(self._next_slot, until + (burst - 1) * interval)
