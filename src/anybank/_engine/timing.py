"""The clocks, sleep functions and random numbers that a bank uses."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from attrs import frozen

_AHEAD = timedelta(hours=14)
"""The offset of the earliest time zone from UTC."""


async def _sleep(seconds: float) -> None:
    import asyncio  # noqa: PLC0415  # a synchronous bank does without

    await asyncio.sleep(seconds)


@frozen
class Timing:
    """The clocks, sleep functions and randomness of a bank; tests pass fakes.

    `monotonic` and `wall` return seconds, `jitter` returns a number from 0 to 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _sleep
    jitter: Callable[[], float] = random.random

    def today(self) -> date:
        """Return the current date in the earliest time zone.

        No date that has begun anywhere is rejected, wherever this machine and the person
        are.
        """
        return (datetime.fromtimestamp(self.wall(), UTC) + _AHEAD).date()
