"""Real workers, a real PostgreSQL and two banks in a process of their own, to break them.

Each worker is `anybank migrate work`, as a user starts it.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from attrs import define, field

from anybank import migrate
from anybank.migrate import Side
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

from .postgres import Server
from .relay import Relay, relaying

TIMEOUT = 1.0
"""Seconds that each phase of a request may take."""
LEASE = 5.0
"""Seconds after its last write until another worker takes over a batch."""
LATENCY = 0.05
_PATIENCE = 90.0
"""Seconds after which a harness gives up, and a proof fails."""
_ROOT = Path(__file__).parents[2]
_SIMULATORS = {
    "bond": BondSimulator,
    "sonder": SonderSimulator,
    "unit": UnitSimulator,
}
_ENDED_WELL = (0, 2, 75)
"""Done; done, but a person must look; a bank or the journal was away for too long."""


@define
class Witness:
    """Both banks, in another process."""

    process: subprocess.Popen[str]
    urls: Mapping[str, str]

    @classmethod
    def start(cls, target: str, count: int, directory: Path, latency: float) -> Self:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.migrate.witness"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        order = {
            "target": target,
            "count": count,
            "directory": str(directory),
            "latency": latency,
        }
        witness = cls(process, {})
        witness.urls = witness.ask(json.dumps(order))
        return witness

    def ask(self, question: str) -> dict[str, Any]:
        """Ask for `count` (of creates), for the whole `report`, or let Unit `decide`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    @property
    def creates(self) -> int:
        """How many creates the target has executed."""
        return int(self.ask("count")["creates"])

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


@define
class Harness:
    """A planned migration, its banks, and the workers that were started."""

    server: Server
    directory: Path
    url: str
    target: str
    count: int
    witness: Witness
    relay: Relay
    limit: int | None = None
    workers: list[subprocess.Popen[bytes]] = field(factory=list)

    @property
    def source(self) -> str:
        return "bond" if self.target == "sonder" else "sonder"

    @property
    def has_look_up(self) -> bool:
        """Bond and Unit store our reference and list their customers; Sonder does neither."""
        return self.target != "sonder"

    def plan(self, **changes: Any) -> None:
        vault, ids = self.directory / "vault.csv", self.directory / "ids.txt"
        more: dict[str, Any] = {
            "supplement": vault if vault.exists() else None,
            "ids": ids if ids.exists() else None,
            "accept_loss": "all",
            "batch": 4,
            **changes,
        }
        migrate.plan(*self.sides(), journal=self.url, **more)

    def sides(self) -> tuple[Side, Side]:
        return self._side("source", self.source), self._side("target", self.target)

    def _side(self, role: str, name: str) -> Side:
        options = {"base_url": self.witness.urls[role], "timeout": TIMEOUT}
        limit = self.limit if role == "target" else None
        credentials = _SIMULATORS[name].credentials
        return Side(name, {**options, "rate_limit": limit, **credentials})

    def start(self, *arguments: str, clock: float = 0.0, concurrency: int = 4) -> Any:
        """Start a worker; its clock may be wrong by some seconds."""
        script = _ROOT / "tests/migrate/wrong_clock.py"
        program = [str(script), str(clock)] if clock else ["-m", "anybank"]
        words = ("migrate", "work", "--journal", "env:JOURNAL_URL", "--lease")
        sizes = (str(LEASE), "--concurrency", str(concurrency))
        with (self.directory / "log").open("ab") as log:
            worker = subprocess.Popen(  # noqa: S603  # our own interpreter
                [sys.executable, *program, *words, *sizes, *arguments],
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        self.workers.append(worker)
        return worker

    def environment(self) -> dict[str, str]:
        """Return what a worker needs to find the journal and both banks."""
        ports = f":{self.server.port}/", f":{self.relay.port}/"
        environment = {**os.environ, "JOURNAL_URL": self.url.replace(*ports)}
        for role, provider in (("source", self.source), ("target", self.target)):
            prefix = f"ANYBANK_{provider.upper()}"
            limit = self.limit if role == "target" else None
            environment[f"{prefix}_BASE_URL"] = self.witness.urls[role]
            environment[f"{prefix}_TIMEOUT"] = str(TIMEOUT)
            environment[f"{prefix}_RATE_LIMIT"] = str(limit or "none")
            for option, value in _SIMULATORS[provider].credentials.items():
                environment[f"{prefix}_{option.upper()}"] = value
        return environment

    def wait_for(self, creates: int) -> None:
        """Wait until the target has executed so many creates."""
        self._wait(lambda: self.witness.creates >= creates or not self.running)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many records of the journal are in each state."""
        return migrate.status(journal=self.url).counts

    def wait_for_state(self, state: str) -> None:
        """Wait until another record has the state."""
        before = self.counts[state]
        self._wait(lambda: self.counts[state] > before or not self.running)

    def _wait(self, is_over: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not is_over():
            assert time.monotonic() < end, f"still waiting; {self.log}"
            time.sleep(0.05)

    @property
    def running(self) -> list[subprocess.Popen[bytes]]:
        return [worker for worker in self.workers if worker.poll() is None]

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)

    def kill_one(self) -> None:
        """Kill the first worker that is running."""
        for worker in self.running[:1]:
            self.kill(worker)

    def join(self) -> Sequence[int]:
        """Wait until all workers have ended; return their exit codes."""
        self._wait(lambda: not self.running)
        codes = [worker.returncode for worker in self.workers]
        self.workers.clear()
        return codes

    def finish(self) -> None:
        """Let workers do what is left, and a person decide what no bank can show."""
        for code in self.join():
            assert code in (*_ENDED_WELL, -signal.SIGKILL), self.log
        for _ in range(6):
            self.start()
            (code,) = self.join()
            assert code in _ENDED_WELL, self.log
            if not self._settle() and code != 75:  # try again
                return
        raise AssertionError(self.log)

    def _settle(self) -> int:
        """Do what a report asks of a person: look at the target, and record it."""
        report = self.witness.ask("report")
        there: dict[str, list[str]] = {}
        for identifier, name in report["target"].items():
            there.setdefault(name, []).append(identifier)
        states = {State.QUARANTINED, State.AMBIGUOUS}
        with Journal.open(self.url) as journal:
            waiting = [record.source_id for record in journal.records(states)]
        for source_id in waiting:
            found = there.get(report["source"][source_id], [])
            assert len(found) < 2, "created twice"
            decision: Any = {"exists": found[0]} if found else {"absent": True}
            migrate.resolve(
                journal=self.url,
                target=self.sides()[1],
                source_id=source_id,
                **decision,
            )
        assert not (self.has_look_up and waiting), "a look-up left it to a person"
        return len(waiting)

    def assert_everyone_once(self) -> None:
        """Assert by the ledger that nobody is lost or duplicated, and check the journal."""
        report = self.witness.ask("report")
        names = Counter(report["target"].values())
        duplicated = sum(count - 1 for count in names.values())
        lost = len(set(report["source"].values()) - set(names))
        assert (duplicated, lost) == (0, 0), self.log
        assert report["creates"] == self.count
        path = self.directory / "crosswalk.csv"
        migrate.crosswalk(journal=self.url, csv=path)
        with path.open() as file:
            pairs = {row["source_id"]: row["target_id"] for row in csv.DictReader(file)}
        moved = {ours: report["target"][theirs] for ours, theirs in pairs.items()}
        assert moved == report["source"]
        self.assert_intact()

    def roll_back(self) -> None:
        """Let workers delete what is left, and assert by the ledger that nobody is left."""
        for _ in range(6):
            self.start("--rollback", "--yes", "--allow", "deletes")
            if self.join() == [0]:
                break
        assert self.witness.ask("report")["target"] == {}, self.log
        self.assert_intact()

    def assert_intact(self) -> None:
        """Run `anybank migrate check`, as a user does."""
        command = ("-m", "anybank", "migrate", "check", "--journal", "env:JOURNAL_URL")
        checked = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, *command],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def close(self) -> None:
        for worker in self.running:
            worker.send_signal(signal.SIGKILL)  # also one that is stopped
            worker.wait(10)
        self.witness.close()


@contextmanager
def harness(
    server: Server,
    directory: Path,
    target: str,
    count: int,
    *,
    limit: int | None = None,
    latency: float = LATENCY,
) -> Iterator[Harness]:
    """Plan a migration of *count* people to a target, and end all that it starts."""
    witness = Witness.start(target, count, directory, latency)
    with relaying(server.port) as relay:
        url = server.new_url()
        opened = Harness(server, directory, url, target, count, witness, relay, limit)
        try:
            opened.plan()
            yield opened
        finally:
            opened.close()
