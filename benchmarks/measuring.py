"""CPU of this process, measured in turns so that a noisy machine is fair to all."""

from __future__ import annotations

import asyncio
import gc
import resource
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

Work = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]
Opened = AbstractAsyncContextManager[AsyncCall]


def cpu() -> float:
    """Return the seconds of CPU that this process has used, in and out of the kernel."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def in_turns(
    contenders: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, float]:
    """Measure each in every round, and return the median of each."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            gc.collect()
            found[name].append(measure())
    return {name: statistics.median(values) for name, values in found.items()}


def cpu_of(work: Work, times: int) -> float:
    """Return the CPU seconds of one piece of work, after a first that is not counted."""
    work()
    started = cpu()
    for _ in range(times):
        work()
    return (cpu() - started) / times


def wall_of(work: Work) -> float:
    """Return the seconds that a piece of work takes by the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_of_calls(opened: Callable[[], Opened], calls: int, in_flight: int) -> float:
    """Return the CPU seconds of one call, so many being under way at any time."""

    async def measured() -> float:
        async with opened() as call:
            await _together(call, 4, in_flight)  # connections are made
            started = cpu()
            await _together(call, calls // in_flight, in_flight)
            return (cpu() - started) / (calls // in_flight * in_flight)

    return asyncio.run(measured())


async def _together(call: AsyncCall, times: int, in_flight: int) -> None:
    async def worker() -> None:
        for _ in range(times):
            await call()

    await asyncio.gather(*(worker() for _ in range(in_flight)))
