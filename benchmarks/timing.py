"""CPU and wall time. Contenders take turns, so that noise affects all of them equally."""

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
    """Return the CPU seconds of this process, in user and kernel mode."""
    # CPU and not wall time: on a busy machine it says more about the program.
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure_in_turns(
    contenders: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, float]:
    """Measure each contender once per round, and return the median of each."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            gc.collect()
            seconds[name].append(measure())
    return {name: statistics.median(values) for name, values in seconds.items()}


def cpu_of(work: Work, times: int) -> float:
    """Return the CPU seconds of one run, after a first run that is not counted."""
    work()
    started = cpu()
    for _ in range(times):
        work()
    return (cpu() - started) / times


def wall_of(work: Work) -> float:
    """Return the wall time of one run in seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_of_calls(opened: Callable[[], Opened], calls: int, in_flight: int) -> float:
    """Return the CPU seconds of one call, with *in_flight* calls at a time."""

    async def measure() -> float:
        async with opened() as call:
            await _together(call, 4, in_flight)  # opens the connections
            started = cpu()
            await _together(call, calls // in_flight, in_flight)
            return (cpu() - started) / (calls // in_flight * in_flight)

    return asyncio.run(measure())


async def _together(call: AsyncCall, times: int, in_flight: int) -> None:
    async def worker() -> None:
        for _ in range(times):
            await call()

    await asyncio.gather(*(worker() for _ in range(in_flight)))
