"""Ctrl-C drains; a rate limit is waited for before an intent is written."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, evolve
from tests.fakes import FakeTime

from anybank import AsyncBank, ConfigurationError, migrate
from anybank.migrate.journal import Journal
from anybank.migrate.paces import Pace
from anybank.migrate.states import State
from anybank.retry import Throttle
from anybank.sandbox.transport import SimulatorTransport
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder, people, side


@define
class Interrupting(httpx.AsyncBaseTransport):
    """A transport during whose first create somebody presses Ctrl-C."""

    inner: httpx.AsyncBaseTransport
    pressed: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and not self.pressed:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(0)
        return await self.inner.handle_async_request(request)


def planned(tmp_path: Path) -> Moving:
    moving = bond_to_sonder(tmp_path, 6)
    moving.plan()
    return moving


def test_ctrl_c_lets_what_is_in_flight_come_to_its_end(tmp_path: Path) -> None:
    """Nothing is in flight afterwards, nothing in doubt, and apply goes on."""
    moving = planned(tmp_path)
    source, target = moving.sides()
    transport = Interrupting(SimulatorTransport(moving.target))
    interrupted = evolve(target, options={**target.options, "transport": transport})
    with pytest.raises(KeyboardInterrupt):
        migrate.apply(
            journal=moving.journal, source=source, target=interrupted, concurrency=2
        )
    counts = migrate.status(journal=moving.journal).counts
    assert counts["in_flight"] == counts["unknown"] == 0
    assert 1 <= counts["created"] <= 3
    assert moving.apply().counts["created"] == 6


class WatchfulTime(FakeTime):
    """A clock that looks, whenever somebody waits, at what is in flight."""

    def watch(self, journal: Path) -> None:
        self.journal, self.in_flight = journal, list[int]()

    async def async_sleep(self, seconds: float) -> None:
        with Journal.open(self.journal) as journal:
            self.in_flight.append(journal.counts()[State.IN_FLIGHT])
        await super().async_sleep(seconds)


def test_who_waits_for_a_turn_has_no_intent(tmp_path: Path) -> None:
    """Waiting comes before the intent: nobody is in doubt who has not been sent."""
    moving, time = planned(tmp_path), WatchfulTime()
    time.watch(moving.journal)
    source, _ = moving.sides()
    target = side(moving.target, rate_limit=60, timing=time.timing())
    migrate.apply(journal=moving.journal, source=source, target=target, concurrency=1)
    assert len(people(moving.target)) == 6
    assert time.in_flight == [0] * 5
    assert sum(time.slept) == pytest.approx(5 * 60 / (60 * 0.98))


def test_a_bank_takes_a_throttle_for_its_rate_limit() -> None:
    """Two banks that are given one throttle keep its limit together."""
    time, throttle = FakeTime(), Throttle(60)
    options: dict[str, Any] = {
        **SonderSimulator.credentials,
        "timing": time.timing(),
        "rate_limit": throttle,
    }

    async def ask() -> None:
        for _ in range(2):
            transport = SimulatorTransport(SonderSimulator())
            async with AsyncBank("sonder", transport=transport, **options) as bank:
                await bank.credentials.check()

    asyncio.run(ask())
    assert time.slept == [pytest.approx(60 / (60 * 0.98))]


def test_a_turn_is_good_for_one_request() -> None:
    """Who had a turn sends at once, and waits again for what comes after."""
    time, pace = FakeTime(), Pace(60)

    async def go() -> list[float]:
        await pace.turn(time.timing())
        return [pace.reserve(time.now), pace.reserve(time.now)]

    first, second = asyncio.run(go())
    assert first == 0.0
    assert second > 0.9


def test_a_turn_is_for_as_many_requests_as_a_create_takes() -> None:
    """The first create tells how many: the next waits for all its places at once."""
    time, pace = FakeTime(), Pace(60)

    async def create() -> list[float]:
        await pace.turn(time.timing())
        return [pace.reserve(time.now), pace.reserve(time.now)]

    asyncio.run(create())
    assert asyncio.run(create()) == [0.0, 0.0]


@pytest.mark.parametrize("name", ["limit", "concurrency"])
def test_a_number_that_makes_no_sense_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing at a time, or the first none, is nobody's wish."""
    moving = planned(tmp_path)
    command: Any = moving.plan if name == "limit" else moving.apply
    with pytest.raises(ConfigurationError, match=f"{name} must be at least 1"):
        command(**{name: 0})
