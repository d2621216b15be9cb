"""The supplement of a large migration: how soon does a worker have it open?

    python -m benchmarks.supplement --rows 1000000

The plan validates each row. A worker only compares the checksum and indexes the rows, in a
temporary file, so its memory does not grow with them. Each measurement runs in its own
process.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

import attrs
from benchmarks.tables import Row, report
from benchmarks.timing import cpu

from anybank.migrate.certify.file_layout import Layout
from anybank.migrate.certify.supplement import Supplement

FLAT = 1.25
"""The largest allowed ratio of memory for ten times the rows."""
CHEAP = 0.3
"""The largest allowed ratio of what a worker and what the plan spends on a row."""


@attrs.frozen
class Opening:
    """The CPU time (s) and peak memory (MB) of a process that opens a supplement."""

    cpu: float
    peak: float


def write(path: Path, rows: int) -> str:
    """Write a supplement of invented people, and return its checksum."""
    with path.open("w", encoding="utf-8") as file:
        file.write("source_id,ssn,document_locator_number,middle_name\n")
        for at in range(rows):
            ssn = f"912-{at // 10_000 % 90 + 10}-{at % 10_000:04}"
            file.write(f"{at:08x}-0000-4000-8000-{at:012x},{ssn},{at + 1},May\n")
    with path.open("rb") as written:
        return hashlib.file_digest(written, "sha256").hexdigest()


def open_here(path: Path, checksum: str) -> Opening:
    """Open a supplement in this process: without a checksum, as the plan does."""
    before = cpu()
    with (
        Supplement.reopen(path, Layout(), checksum)
        if checksum
        else Supplement.read(path)
    ):
        used = cpu() - before
    # ru_maxrss is in KiB on Linux, and in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Opening(used, peak)


def open_apart(path: Path, checksum: str = "") -> Opening:
    """Open a supplement in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--open", str(path)]
    ran = subprocess.run(  # noqa: S603  # our own module
        [*command, "--checksum", checksum], capture_output=True, text=True, check=True
    )
    return Opening(**json.loads(ran.stdout))


def measure(rows: int) -> list[Row]:
    """Compare a worker with the plan, and many rows with a tenth of them."""
    few = rows // 10
    with tempfile.TemporaryDirectory() as directory:
        small, large = Path(directory) / "small.csv", Path(directory) / "large.csv"
        checksums = write(small, few), write(large, rows)
        plan = open_apart(small)
        tenth = open_apart(small, checksums[0])
        worker = open_apart(large, checksums[1])
    each = worker.cpu / rows * 1e6
    return [
        Row(f"plan: {few} rows, CPU of each", f"{plan.cpu / few * 1e6:.1f} us"),
        Row(
            f"worker: {rows} rows, CPU of each / plan",
            f"{each:.1f} us",
            each / (plan.cpu / few * 1e6),
            CHEAP,
        ),
        Row(f"worker: {rows} rows", f"CPU {worker.cpu:.1f} s"),
        Row(
            f"worker: {rows} / {few} rows, memory",
            f"{worker.peak:.0f} MB",
            worker.peak / tenth.peak,
            FLAT,
        ),
    ]


def main(argv: list[str]) -> None:
    """Measure, or open one supplement and print what it needed."""
    parser = ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--open", type=Path)
    parser.add_argument("--checksum", default="")
    arguments, _ = parser.parse_known_args(argv)
    if arguments.open:
        opening = open_here(arguments.open, arguments.checksum)
        sys.stdout.write(json.dumps(attrs.asdict(opening)))
    else:
        report("A supplement", measure(arguments.rows), argv)


if __name__ == "__main__":
    main(sys.argv[1:])
