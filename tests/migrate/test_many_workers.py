"""Many workers at one migration, and all that may befall them: the bank's ledger counts.

The workers are processes of `anybank migrate work`, the journal is in a real PostgreSQL,
and both banks are in a process that survives. `make proof` tries each fault with 2, 4 and 8
workers at a bank that can be searched and at one that cannot; PROFILE=short, of CI, has
one run at each bank with two workers: both are killed and one has a wrong clock; at Bond
one is frozen, at Sonder the database ends sessions and restarts. It leaves out the rest. `make test` leaves it to them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.harness import LEASE, Harness, harness
from tests.migrate.postgres import Server
from tests.proofs import PROFILE, PROOF

pytestmark = pytest.mark.skipif(not PROOF, reason="`make proof` runs it: it takes long")

LONG = PROFILE == "thorough"
TARGETS = ("bond", "sonder")
HOUR = 3600.0
ENDED_BY_SIGTERM = (143, 0, 2, -signal.SIGTERM)
"""It drained, it had just finished, or it had not begun: it was importing."""

Fault = Callable[[Harness, int], None]


def kills(harness: Harness, workers: int) -> None:
    """Kill one worker after another with SIGKILL, and start one in its place."""
    start = harness.witness.creates
    for at in range(1, min(workers, 4) + 1):
        harness.wait_for(start + at * harness.count // 8)
        if harness.running:
            harness.kill(harness.running[0])
            harness.start()


def freeze(harness: Harness, _: int) -> None:
    """Stop a worker for longer than its leases last, and let it continue."""
    harness.wait_for(harness.witness.creates + 4)
    frozen = harness.running[:1]
    for worker in frozen:
        worker.send_signal(signal.SIGSTOP)
    time.sleep(LEASE + 1)
    for worker in frozen:
        worker.send_signal(signal.SIGCONT)


def ended_sessions(harness: Harness, _: int) -> None:
    """End all sessions at the journal's server, twice."""
    for _ in range(2):
        harness.wait_for(harness.witness.creates + 4)
        harness.server.end_sessions()


def restart(harness: Harness, _: int) -> None:
    """Pull the plug of the journal's server, and start it some seconds later."""
    harness.wait_for(harness.witness.creates + 4)
    harness.server.stop()
    time.sleep(2)
    harness.server.start()


def polite_restart(harness: Harness, _: int) -> None:
    """Shut the journal's server down as an operator does, and start it again."""
    harness.wait_for(harness.witness.creates + 4)
    harness.server.stop("fast")
    harness.server.start()


def network_cuts(harness: Harness, _: int) -> None:
    """Break the connections to the journal for seconds, then let packets be lost."""
    for trouble in (harness.relay.cut, harness.relay.stalled):
        harness.wait_for(harness.witness.creates + 4)
        with trouble():
            time.sleep(3)


def stalls(harness: Harness, _: int) -> None:
    """Let no byte pass to the journal for longer than the leases last."""
    harness.wait_for(harness.witness.creates + 4)
    with harness.relay.stalled():
        time.sleep(LEASE + 2)


def wrong_clocks(harness: Harness, workers: int) -> None:
    """Kill workers while others have clocks that are an hour early and an hour late."""
    harness.start(clock=HOUR)
    harness.start(clock=-HOUR)
    kills(harness, workers)


def drains(harness: Harness, workers: int) -> None:
    """End workers with SIGTERM, and start others."""
    start = harness.witness.creates
    for at in range(1, min(workers, 4) + 1):
        harness.wait_for(start + at * harness.count // 8)
        if harness.running:
            worker = harness.running[0]
            worker.terminate()
            assert worker.wait(30) in ENDED_BY_SIGTERM, harness.log
            harness.workers.remove(worker)
            harness.start()


FAULTS: Sequence[Fault] = (
    kills,
    freeze,
    ended_sessions,
    restart,
    polite_restart,
    network_cuts,
    stalls,
    wrong_clocks,
    drains,
)


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """Return a bank that can be searched for a customer, and one that cannot."""
    return str(request.param)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the key of the journal."""
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'key'}")
    return tmp_path


def test_all_faults_in_one_run(server: Server, directory: Path, target: str) -> None:
    """Two workers are killed, frozen and cut off in turn, one with a wrong clock."""
    halves = {"bond": (freeze,), "sonder": (ended_sessions, restart)}
    faults = (ended_sessions, freeze, restart) if LONG else halves[target]
    with harness(server, directory, target, 48) as opened:
        opened.start()
        opened.start(clock=HOUR)
        for fault in (kills, *faults):
            if opened.running:
                fault(opened, 2)
        opened.finish()
        opened.assert_everyone_once()


@pytest.mark.skipif(not LONG, reason="a longer proof")
@pytest.mark.parametrize("workers", [2, 4, 8])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nobody_is_lost_or_duplicated(
    server: Server, directory: Path, target: str, fault: Fault, workers: int
) -> None:
    """Whatever happens to so many workers, the ledger has everyone exactly once."""
    with harness(server, directory, target, 40 + 20 * workers) as opened:
        for _ in range(workers):
            opened.start()
        fault(opened, workers)
        opened.finish()
        opened.assert_everyone_once()


@pytest.mark.skipif(not LONG, reason="a longer proof")
@pytest.mark.parametrize("workers", [2, 4])
def test_decisions_are_recorded_once_while_workers_die(
    server: Server, directory: Path, workers: int
) -> None:
    """Unit decides about half of the people at a time, and a worker dies each time."""
    with harness(server, directory, "unit", 24 * workers) as opened:
        for _ in range(workers):
            opened.start()
        kills(opened, workers)
        opened.finish()
        assert opened.counts["pending"] == opened.count
        while opened.counts["pending"]:
            opened.witness.ask("decide")
            for _ in range(workers):
                opened.start()
            opened.wait_for_state("created")
            opened.kill_one()
            opened.finish()
        opened.assert_everyone_once()


@pytest.mark.skipif(not LONG, reason="a longer proof")
@pytest.mark.parametrize("workers", [2, 4])
def test_a_rollback_by_workers_that_are_killed_deletes_everyone(
    server: Server, directory: Path, target: str, workers: int
) -> None:
    """Whoever dies or is cut off, nobody is left at the target."""
    with harness(server, directory, target, 60) as opened:
        opened.start()
        opened.finish()
        opened.assert_everyone_once()
        for _ in range(workers):
            opened.start("--rollback", "--yes", "--allow", "deletes")
        for trouble in (opened.server.end_sessions, opened.kill_one):
            time.sleep(3)
            trouble()
        opened.join()
        opened.roll_back()


@pytest.mark.skipif(not LONG, reason="a longer proof")
def test_a_worker_with_another_supplement_is_refused(
    server: Server, directory: Path
) -> None:
    """It sends nothing, and the workers that have the planned file go on."""
    with harness(server, directory, "sonder", 60) as opened:
        worker = opened.start()
        opened.wait_for(8)
        vault = directory / "vault.csv"
        planned = vault.with_name("planned.csv")
        os.link(vault, planned)
        other = vault.with_name("other.csv")
        other.write_text(vault.read_text().replace("9000", "9001"))
        other.replace(vault)
        stranger = opened.start()
        assert stranger.wait(60) == 1
        assert "vault.csv" in opened.log
        opened.workers.remove(stranger)
        planned.replace(vault)
        assert worker.wait(60) in (0, 2)
        opened.finish()
        opened.assert_everyone_once()


@pytest.mark.skipif(not LONG, reason="a longer proof")
def test_a_frozen_worker_wakes_up_under_another_plan(
    server: Server, directory: Path, target: str
) -> None:
    """It was cut off meanwhile, so it opens everything again and moves by the new plan."""
    with harness(server, directory, target, 60) as opened:
        worker = opened.start()
        opened.wait_for(8)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(LEASE)
        server.end_sessions()
        opened.plan(batch=7)
        opened.start()
        worker.send_signal(signal.SIGCONT)
        opened.finish()
        opened.assert_everyone_once()


@pytest.mark.skipif(not LONG, reason="a longer proof")
@pytest.mark.parametrize("workers", [3, 8])
def test_a_thaw_keeps_the_shared_rate_limit(
    server: Server, directory: Path, target: str, workers: int
) -> None:
    """No minute of the ledger has more requests than the limit, whoever froze or died."""
    limit = 300
    with harness(server, directory, target, 400, limit=limit) as opened:
        for _ in range(workers):
            opened.start()
        for at in (60, 150, 240):
            freeze_at(opened, at)
        opened.kill(opened.running[0])
        opened.start()
        opened.finish()
        opened.assert_everyone_once()
        arrivals = opened.witness.ask("report")["arrivals"]
    assert most_within(arrivals, 60) <= limit
    assert most_within(arrivals, 20) <= limit / 3 * 1.02


def freeze_at(harness: Harness, creates: int) -> None:
    harness.wait_for(creates)
    frozen: subprocess.Popen[Any] = harness.running[0]
    frozen.send_signal(signal.SIGSTOP)
    time.sleep(3)
    frozen.send_signal(signal.SIGCONT)


def most_within(arrivals: Sequence[float], seconds: float) -> int:
    """Return how many requests the busiest span of so many seconds has."""
    return max(
        bisect_left(arrivals, start + seconds) - at for at, start in enumerate(arrivals)
    )
