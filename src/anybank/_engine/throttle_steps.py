"""Run the steps of a throttle: waits, and blocking calls, in a thread or in a task."""

from __future__ import annotations

from ..adapter.wire import Wait
from .throttle import Blocking, ThrottleSteps
from .timing import Timing


async def run_steps(steps: ThrottleSteps, timing: Timing) -> float:
    """Run the steps of a throttle in a task and return the slot."""
    error: Exception | None = None
    try:
        while True:
            step = next(steps) if error is None else steps.throw(error)
            error = None
            if isinstance(step, Wait):
                await timing.async_sleep(step.seconds)
            else:
                error = await attempt_in_thread(step)
    except StopIteration as finished:
        slot: float = finished.value
        return slot
    finally:
        steps.close()  # a cancelled task gives its slot back


def attempt(step: Blocking) -> Exception | None:
    """Run a blocking step in this thread; return its error, to throw into its steps."""
    try:
        step.call()
    except Exception as error:  # noqa: BLE001  # the steps raise it
        return error
    return None


async def attempt_in_thread(step: Blocking) -> Exception | None:
    """Run a blocking step next to the event loop; return its error."""
    import asyncio  # noqa: PLC0415  # a synchronous bank does without

    return await asyncio.to_thread(attempt, step)
