"""A worker reconnects to its database, and nobody is lost or sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve
from tests.fakes import FakeTime
from tests.migrate.moving import (
    NAMES,
    Moving,
    bond_to_sonder,
    people,
    settle,
    sonder_to_bond,
)
from tests.migrate.postgres import Server
from tests.proofs import PROOF

from anybank import ConfigurationError, migrate
from anybank.adapter.wire import Request, Response
from anybank.migrate import Summary
from anybank.migrate.commands.workers.reconnections import PATIENCE
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.workers import WorkerStatus, list_workers
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator


@define
class Meddling:
    """A bank at some of whose creates something happens to the journal's server."""

    bank: Any
    meddle: Callable[[], None]
    at: tuple[int, ...] = (3,)
    creates: int = 0

    @property
    def base_path(self) -> str:
        return str(self.bank.base_path)

    def __call__(self, request: Request) -> Response:
        self.creates += request.method == "POST"
        if request.method == "POST" and self.creates in self.at:
            self.meddle()
        return self.bank(request)  # type: ignore[no-any-return] # a simulator


def planned(directory: Path, url: str, meddling: Meddling) -> Moving:
    """Return a planned migration of eight to a bank during whose creates something happens."""
    begin = (
        sonder_to_bond if isinstance(meddling.bank, BondSimulator) else bond_to_sonder
    )
    moving = begin(directory, 8, target=meddling)
    moving.place = url
    moving.plan(batch=3)
    return moving


def work(moving: Moving, timing: Any = None, notices: Any = None) -> Summary:
    source, target = moving.sides()
    if timing:
        target = evolve(target, options={**target.options, "timing": timing})
    return migrate.work(
        journal=moving.journal,
        source=source,
        target=target,
        concurrency=2,
        notices=notices,
    )


def everyone_once(moving: Moving) -> None:
    """Assert that nobody is lost, nobody is there twice, and the journal is intact."""
    bank = moving.target.bank
    assert sorted(people(bank).values()) == sorted(NAMES)
    assert sorted(moving.crosswalk().values()) == sorted(people(bank))
    assert migrate.check(journal=moving.journal).damages == ()


@pytest.mark.parametrize("at", [(1,), (3,), (2, 5, 7)] if PROOF else [(3,)])
def test_a_worker_whose_sessions_are_ended_reconnects(
    tmp_path: Path, url: str, server: Server, at: tuple[int, ...]
) -> None:
    """What was in flight is looked up, and the same worker moves everyone else."""
    meddling = Meddling(BondSimulator(seed=1), server.end_sessions, at)
    moving = planned(tmp_path, url, meddling)
    assert work(moving).exit_code == 0
    everyone_once(moving)
    with Journal.open(url) as journal:
        (worker,) = list_workers(journal)
    assert (worker.status, worker.batches) == (WorkerStatus.ENDED, ())
    outcomes = [run.outcome for run in migrate.status(journal=url).runs]
    assert outcomes == ["done", *["failed"] * len(at), "done"]


def test_a_bank_without_look_up_leaves_what_was_in_flight_to_a_person(
    tmp_path: Path, url: str, server: Server
) -> None:
    """No more than the requests in flight are quarantined; nothing is sent again."""
    meddling = Meddling(SonderSimulator(), server.end_sessions)
    moving = planned(tmp_path, url, meddling)
    summary = work(moving)
    assert summary.exit_code in (0, 2)
    assert settle(evolve(moving, target=meddling.bank)) <= 2
    work(moving)
    assert meddling.creates == len(NAMES)
    everyone_once(moving)


def starting(server: Server, time: FakeTime, after: float) -> Callable[..., Any]:
    """Return a sleep that starts the server once a worker has waited so long."""

    async def sleep(seconds: float) -> None:
        await time.async_sleep(seconds)
        if sum(time.slept) >= after and not server.is_running:
            server.start()

    return sleep


def test_a_worker_waits_for_a_server_that_restarts(
    tmp_path: Path, url: str, server: Server
) -> None:
    """It tries again after pauses that grow, and announces the long ones."""
    moving = planned(tmp_path, url, Meddling(BondSimulator(seed=1), server.stop))
    time, lines = FakeTime(), list[str]()
    timing = evolve(time.timing(), async_sleep=starting(server, time, 40))
    try:
        assert work(moving, timing, lines.append).exit_code == 0
    finally:
        server.start_again()
    assert lines
    assert lines[0].startswith("The connection to the journal's database was lost:")
    everyone_once(moving)


def test_the_patience_of_a_worker_ends(
    tmp_path: Path, url: str, server: Server
) -> None:
    """The error says how long it tried and what to do; the next worker moves the rest."""
    moving = planned(tmp_path, url, Meddling(BondSimulator(seed=1), server.stop))
    time = FakeTime()
    try:
        with pytest.raises(ConfigurationError, match="tried for 300 s: start") as error:
            work(moving, time.timing())
    finally:
        server.start_again()
    assert error.value.retryable
    assert sum(time.slept) == pytest.approx(PATIENCE, abs=1)
    moving.apply()  # it does not wait for the lease of the worker
    everyone_once(moving)


def test_a_worker_at_a_queue_reconnects_too(
    tmp_path: Path, url: str, server: Server
) -> None:
    """`run` does what is left of its batch after the database was lost."""
    meddling = Meddling(BondSimulator(seed=1), server.end_sessions)
    moving = planned(tmp_path, url, meddling)
    refs = migrate.batches(journal=url)
    source, target = moving.sides()

    async def run_queue() -> None:
        async with migrate.Worker(journal=url, source=source, target=target) as worker:
            for ref in refs:
                batch = await worker.run(ref)
                assert batch.stopped is None

    asyncio.run(run_queue())
    everyone_once(moving)


def test_a_plan_made_while_a_worker_was_cut_off_counts(
    tmp_path: Path, url: str, server: Server
) -> None:
    """After it has reconnected, the worker moves by the new plan."""
    moving = planned(tmp_path, url, Meddling(BondSimulator(seed=1), lambda: None))

    def plan_again() -> None:
        server.end_sessions()
        moving.plan(limit=5)

    moving.target.meddle = plan_again
    assert work(moving).exit_code == 0
    assert len(people(moving.target.bank)) <= len(NAMES)
    assert sorted(moving.crosswalk().values()) == sorted(people(moving.target.bank))
    assert migrate.check(journal=url).damages == ()
