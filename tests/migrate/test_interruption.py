"""Ctrl-C and SIGTERM drain, and the wait for a rate limit precedes the intent."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, evolve
from tests.fakes import FakeTime

from anybank import AsyncBank, Bank, ConfigurationError, CustomerChanges, migrate
from anybank._engine.throttle import Throttle
from anybank._engine.throttle_steps import run_steps
from anybank._engine.timing import Timing
from anybank.adapter.wire import Request, Response
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.rate_limiter import RateLimiter
from anybank.sandbox.transport import SimulatorTransport
from anybank_sonder.simulator import SonderSimulator

from .moving import Moving, bond_to_sonder, people, side


@define
class Interrupting(httpx.AsyncBaseTransport):
    """A transport that sends a signal during its first request of a method."""

    inner: httpx.AsyncBaseTransport
    signum: signal.Signals = signal.SIGINT
    method: str = "POST"
    pressed: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self.method and not self.pressed:
            self.pressed = True
            signal.raise_signal(self.signum)
            await asyncio.sleep(0)
        return await self.inner.handle_async_request(request)


def interrupted_target(moving: Moving, signum: signal.Signals, method: str) -> Any:
    """Return the target's side, with a signal during a request."""
    _, target = moving.sides()
    transport = Interrupting(SimulatorTransport(moving.target), signum, method)
    return evolve(target, options={**target.options, "transport": transport})


def planned(tmp_path: Path) -> Moving:
    moving = bond_to_sonder(tmp_path, 6)
    moving.plan()
    return moving


def test_ctrl_c_lets_what_is_in_flight_come_to_its_end(tmp_path: Path) -> None:
    """Nothing is in flight or in doubt afterwards, and apply continues."""
    moving = planned(tmp_path)
    source, _ = moving.sides()
    interrupted = interrupted_target(moving, signal.SIGINT, "POST")
    with pytest.raises(KeyboardInterrupt):
        migrate.apply(
            journal=moving.journal, source=source, target=interrupted, concurrency=2
        )
    counts = migrate.status(journal=moving.journal).counts
    assert counts["in_flight"] == counts["unknown"] == 0
    assert 1 <= counts["created"] <= 3
    assert moving.apply().counts["created"] == 6


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_an_apply(tmp_path: Path, signum: signal.Signals) -> None:
    """In `draining` both signals finish requests in flight and start nothing new."""
    moving = planned(tmp_path)
    source, _ = moving.sides()
    interrupted = interrupted_target(moving, signum, "POST")
    with migrate.draining(), pytest.raises(KeyboardInterrupt) as ended:
        migrate.apply(
            journal=moving.journal, source=source, target=interrupted, concurrency=2
        )
    assert isinstance(ended.value, migrate.Terminated) == (signum == signal.SIGTERM)
    counts = migrate.status(journal=moving.journal).counts
    assert counts["in_flight"] == counts["unknown"] == 0
    assert 1 <= counts["created"] <= 3
    assert moving.apply().counts["created"] == 6
    assert len(people(moving.target)) == 6


def test_a_signal_drains_a_worker(tmp_path: Path) -> None:
    """Outcomes are recorded, and another worker can claim the batch immediately."""
    moving = planned(tmp_path)
    source, target = moving.sides()
    interrupted = interrupted_target(moving, signal.SIGTERM, "POST")
    with migrate.draining(), pytest.raises(migrate.Terminated):
        migrate.work(
            journal=moving.journal, source=source, target=interrupted, concurrency=1
        )
    status = migrate.status(journal=moving.journal)
    assert status.counts["in_flight"] == status.counts["unknown"] == 0
    assert status.counts["created"] == 1
    assert status.work
    assert (status.work.batches_left, status.work.batches_leased) == (1, 0)
    after = migrate.work(journal=moving.journal, source=source, target=target)
    assert (after.counts["created"], after.totals["sent"]) == (6, 5)
    assert len(people(moving.target)) == 6


def test_a_signal_drains_a_rollback(tmp_path: Path) -> None:
    """Deletes in flight are read back and recorded; the next run does the rest."""
    moving = planned(tmp_path)
    moving.apply()
    interrupted = interrupted_target(moving, signal.SIGTERM, "DELETE")
    with migrate.draining(), pytest.raises(migrate.Terminated):
        migrate.rollback(journal=moving.journal, target=interrupted, yes=True)
    counts = migrate.status(journal=moving.journal).counts
    assert counts["deleting"] == 0
    assert counts["rolled_back"] == 6 - len(people(moving.target))


def test_a_signal_drains_an_overwrite(tmp_path: Path) -> None:
    """An update in flight is read back and recorded."""
    moving = planned(tmp_path)
    moving.apply()
    ours = next(iter(moving.crosswalk()))
    source, _ = moving.sides()
    with Bank("bond", **side(moving.source).options) as bank:
        bank.customers.update(ours, CustomerChanges(emails=["new@example.com"]))
    moving.plan(since_last=True)
    interrupted = interrupted_target(moving, signal.SIGTERM, "PUT")
    with migrate.draining(), pytest.raises(migrate.Terminated):
        migrate.overwrite(
            journal=moving.journal, source=source, target=interrupted, yes=True
        )
    assert migrate.status(journal=moving.journal).counts["verified"] == 1


def test_a_worker_that_waits_for_the_rate_limit_is_not_waited_for(
    tmp_path: Path,
) -> None:
    """A signal cancels waits, since systemd and Kubernetes allow only seconds."""
    moving = planned(tmp_path)
    source, _ = moving.sides()
    interrupted = interrupted_target(moving, signal.SIGTERM, "POST")
    slow = {"rate_limit": 1, "timing": Timing(), "retries": 0}
    target = evolve(interrupted, options={**interrupted.options, **slow})
    with migrate.draining(), pytest.raises(migrate.Terminated):
        migrate.apply(journal=moving.journal, source=source, target=target)
    counts = migrate.status(journal=moving.journal).counts
    assert (counts["created"], counts["ready"]) == (1, 5)


def test_the_handlers_return_with_the_context() -> None:
    """Outside of `draining` the process has its own handlers."""
    before = [signal.getsignal(item) for item in (signal.SIGINT, signal.SIGTERM)]
    with migrate.draining():
        pass
    after = [signal.getsignal(entry) for entry in (signal.SIGINT, signal.SIGTERM)]
    assert before == after


def test_without_a_command_a_signal_interrupts_the_caller() -> None:
    """Between two commands nothing is in flight."""
    with pytest.raises(migrate.Terminated), migrate.draining():
        signal.raise_signal(signal.SIGTERM)


def test_a_second_signal_ends_the_process(tmp_path: Path) -> None:
    """A person who does not want to wait sends the signal again."""
    script = tmp_path / "twice.py"
    script.write_text(
        "import signal\nfrom anybank import migrate\n"
        "with migrate.draining():\n"
        "    try:\n        signal.raise_signal(signal.SIGTERM)\n"
        "    except KeyboardInterrupt:\n        signal.raise_signal(signal.SIGTERM)\n"
        "    print('not reached')\n"
    )
    ended = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, str(script)], capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (143, b"")


def test_draining_is_refused_outside_the_main_thread() -> None:
    """Python allows signal handlers only in the main thread."""
    refused: list[str] = []

    def drain() -> None:
        try:
            with migrate.draining():
                pass
        except ConfigurationError as error:
            refused.append(str(error))

    thread = threading.Thread(target=drain)
    thread.start()
    thread.join()
    assert "main thread" in refused[0]


class WatchfulTime(FakeTime):
    """A clock that counts the records in flight during each wait."""

    def watch(self, journal: Path) -> None:
        self.journal, self.in_flight = journal, list[int]()

    async def async_sleep(self, seconds: float) -> None:
        with Journal.open(self.journal) as journal:
            self.in_flight.append(journal.counts()[State.IN_FLIGHT])
        await super().async_sleep(seconds)


def test_a_record_that_waits_for_a_slot_has_no_intent(tmp_path: Path) -> None:
    """A record that waits for its slot is not in doubt after a crash."""
    moving, time = planned(tmp_path), WatchfulTime()
    time.watch(moving.journal)
    source, _ = moving.sides()
    target = side(moving.target, rate_limit=60, timing=time.timing())
    migrate.apply(journal=moving.journal, source=source, target=target, concurrency=1)
    assert len(people(moving.target)) == 6
    assert time.in_flight == [0] * 5
    assert sum(time.slept) == pytest.approx(5 * 60 / (60 * 0.98))


def test_a_bank_takes_a_throttle_for_its_rate_limit() -> None:
    """Two banks with one throttle share its limit."""
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


def test_a_slot_is_good_for_one_request() -> None:
    """A task with a slot sends immediately; its next request waits for another."""
    time, limiter = FakeTime(), RateLimiter(Throttle(60))

    async def go() -> list[float]:
        await limiter.acquire_slots(time.timing())
        return [await waited(limiter, time) for _ in range(2)]

    first, second = asyncio.run(go())
    assert first == 0.0
    assert second > 0.9


def test_slots_are_acquired_for_as_many_requests_as_a_create_takes() -> None:
    """The first create shows how many slots the next one needs."""
    time, limiter = FakeTime(), RateLimiter(Throttle(60))

    async def create() -> list[float]:
        await limiter.acquire_slots(time.timing())
        return [await waited(limiter, time) for _ in range(2)]

    asyncio.run(create())
    assert asyncio.run(create()) == [0.0, 0.0]


async def waited(limiter: RateLimiter, time: FakeTime) -> float:
    """Return how many seconds a request waits for its slot."""
    before = time.now
    await run_steps(limiter.acquire(time.read), time.timing())
    return time.now - before


@pytest.mark.parametrize("name", ["limit", "concurrency"])
def test_a_number_that_makes_no_sense_is_refused(tmp_path: Path, name: str) -> None:
    """A concurrency of zero and a limit of zero are refused."""
    moving = planned(tmp_path)
    command: Any = moving.plan if name == "limit" else moving.apply
    with pytest.raises(ConfigurationError, match=f"{name} must be at least 1"):
        command(**{name: 0})


@define
class Disturbing:
    """A bank, and what happens to a file when it gets a request."""

    bank: SonderSimulator
    disturb: Callable[[], object] = lambda: None

    def __call__(self, request: Request) -> Response:
        self.disturb()
        return self.bank(request)


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_journal_that_disappears_during_a_run_is_an_error(
    how: str, tmp_path: Path
) -> None:
    """A run whose records are in no file does not end as if it were done."""
    target, planned = Disturbing(SonderSimulator()), tmp_path / "planned.db"
    moving = bond_to_sonder(tmp_path, target=target)
    moving.plan()
    planned.write_bytes(moving.journal.read_bytes())

    def disturb() -> None:
        if how == "removed":
            moving.journal.unlink(missing_ok=True)
        elif planned.exists():
            planned.replace(moving.journal)

    target.disturb = disturb
    with pytest.raises(ConfigurationError, match="was removed or replaced"):
        moving.apply()
