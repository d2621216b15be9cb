"""A shared throttle keeps one limit for several processes, here with a fake database."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from anybank import ConfigurationError, Throttle
from anybank._engine.rate_store import Reservation
from anybank._engine.throttle import Blocking, SharedThrottle, ThrottleSteps
from anybank.adapter.wire import Wait

LIMITS = st.sampled_from([6, 60, 300, 1000])
LATENCY = 0.003
"""How long a statement takes, in seconds."""


@define
class Clock:
    """The time of all processes, which the simulation advances."""

    now: float = 1000.0

    def read(self) -> float:
        return self.now


@define
class Row:
    """The row of a limit in a fake database with its own clock."""

    clock: Clock
    next_at: float = 0.0
    held_until: float = 0.0
    statements: int = 0

    def reserve(self, _key: str, count: int, interval: float) -> Reservation:
        self.statements += 1
        first = max(self.next_at, self.clock.now)
        self.next_at = first + count * interval
        # The response arrives later than the row was read.
        starts_in = first - self.clock.now - LATENCY
        return Reservation(starts_in, self.held_until - self.clock.now)

    def hold(self, _key: str, seconds: float) -> None:
        self.statements += 1
        self.held_until = max(self.held_until, self.clock.now + seconds)
        self.next_at = max(self.next_at, self.held_until)

    def held_for(self, _key: str) -> float:
        self.statements += 1
        return self.held_until - self.clock.now


@define
class Simulation:
    """Processes that share a limit: each lane sends one call after the other."""

    limit: int
    clock: Clock = field(factory=Clock)
    row: Row = field(init=False)
    starts: list[float] = field(init=False, factory=list)
    calls: dict[int, int] = field(init=False, factory=dict)
    _events: list[tuple[float, int, Iterator[float]]] = field(init=False, factory=list)
    _order: Iterator[int] = field(init=False, factory=itertools.count)

    @row.default
    def _row(self) -> Row:
        return Row(self.clock)

    def throttle(self) -> SharedThrottle:
        return SharedThrottle(self.limit, self.row, "bank")

    def add(self, at: float, lane: Iterator[float]) -> None:
        heapq.heappush(self._events, (self.clock.now + at, next(self._order), lane))

    def lane(
        self,
        throttle: SharedThrottle,
        process: int,
        *,
        call: float = 0.05,
        calls: int | None = None,
        oversleep: float = 0.001,
    ) -> Iterator[float]:
        """Send calls that take *call* seconds, and yield each wait."""
        for _ in range(calls) if calls is not None else itertools.count():
            yield from seconds(throttle.acquire(self.clock.read), oversleep)
            self.starts.append(self.clock.now)
            self.calls[process] = self.calls.get(process, 0) + 1
            yield call

    # Discrete events: time jumps to the next lane that has something to do, so that hours
    # of many processes take no real time and every run has the same order.
    def run(self, duration: float) -> None:
        end = self.clock.now + duration
        while self._events and self._events[0][0] <= end:
            self.clock.now, _, lane = heapq.heappop(self._events)
            if (wait := next(lane, None)) is not None:
                self.add(wait, lane)
        self.clock.now = end


def seconds(steps: ThrottleSteps, oversleep: float) -> Iterator[float]:
    """Run the steps of a throttle, and yield the duration of each."""
    for step in steps:
        if isinstance(step, Wait):
            yield step.seconds + oversleep
        else:
            step.call()
            yield LATENCY


def fullest(starts: list[float], window: float) -> int:
    """Count the calls of the busiest window of some seconds."""
    starts, first, most = sorted(starts), 0, 0
    for last, moment in enumerate(starts):
        while starts[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(LIMITS, st.sampled_from([1, 3, 8]), st.integers(4, 16))
def test_processes_keep_one_limit_evenly_and_use_it(
    limit: int, processes: int, lanes: int
) -> None:
    """No minute exceeds 99 % of the limit, 20 seconds a third, and 97 % is used."""
    simulation = Simulation(limit)
    for process in range(processes):
        throttle = simulation.throttle()
        for _ in range(lanes):
            simulation.add(0.01 * process, simulation.lane(throttle, process))
    simulation.run(200.0)
    # The first ten seconds are left out, in which all lanes start at the same time.
    starts = [start for start in simulation.starts if start > 1010.0]
    assert fullest(starts, 60.0) <= max(limit * 0.99 + 1, 1)
    assert fullest(starts, 20.0) <= limit / 3 * 1.02 + 1
    assert len(starts) / 190.0 * 60.0 >= 0.97 * limit - 1
    shares = simulation.calls.values()
    unfair = max(shares) - min(shares)
    assert unfair <= 0.05 * max(shares) + 2 * max(1, limit // 60) + 1


@given(
    st.sampled_from([60, 1000]),
    st.lists(
        st.tuples(st.floats(0, 100), st.integers(1, 60), st.floats(0, 2.0)),
        min_size=1,
        max_size=12,
    ),
)
def test_the_limit_holds_while_processes_come_go_and_oversleep(
    limit: int, processes: list[tuple[float, int, float]]
) -> None:
    """A process that wakes up late loses its slot instead of sending a burst."""
    simulation = Simulation(limit)
    for process, (start, calls, oversleep) in enumerate(processes):
        throttle = simulation.throttle()
        for _ in range(4):
            lane = simulation.lane(throttle, process, calls=calls, oversleep=oversleep)
            simulation.add(start, lane)
    simulation.run(300.0)
    assert fullest(simulation.starts, 60.0) <= limit * 0.99 + 1


def test_a_pause_holds_the_other_processes_within_a_second() -> None:
    """After a 429 in one process no process starts a call until the pause is over."""
    simulation = Simulation(600)
    throttles = [simulation.throttle() for _ in range(3)]
    for process, throttle in enumerate(throttles):
        for _ in range(8):
            simulation.add(0.0, simulation.lane(throttle, process))
    simulation.run(30.0)
    held_at = simulation.clock.now
    simulation.add(0.0, seconds(throttles[0].hold_all(simulation.clock.read, 20.0), 0))
    simulation.run(60.0)
    # The other processes ask for a pause once per second, hence the 1.1 seconds.
    during = [at for at in simulation.starts if held_at + 1.1 < at < held_at + 20.0]
    after = [at for at in simulation.starts if held_at + 20.0 <= at]
    assert during == []
    assert len(after) > 300


def test_few_statements_serve_many_calls() -> None:
    """A process reserves about a second of the limit with one statement."""
    simulation = Simulation(1000)
    throttle = simulation.throttle()
    for _ in range(32):
        simulation.add(0.0, simulation.lane(throttle, 0))
    simulation.run(60.0)
    assert len(simulation.starts) > 960
    assert simulation.row.statements <= 130


def test_a_slot_of_a_cancelled_call_goes_to_the_next() -> None:
    """The slot of a call that is cancelled while it waits goes to the next call."""
    clock = Clock()
    row = Row(clock)
    throttle = SharedThrottle(60, row, "bank")
    row.next_at = clock.now + 10.0
    steps = throttle.acquire(clock.read)
    do(steps, clock)
    waiting = next(steps)
    assert isinstance(waiting, Wait)
    steps.close()
    again = next(throttle.acquire(clock.read))
    assert isinstance(again, Wait)
    assert again.seconds == pytest.approx(waiting.seconds)
    assert row.statements == 1


def do(steps: ThrottleSteps, clock: Clock) -> None:
    """Run the first step of a throttle, which queries the database."""
    step = next(steps)
    assert isinstance(step, Blocking)
    step.call()
    clock.now += LATENCY


def test_the_bank_s_documented_limit_counts_where_none_is_passed() -> None:
    """A shared throttle without a limit uses its bank's, and fails if that has none."""
    shared = SharedThrottle(0, Row(Clock()), "bank")
    with pytest.raises(ConfigurationError, match="pass per_minute="):
        shared.with_documented_limit(None)
    assert shared.with_documented_limit(250).per_minute == 250
    assert shared.with_documented_limit(600).per_minute == 250
    own: Any = Throttle(60)
    assert own.with_documented_limit(250) is own
