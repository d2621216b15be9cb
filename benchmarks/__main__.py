"""Run every benchmark: print tables, and write `benchmarks.json` and `benchmarks.svg`.

With `--docs`, also update the table in docs/benchmarks.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import (
    calls,
    imports,
    mapping,
    migration_apply,
    migration_scale,
    migration_workers,
    overhead,
    rate_limit,
    supplement,
)
from benchmarks.plots import svg

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
MARK = "<!-- the table, written by `python -m benchmarks --docs` -->\n"
PARTS = (
    calls,
    overhead,
    mapping,
    rate_limit,
    imports,
    migration_apply,
    migration_scale,
    migration_workers,
    supplement,
)
SHORT = ["--customers", "500", "2000", "--resume", "100000", "--rounds", "1"]
"""Sizes of migrations that take a few minutes."""


def run_all() -> list[dict[str, Any]]:
    """Run all benchmarks and return their rows."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rows.json"
        for part in PARTS:
            part.main([*SHORT, "--json", str(path)])
            rows += json.loads(path.read_text("utf-8"))["rows"]
    return rows


def _markdown(rows: list[dict[str, Any]]) -> str:
    lines = ["| | Measured | Ratio | Target | |", "| --- | ---: | ---: | --- | --- |"]
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        met = {True: "met", False: "missed", None: ""}[row["met"]]
        cells = (row["what"], str(row["value"]), ratio, row["target"] or "", met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> None:
    """Run all benchmarks and write the results."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args(argv)
    rows, today = run_all(), datetime.now(UTC).date()
    Path("benchmarks.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    Path("benchmarks.svg").write_text(svg(rows), "utf-8")
    if arguments.docs:
        # Everything after the mark is replaced; what stands before it is prose.
        introduction = DOCS.read_text("utf-8").partition(MARK)[0]
        table = f"{MARK}\nMeasured on {today}.\n\n{_markdown(rows)}"
        DOCS.write_text(introduction + table, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
