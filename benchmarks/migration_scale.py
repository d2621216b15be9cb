"""A whole migration at several sizes: is its time linear and its memory constant?

    python -m benchmarks.migration_scale --customers 10000 50000 200000

Plan, apply and verify from Bond to Sonder with a durable journal. Each size runs in its own
process, whose peak memory is measured. The fake banks (see migration_banks) keep no state,
so any growth is anybank's. Also measures how soon a run resumes with a large journal.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from benchmarks.migration_banks import sides, source_id, supplement
from benchmarks.server import serving
from benchmarks.tables import Row, report
from benchmarks.timing import cpu, wall_of

from anybank import migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import RECORDS

FLAT = 1.25
"""The largest allowed ratio of memory, or of CPU time per customer."""

_GROUP = 10_000


@attrs.frozen
class Size:
    """The wall time, CPU time and peak memory (MB) of one size."""

    customers: int
    plan: float
    apply: float
    verify: float
    cpu: float
    peak: float

    @property
    def rows(self) -> list[Row]:
        """Wall time per thousand customers, and peak memory."""
        name = f"{self.customers} customers"
        steps = (self.plan, self.apply, self.verify)
        figures = " / ".join(f"{step / self.customers * 1e3:.1f}" for step in steps)
        return [
            Row(f"{name}, plan / apply / verify, s per 1000", figures),
            Row(f"{name}, peak memory", f"{self.peak:.0f} MB"),
        ]


def move(count: int, url: str) -> Size:
    """Move all customers in this process."""
    with tempfile.TemporaryDirectory() as directory:
        journal, both = Path(directory) / "move.db", sides(url)
        row = supplement(Path(directory) / "vault.csv", count)
        plan = partial(
            migrate.plan, supplement=row, accept_loss="all", accept_quality="all"
        )
        seconds = [
            wall_of(partial(work, journal=journal, **both))
            for work in (plan, migrate.apply, migrate.verify)
        ]
        verified = migrate.status(journal=journal).counts["verified"]
    if verified != count:
        raise SystemExit(f"{verified} of {count} were moved and verified")
    # ru_maxrss is in KiB on Linux, and in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Size(count, seconds[0], seconds[1], seconds[2], cpu=cpu(), peak=peak)


def measure_size(count: int) -> Size:
    """Measure one size in its own process."""
    with serving("benchmarks.migration_banks", str(count)) as url:
        # The peak of memory is that of a process, so that each size needs its own.
        command = [sys.executable, "-m", __spec__.name, "--move", str(count), url]
        process = subprocess.run(  # noqa: S603 # our own command
            command, check=True, stdout=subprocess.PIPE, text=True
        )
    size = Size(**json.loads(process.stdout))
    sys.stderr.write(f"{size}\n")
    return size


def compare(sizes: list[Size]) -> list[Row]:
    """Compare the largest size with the smallest."""
    small, large = sizes[0], sizes[-1]
    spent = large.cpu / large.customers, small.cpu / small.customers
    name = f"{large.customers} / {small.customers} customers"
    figure = f"{spent[0] * 1e3:.1f} ms"
    return [
        Row(f"{name}, CPU of each", figure, spent[0] / spent[1], FLAT),
        Row(f"{name}, memory", f"{large.peak:.0f} MB", large.peak / small.peak, FLAT),
    ]


def measure_resume(records: int) -> Row:
    """Measure how long the next apply takes until its first request."""
    with tempfile.TemporaryDirectory() as directory:
        journal = Path(directory) / "move.db"
        with Journal.create(journal, plan=1, planned=1) as created:
            for first in range(0, records, _GROUP):
                numbers = range(first, min(first + _GROUP, records))
                with created.transaction() as connection:
                    connection.execute(sa.insert(RECORDS), [*map(record, numbers)])
        seconds = wall_of(lambda: resume(journal))
    return Row(f"resuming a journal of {records} records", f"{seconds:.2f} s")


def record(number: int) -> dict[str, Any]:
    """Return a record as an interrupted apply leaves it."""
    # As after a kill in the middle: 33 records in flight, half of the others created.
    state = (State.CREATED, State.READY)[number % 2] if number > 32 else State.IN_FLIGHT
    promise = {f"field_{at}": f"{number:032x}" for at in range(16)}
    return {
        "number": number + 1,
        "source_id": source_id(number),
        "state": state,
        "seen": 1,
        "target_id": f"{number:032}" if state is State.CREATED else None,
        "source_print": f"{number:032x}",
        "request_print": f"{number:032x}",
        "promise": json.dumps(promise),
        "attempts": 0,
    }


def resume(path: Path) -> None:
    """Open a journal, recover it, count its records and read the first page to send."""
    with Journal.open_locked(path) as locked:
        locked.recover()
        locked.counts()
        next(locked.records({State.READY}))


def _parse(argv: list[str]) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    sizes = [10_000, 50_000, 200_000]
    parser.add_argument("--customers", type=int, nargs="+", default=sizes)
    parser.add_argument("--resume", type=int, default=1_000_000)
    parser.add_argument("--move", nargs=2)
    return parser.parse_known_args(argv)[0]


def main(argv: list[str]) -> None:
    """Run this benchmark, with the smallest size first."""
    arguments = _parse(argv)
    if arguments.move:
        count, url = arguments.move
        sys.stdout.write(json.dumps(attrs.asdict(move(int(count), url))))
        return
    sizes = [measure_size(count) for count in sorted(arguments.customers)]
    rows = [row for size in sizes for row in size.rows]
    report(
        "A whole migration",
        [*rows, *compare(sizes), measure_resume(arguments.resume)],
        argv,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
