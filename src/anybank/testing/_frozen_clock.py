"""Clocks that advance only when something sleeps."""

from __future__ import annotations

from attrs import define

from .._engine.timing import Timing


@define
class _FrozenClock:
    now: float = 1_700_000_000.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


def frozen_timing() -> Timing:
    """Return clocks that only sleeping advances, and sleeps that take no time."""
    clock = _FrozenClock()
    return Timing(
        monotonic=clock.read,
        wall=clock.read,
        sleep=clock.sleep,
        async_sleep=clock.async_sleep,
        jitter=lambda: 1.0,
    )
