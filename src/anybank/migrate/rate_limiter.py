"""A rate limit whose places are taken before the intent is written.

While a record waits for its turn nothing of it is in flight: a crash then leaves nothing
to doubt. So the turn comes first, then the intent, then the requests of the create, which
have their places already. How many those are (at some targets several) is learnt from
the first create.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Self

from attrs import define, field

from .._engine.throttle import Throttle
from .._engine.timing import Timing


@define
class _Turn:
    """What a task may send without waiting, and what it has sent."""

    paid: int
    made: int = 0


_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@define
class RateLimiter(Throttle):
    """A throttle that lets the requests of a task pass once it had its turn."""

    _width: int = field(init=False, default=1)

    @classmethod
    def like(cls, throttle: Throttle) -> Self:
        """Return a pace of the same limit."""
        return cls(throttle.per_minute)

    def reserve(self, now: float) -> float:
        """Take the next place, unless this task has one; return the seconds until it."""
        turn = _turn.get()
        if turn is not None:
            turn.made += 1
            self._width = max(self._width, turn.made)
            if turn.paid:
                turn.paid -= 1
                return 0.0
        return super().reserve(now)

    async def turn(self, timing: Timing) -> None:
        """Wait until a create may start, and keep its places for this task."""
        now = timing.monotonic()
        waits = [super(RateLimiter, self).reserve(now) for _ in range(self._width)]
        if wait := waits[-1]:
            await timing.async_sleep(wait)
        _turn.set(_Turn(len(waits)))
