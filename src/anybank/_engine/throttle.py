"""Limit how many calls start per minute.

The throttle has no clock: the current time is an argument, in seconds.
"""

from __future__ import annotations

from attrs import define, field

_SUSTAINED = 0.98
_BURST = 0.015


@define
class Throttle:
    """A limit of calls a minute, used to the full and not beyond.

    In no minute do more calls start than the limit: 98 % of it at an even pace, and 1.5 %
    at once; the rest is room for calls that arrive closer together than they left.
    """

    per_minute: int
    _even: float = field(init=False, default=0.0)

    def reserve(self, now: float) -> float:
        """Take the next place and return the seconds until it."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        wait = max(0.0, self._even - (burst - 1) * interval - now)
        self._even = max(self._even, now) + interval
        return wait

    def hold(self, until: float) -> None:
        """Let nobody start before a moment: the vendor asked for a pause."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        self._even = max(self._even, until + (burst - 1) * interval)
