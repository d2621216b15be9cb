"""Workers of Procrastinate at one migration: one is killed, and the bank's ledger counts.

The workers are processes of the documented example, and the journal and the queue are in a
real PostgreSQL. `make proof` runs them; the tests of `enqueue` run a worker in their own
process.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.harness import LEASE, Harness, harness
from tests.migrate.jobs import new_jobs_url
from tests.migrate.postgres import Server
from tests.proofs import PROFILE, PROOF

from anybank import migrate

pytestmark = pytest.mark.skipif(not PROOF, reason="`make proof` runs it: it takes long")

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
PROGRAM = ("procrastinate", "--app=procrastinate_app.app")
TARGETS = ("bond", "sonder") if PROFILE == "thorough" else ("bond",)
PATIENCE = 150.0
"""Seconds for the lease to end, the sweep of the next minute, and the rest."""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the key of the journal."""
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'key'}")
    return tmp_path


def start(opened: Harness, jobs_url: str) -> subprocess.Popen[Any]:
    """Start a worker of Procrastinate, which the harness ends."""
    with (opened.directory / "log").open("ab") as log:
        worker = subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, "-m", *PROGRAM, "worker"],
            env=environment(opened, jobs_url),
            stdout=log,
            stderr=log,
        )
    opened.workers.append(worker)
    return worker


def environment(opened: Harness, jobs_url: str) -> dict[str, str]:
    own = {
        "JOBS_URL": jobs_url,
        "LEASE": str(LEASE),
        "CONCURRENCY": "4",
        "PYTHONPATH": str(EXAMPLES),
    }
    return {**opened.environment(), **own}


def enqueue(opened: Harness, jobs_url: str) -> None:
    """Run the example as a script, after the plan."""
    subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, EXAMPLES / "procrastinate_app.py"],
        env=environment(opened, jobs_url),
        check=True,
    )


def wait_until_applied(opened: Harness) -> None:
    end = time.monotonic() + PATIENCE
    while migrate.batches(journal=opened.url):
        assert time.monotonic() < end, f"still waiting; {opened.log}"
        time.sleep(0.5)


@pytest.mark.parametrize("target", TARGETS)
def test_a_killed_worker_of_a_queue_is_replaced(
    server: Server, directory: Path, target: str
) -> None:
    """The periodic sweep enqueues its batch again, and nobody is lost or duplicated."""
    with harness(server, directory, target, 60) as opened:
        jobs_url = new_jobs_url(server)
        enqueue(opened, jobs_url)
        victim, other = start(opened, jobs_url), start(opened, jobs_url)
        opened.wait_for(10)
        opened.kill(victim)
        wait_until_applied(opened)
        other.terminate()
        assert other.wait(30) == 0, opened.log
        opened.workers.clear()
        opened.finish()
        opened.assert_everyone_once()
