"""Workers over one journal in PostgreSQL, compared with migrations that share nothing.

    python -m benchmarks.migration_workers --customers 1000 --rounds 2

Each contender moves the same number of customers per process, 16 in flight in each, from
Bond to Sonder with a latency of 100 ms. The banks are in another process, and PostgreSQL
has its default settings, with fsync. The ideal is two `apply`, each with a journal of its
own. Also measures what a customer costs the database, and a claim among many batches.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import attrs
import sqlalchemy as sa
from benchmarks.migration_banks import sides, source_id, supplement
from benchmarks.server import serving
from benchmarks.tables import Row, report
from benchmarks.timing import wall_of
from tests.migrate.postgres import Server, running

from anybank import migrate
from anybank.migrate.journal.batch_claims import BatchTask, claim_batch
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import BATCHES, RECORDS

IN_FLIGHT = 16
LATENCY = 0.1
BATCH = 50
"""With the 200 of the default, the end of so short a run, when a worker has the last batch
and the others have none, would weigh more than in a run of thousands of batches."""
OPEN_BATCHES = 50_000
CLAIMS = 100
LEAST = 0.9
"""The least share of the ideal that two workers reach."""
SETTINGS = ("shared_preload_libraries=pg_stat_statements",)
"""The server counts its statements with this module of its own."""

_GROUP = 10_000
_CALLS = """
SELECT sum(calls) AS statements, sum(calls) FILTER (WHERE query = 'COMMIT') AS commits
FROM pg_stat_statements
"""
_CLAIM = """
SELECT mean_exec_time FROM pg_stat_statements WHERE query LIKE '%%SKIP LOCKED'
"""
_WAL = "SELECT pg_current_wal_lsn() - '0/0'"
_SIZE = """
SELECT sum(pg_total_relation_size(pg_class.oid)) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = '{}' AND relkind = 'r'
"""
_UPDATES = """
SELECT relname, n_tup_hot_upd * 1.0 / n_tup_upd AS share FROM pg_stat_user_tables
WHERE schemaname = '{}' AND n_tup_upd > 0 ORDER BY n_tup_upd DESC LIMIT 4
"""


@attrs.frozen
class Contender:
    """Processes that move customers at the same time, by `apply` or `work`."""

    name: str
    command: str
    processes: int
    journals: int = 1


APPLY = Contender("one apply", "apply", 1)
IDEAL = Contender("two apply that share nothing", "apply", 2, journals=2)
WORKERS = tuple(
    Contender(f"{count} worker{'s' if count > 1 else ''}", "work", count)
    for count in (1, 2, 4)
)


@attrs.frozen
class Load:
    """What one customer costs the database while two workers move them."""

    statements: float
    commits: float
    wal: float
    planned: float
    moved: float
    in_place: Mapping[str, float]
    """By table: the share of its updates that stay in their page."""

    @property
    def rows(self) -> Iterator[Row]:
        """The load as rows of a table."""
        calls = f"{self.statements:.1f} / {self.commits:.2f}"
        yield Row("statements / commits of a customer", calls)
        yield Row("WAL of a customer", f"{self.wal / 1e3:.1f} kB")
        sizes = f"{self.planned / 1e3:.1f} / {self.moved / 1e3:.1f} kB"
        yield Row("journal of a customer, planned / moved", sizes)
        for table, share in self.in_place.items():
            yield Row(f"updates of {table} in place", f"{share:.0%}")


@attrs.frozen
class Bench:
    """The server of the journals, and the banks."""

    server: Server
    banks: str
    directory: Path
    customers: int

    def plans(self, contender: Contender) -> list[str]:
        """Return the URLs of new journals with a plan for each process of a contender."""
        count = self.customers * contender.processes // contender.journals
        return [self._plan(count) for _ in range(contender.journals)]

    def _plan(self, count: int) -> str:
        url = self.server.new_url()
        migrate.plan(
            **sides(self.banks),
            journal=url,
            supplement=supplement(self.directory / f"{count}.csv", count),
            accept_loss="all",
            accept_quality="all",
            limit=count,
            batch=BATCH,
        )
        return url

    def rate(self, contender: Contender, urls: Sequence[str]) -> float:
        """Move all planned customers; return how many a second."""
        children = [
            self._start(contender.command, urls[at % len(urls)])
            for at in range(contender.processes)
        ]
        for child in children:  # all are ready before the first one begins
            if not child.stdout or not child.stdout.readline():
                raise SystemExit("a process of the benchmark has ended")
        started = datetime.now(UTC)
        for child in children:
            if child.stdin:
                child.stdin.write("\n")
                child.stdin.flush()
        for child in children:
            child.communicate()
        counts = [self._moved(url) for url in urls]
        if sum(counts) != self.customers * contender.processes:
            raise SystemExit(f"only {counts} customers were moved")
        ended = max(map(self._last_create, urls))
        return sum(counts) / (ended - started).total_seconds()

    def _start(self, command: str, url: str) -> subprocess.Popen[str]:
        words = (sys.executable, "-m", __spec__.name, "--move", command, url)
        return subprocess.Popen(  # noqa: S603 # our own command
            [*words, self.banks],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _last_create(self, url: str) -> datetime:
        last = "SELECT max(at) FROM {}.events WHERE state = 'created'"
        return datetime.fromisoformat(str(self._sql(last, url)[0][0]))

    def _moved(self, url: str) -> int:
        return int(migrate.status(journal=url).counts[State.CREATED])

    def _sql(self, statement: str, url: str) -> Sequence[Any]:
        return self.server.sql(statement.format(url.rpartition("=")[2]))

    def load(self, contender: Contender) -> Load:
        """Return what each customer of a contender costs the database."""
        count = self.customers * contender.processes
        (url,) = self.plans(contender)
        planned, wal = self._number(_SIZE, url), self._number(_WAL, url)
        self.server.sql("SELECT pg_stat_statements_reset()")
        self.rate(contender, [url])
        calls = self._sql(_CALLS, url)[0]
        return Load(
            statements=float(calls.statements) / count,
            commits=float(calls.commits) / count,
            wal=(self._number(_WAL, url) - wal) / count,
            planned=planned / count,
            moved=self._number(_SIZE, url) / count,
            in_place={row.relname: row.share for row in self._sql(_UPDATES, url)},
        )

    def _number(self, statement: str, url: str) -> float:
        return float(self._sql(statement, url)[0][0])

    def claim(self) -> Row:
        """Measure a claim among open batches of one record each, after as many are done."""
        with Journal.create(self.server.new_url(), plan=1, planned=1) as journal:
            for first in range(1, 2 * OPEN_BATCHES + 1, _GROUP):
                numbers = range(first, first + _GROUP)
                with journal.transaction() as connection:
                    connection.execute(sa.insert(RECORDS), [*map(_record, numbers)])
                    connection.execute(sa.insert(BATCHES), [*map(_batch, numbers)])
            done = sa.update(BATCHES).where(BATCHES.c.first <= OPEN_BATCHES)
            with journal.transaction() as connection:
                connection.execute(done.values(task=None))
            self.server.sql("ANALYZE")
            self.server.sql("SELECT pg_stat_statements_reset()")
            with journal.locked(shared=True):
                times = [wall_of(lambda: _claim(journal)) for _ in range(CLAIMS)]
        query = float(str(self.server.sql(_CLAIM)[0][0]))
        name = f"a claim among {OPEN_BATCHES} open batches, its query / with its commit"
        return Row(name, f"{query:.2f} / {median(times) * 1e3:.1f} ms")


def _record(number: int) -> dict[str, Any]:
    state = State.READY
    known = {"source_id": source_id(number), "seen": 1, "attempts": 0}
    return {"number": number, "state": state, **known}


def _batch(number: int) -> dict[str, Any]:
    return {"first": number, "last": number, "token": 0, "task": BatchTask.APPLY}


def _claim(journal: Journal) -> None:
    if not claim_batch(journal, BatchTask.APPLY, timeout=10, clock=monotonic):
        raise SystemExit("there was no batch to claim")


def move(command: str, url: str, banks: str) -> None:
    """Move the customers of a plan in this process, once the parent says so."""
    both = sides(banks)
    _ = both["source"].adapter, both["target"].adapter  # loads them
    run = migrate.work if command == "work" else migrate.apply
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    run(journal=url, concurrency=IN_FLIGHT, **both)


def compare(bench: Bench, rounds: int) -> Iterator[Row]:
    """Let all contenders take turns; yield the median of each as a row."""
    rates: dict[Contender, list[float]] = {
        contender: [] for contender in (APPLY, IDEAL, *WORKERS)
    }
    for _ in range(rounds):
        for contender, measured in rates.items():
            rate = bench.rate(contender, bench.plans(contender))
            measured.append(rate)
            sys.stderr.write(f"{contender.name}: {rate:.0f}/s\n")
    best = {contender: median(measured) for contender, measured in rates.items()}
    yield Row(APPLY.name, f"{best[APPLY]:.0f}/s")
    yield Row(IDEAL.name, f"{best[IDEAL]:.0f}/s")
    one, two, four = WORKERS
    shown = f"{best[one]:.0f}/s"
    yield Row(f"{one.name} / {APPLY.name}", shown, best[one] / best[APPLY])
    shown, ratio = f"{best[two]:.0f}/s", best[two] / best[IDEAL]
    yield Row(f"{two.name} / {IDEAL.name}", shown, ratio, LEAST, least=True)
    shown = f"{best[four]:.0f}/s"
    yield Row(f"{four.name} / {APPLY.name}", shown, best[four] / best[APPLY])


def _parse(argv: list[str]) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--move", nargs=3)
    return parser.parse_known_args(argv)[0]


def main(argv: list[str]) -> None:
    """Run this benchmark; the first number of customers is that of each process."""
    arguments = _parse(argv)
    if arguments.move:
        move(*arguments.move)
        return
    count = arguments.customers[0]
    with (
        tempfile.TemporaryDirectory() as name,
        running(SETTINGS) as server,
        serving("benchmarks.migration_banks", "1000000", str(LATENCY)) as banks,
    ):
        directory = Path(name)
        os.environ["ANYBANK_JOURNAL_KEY"] = f"file:{directory / 'key'}"
        server.sql("CREATE EXTENSION pg_stat_statements")
        bench = Bench(server, banks, directory, count)
        rows = [
            *compare(bench, arguments.rounds),
            *bench.load(WORKERS[1]).rows,
            bench.claim(),
        ]
        report("Workers over one journal", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
