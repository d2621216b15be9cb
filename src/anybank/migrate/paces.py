"""A rate limit whose place is taken before the intent is written.

While a record waits for its turn nothing of it is in flight: a crash then leaves nothing
to doubt. So the turn comes first, then the intent, then the request, which has its place
already and does not wait again.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Self

from attrs import define

from .._driver import Timing
from ..retry import Throttle

_has_turn: ContextVar[bool] = ContextVar("has_turn", default=False)


@define
class Pace(Throttle):
    """A throttle that lets the first request of a task pass once it had its turn."""

    @classmethod
    def like(cls, throttle: Throttle) -> Self:
        """Return a pace of the same limit."""
        return cls(throttle.per_minute)

    def reserve(self, now: float) -> float:
        """Take the next place, unless this task has one; return the seconds until it."""
        if _has_turn.get():
            _has_turn.set(False)
            return 0.0
        return super().reserve(now)

    async def turn(self, timing: Timing) -> None:
        """Wait until a request may start, and keep that place for this task."""
        _has_turn.set(False)
        if wait := super().reserve(timing.monotonic()):
            await timing.async_sleep(wait)
        _has_turn.set(True)
