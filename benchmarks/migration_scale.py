"""A whole migration at several sizes: is its time linear, and its memory flat?

    python benchmarks/migration_scale.py --customers 10000 50000 200000

Bond to Sonder, plan, apply and verify, journal durable. Both simulators are served over
loopback by another process, and each size is moved by a process of its own, whose peak of
memory is told. Prints a table, and writes JSON where `--json` says.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anybank import migrate
from anybank.migrate.journal import Journal
from anybank.migrate.states import State
from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

_KINDS = {"bond": BondSimulator, "sonder": SonderSimulator}
_COLUMNS = ("customers", "plan_s", "apply_s", "verify_s", "per_second", "peak_mb")
_SHOWN = (*_COLUMNS, "resume_s")


def seeded(count: int, supplement: Path) -> dict[str, Any]:
    """Return both banks, the source with so many people, and write what it masks."""
    bond, sonder = BondSimulator(), SonderSimulator(duplicate_ssn="accept")
    with supplement.open("w") as file:
        file.write("source_id,ssn,document_locator_number\n")
        for at in range(count):
            ssn = (
                f"{100 + at // 1_000_000}-{at // 10_000 % 99 + 1:02}-{at % 9999 + 1:04}"
            )
            known = bond.seed_customer(first_name="Ada", middle_name="May", ssn=ssn)
            file.write(f"{known},{ssn},{900_000 + at}\n")
    return {"bond": bond, "sonder": sonder}


def serve_until_told(count: int, supplement: Path) -> None:
    """Serve both banks until the input ends."""
    with serve(seeded(count, supplement)) as running:
        sys.stdout.write(json.dumps(dict(running.urls)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a piece of work takes."""
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 3)


def move(count: int, directory: Path) -> Mapping[str, float]:
    """Move everyone, in this process, and return what it took."""
    journal, vault = directory / "move.db", directory / "vault.csv"
    plan = timed(
        lambda: migrate.plan(
            "bond", "sonder", journal=journal, supplement=vault, accept_loss="all"
        )
    )
    apply = timed(lambda: migrate.apply(journal=journal))
    verify = timed(lambda: migrate.verify(journal=journal))
    verified = migrate.status(journal=journal).counts["verified"]
    if verified != count:
        raise SystemExit(f"{verified} of {count} were moved and verified")
    return {
        "customers": count,
        "plan_s": plan,
        "apply_s": apply,
        "verify_s": verify,
        "per_second": round(count / apply, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "resume_s": timed(lambda: resume(journal)),
    }


def resume(journal: Path) -> None:
    """Do what the next apply does before its first request."""
    with Journal.held(journal) as opened:
        opened.recover()
        opened.counts()
        next(opened.records({State.READY}), None)


@contextmanager
def banks(count: int, supplement: Path) -> Iterator[dict[str, str]]:
    """Serve both banks from another process, and give the environment to reach them."""
    command = [sys.executable, __file__, "--serve", str(count), str(supplement)]
    with subprocess.Popen(  # noqa: S603  # our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdout is None or server.stdin is None:
            raise RuntimeError(command)
        yield environment(json.loads(server.stdout.readline()))
        server.stdin.close()


def environment(urls: Mapping[str, str]) -> dict[str, str]:
    """Return what a process needs to find both banks, with no limit of calls."""
    given = {**os.environ}
    for name, kind in _KINDS.items():
        options = {"base_url": urls[name], "rate_limit": "none", **kind.credentials}
        for option, value in options.items():
            given[f"ANYBANK_{name}_{option}".upper()] = value
    return given


def measured(count: int) -> Mapping[str, float]:
    """Return what one size took, in a process of its own."""
    with tempfile.TemporaryDirectory() as made:
        with banks(count, Path(made) / "vault.csv") as given:
            command = [sys.executable, __file__, "--move", str(count), made]
            done = subprocess.run(  # noqa: S603  # our own interpreter
                command, env=given, check=True, stdout=subprocess.PIPE, text=True
            )
        found: Mapping[str, float] = json.loads(done.stdout)
        return found


def row(cells: Sequence[object]) -> None:
    """Write a row of the table."""
    sys.stdout.write("".join(f"{cell!s:>12}" for cell in cells) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure each size, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[1000, 5000, 20000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--move", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve_until_told(int(given.serve[0]), Path(given.serve[1]))
    if given.move:
        found = move(int(given.move[0]), Path(given.move[1]))
        sys.stdout.write(json.dumps(found))
        return None
    row(_SHOWN)
    results = []
    for count in sorted(given.customers):
        results.append(measured(count))
        row([results[-1][name] for name in _SHOWN])
    if given.json:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        given.json.write_text(json.dumps({"when": when, "sizes": results}, indent=2))
    return None


if __name__ == "__main__":
    main()
