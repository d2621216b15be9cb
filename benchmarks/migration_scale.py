"""A whole migration at several sizes: is its time linear, and its memory flat?

    python -m benchmarks.migration_scale --customers 10000 50000 200000

Bond to Sonder, journal durable: plan, apply and verify, each size in a process of its own
whose peak of memory is told. The banks that are served (see migration_banks) remember
nothing, so what grows is ours. Besides, how soon a run goes on with a journal of many rows.
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
from benchmarks.measuring import cpu, wall_of
from benchmarks.migration_banks import sides, source_id, supplement
from benchmarks.server import serving
from benchmarks.tables import Row, report

from anybank import migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import RECORDS

FLAT = 1.25
"""How much more memory, or time for each customer, the largest size may take."""

_GROUP = 10_000


@attrs.frozen
class Moved:
    """What one size took: seconds, CPU of them, and MB at the peak."""

    customers: int
    plan: float
    apply: float
    verify: float
    cpu: float
    peak: float

    @property
    def rows(self) -> list[Row]:
        """Seconds by the clock for a thousand, and memory."""
        name = f"{self.customers} customers"
        steps = (self.plan, self.apply, self.verify)
        each = " / ".join(f"{step / self.customers * 1e3:.1f}" for step in steps)
        return [
            Row(f"{name}, plan / apply / verify, s per 1000", each),
            Row(f"{name}, peak of memory", f"{self.peak:.0f} MB"),
        ]


def move(count: int, url: str) -> Moved:
    """Move everyone, in this process."""
    with tempfile.TemporaryDirectory() as kept:
        journal, both = Path(kept) / "move.db", sides(url)
        row = supplement(Path(kept) / "vault.csv", count)
        plan = partial(migrate.plan, supplement=row, accept_loss="all")
        took = [
            wall_of(partial(work, journal=journal, **both))
            for work in (plan, migrate.apply, migrate.verify)
        ]
        verified = migrate.status(journal=journal).counts["verified"]
    if verified != count:
        raise SystemExit(f"{verified} of {count} were moved and verified")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Moved(count, took[0], took[1], took[2], cpu=cpu(), peak=peak)


def moved(count: int) -> Moved:
    """Return what one size took, in a process of its own."""
    with serving("benchmarks.migration_banks", str(count)) as url:
        command = [sys.executable, "-m", __spec__.name, "--move", str(count), url]
        done = subprocess.run(  # noqa: S603 # ourselves
            command, check=True, stdout=subprocess.PIPE, text=True
        )
    found = Moved(**json.loads(done.stdout))
    sys.stderr.write(f"{found}\n")
    return found


def compared(sizes: list[Moved]) -> list[Row]:
    """Compare the largest size with the smallest."""
    small, large = sizes[0], sizes[-1]
    spent = large.cpu / large.customers, small.cpu / small.customers
    name = f"{large.customers} / {small.customers} customers"
    each = f"{spent[0] * 1e3:.1f} ms"
    return [
        Row(f"{name}, CPU of each", each, spent[0] / spent[1], FLAT),
        Row(f"{name}, memory", f"{large.peak:.0f} MB", large.peak / small.peak, FLAT),
    ]


def resumed(records: int) -> Row:
    """Measure what the next apply does before its first request."""
    with tempfile.TemporaryDirectory() as kept:
        journal = Path(kept) / "move.db"
        with Journal.create(journal, plan=1, planned=1) as made:
            for first in range(0, records, _GROUP):
                numbers = range(first, min(first + _GROUP, records))
                with made.transaction() as connection:
                    connection.execute(sa.insert(RECORDS), [*map(record, numbers)])
        took = wall_of(lambda: resume(journal))
    return Row(f"going on with a journal of {records} records", f"{took:.2f} s")


def record(number: int) -> dict[str, Any]:
    """Return a row as an apply leaves it that was killed halfway."""
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
    with Journal.open_locked(path) as opened:
        opened.recover()
        opened.counts()
        next(opened.records({State.READY}))


def _given(argv: list[str]) -> Namespace:
    parser = ArgumentParser(description=__doc__)
    sizes = [10_000, 50_000, 200_000]
    parser.add_argument("--customers", type=int, nargs="+", default=sizes)
    parser.add_argument("--resume", type=int, default=1_000_000)
    parser.add_argument("--move", nargs=2)
    return parser.parse_known_args(argv)[0]


def main(argv: list[str]) -> None:
    """Measure each size, smallest first, and report."""
    given = _given(argv)
    if given.move:
        count, url = given.move
        sys.stdout.write(json.dumps(attrs.asdict(move(int(count), url))))
        return
    sizes = [moved(count) for count in sorted(given.customers)]
    rows = [row for size in sizes for row in size.rows]
    report("A whole migration", [*rows, *compared(sizes), resumed(given.resume)], argv)


if __name__ == "__main__":
    main(sys.argv[1:])
