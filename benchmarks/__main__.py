"""Run every benchmark: tables on the screen, `benchmarks.json` and `benchmarks.svg`.

With `--docs`, the table in docs/benchmarks.md is written anew.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import calls, imports, mapping, pacing
from benchmarks.plots import svg

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs" / "benchmarks.md"
MARK = "<!-- the table, written by `python -m benchmarks --docs` -->\n"
MIGRATIONS = {
    "migration_apply.py": [],
    "migration_scale.py": ["--customers", "500", "1000"],
}
"""The scripts about migrations, with what makes them short."""


def found() -> list[dict[str, Any]]:
    """Run all, and return the rows of those that keep to the form of tables."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as kept:
        written = Path(kept) / "rows.json"
        for part in (calls, mapping, pacing, imports):
            part.main(["--json", str(written)])
            rows += json.loads(written.read_text("utf-8"))["rows"]
        for name, arguments in MIGRATIONS.items():
            rows += _of_script(HERE / name, [*arguments, "--json", str(written)])
    return rows


def _of_script(script: Path, arguments: list[str]) -> list[dict[str, Any]]:
    if not script.exists():
        return []
    subprocess.run([sys.executable, str(script), *arguments], check=True)  # noqa: S603 # ours
    rows: list[dict[str, Any]] = json.loads(Path(arguments[-1]).read_text()).get(
        "rows", []
    )
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
    """Run all and write what was found."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--docs", action="store_true")
    given = parser.parse_args(argv)
    rows, today = found(), datetime.now(UTC).date()
    Path("benchmarks.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    Path("benchmarks.svg").write_text(svg(rows), "utf-8")
    if given.docs:
        said = DOCS.read_text("utf-8").partition(MARK)[0]
        table = f"{MARK}\nMeasured on {today}.\n\n{_markdown(rows)}"
        DOCS.write_text(said + table, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
