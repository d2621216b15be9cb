"""A time that passes only where somebody sleeps."""

from __future__ import annotations

from attrs import define

from .._engine.timing import Timing


@define
class _Still:
    now: float = 1_700_000_000.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)


def still() -> Timing:
    """Return clocks that only sleeping moves, and sleeps that take no time."""
    time = _Still()
    return Timing(
        monotonic=time.read,
        wall=time.read,
        sleep=time.sleep,
        async_sleep=time.async_sleep,
        chance=lambda: 1.0,
    )
