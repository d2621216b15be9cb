"""A rate limit whose slots are acquired before the intent is written.

While a record waits for a slot, its create is not in flight, so a crash leaves nothing in
doubt. The order is: slot, intent, requests of the create. How many requests a create takes
(several, at some banks) is learnt from the first one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from attrs import define, field

from .._engine.throttle import Throttle, ThrottleSteps
from .._engine.throttle_steps import run_steps
from .._engine.timing import Timing


@define
class _Slots:
    """The slots that a task has acquired, and how many requests it has sent."""

    acquired: list[float]
    requests: int = 0


# Each worker is a task, and so has a value of its own. The throttle is called from the
# engine, which has no parameter for the slots of a caller.
_slots: ContextVar[_Slots | None] = ContextVar("slots", default=None)


@define
class RateLimiter(Throttle):
    """The throttle of a bank, whose slots a task may acquire ahead of its requests."""

    throttle: Throttle
    per_minute: int = field(init=False)
    _width: int = field(init=False, default=1)
    """How many requests a create takes: the most that one task has sent so far."""

    @per_minute.default
    def _limit_of_the_throttle(self) -> int:
        return self.throttle.per_minute

    async def acquire_slots(self, timing: Timing) -> None:
        """Wait until a create may start, and keep its slots for this task."""
        acquisitions = [
            self.throttle.acquire(timing.monotonic) for _ in range(self._width)
        ]
        _slots.set(_Slots([await run_steps(steps, timing) for steps in acquisitions]))

    async def hold_for(self, timing: Timing, seconds: float) -> None:
        """Let no create start for some seconds, because the vendor asked for a pause."""
        await run_steps(self.throttle.hold_all(timing.monotonic, seconds), timing)

    def acquire(self, clock: Callable[[], float]) -> ThrottleSteps:
        """Use a slot of this task; where it has none that is usable, wait for another."""
        slots = _slots.get()
        if slots is not None:
            slots.requests += 1
            self._width = max(self._width, slots.requests)
            # The intent was written since, which may have taken longer than a slot lasts.
            while slots.acquired:
                slot = slots.acquired.pop(0)
                if not self.throttle.is_expired(slot, clock()):
                    return slot
        return (yield from self.throttle.acquire(clock))

    def hold_all(self, clock: Callable[[], float], seconds: float) -> ThrottleSteps:
        """Yield the steps after which no call starts for a while, in any process."""
        return self.throttle.hold_all(clock, seconds)

    def hold(self, until: float) -> None:
        """Let no call of this process start before a moment."""
        self.throttle.hold(until)

    def reserve(self, now: float) -> float:
        """Reserve a slot of the throttle, apart from those of the task."""
        return self.throttle.reserve(now)
