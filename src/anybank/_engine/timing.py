"""The clocks, sleep functions and random numbers that a bank uses."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable

from attrs import frozen


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
