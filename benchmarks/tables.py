"""The results of a benchmark, as a table and as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

WIDTH = 100


@attrs.frozen
class Row:
    """One result, its ratio to a baseline, and the target for the ratio.

    `limit` is the largest ratio that meets the target, or the smallest if `least` is set.
    Without a limit, the row is a baseline itself.
    """

    what: str
    value: str
    ratio: float | None = None
    limit: float | None = None
    least: bool = False

    @property
    def target(self) -> str | None:
        """The target as text: `<= 0.40`."""
        if self.limit is None:
            return None
        return f"{'>=' if self.least else '<='} {self.limit:g}"

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None for a baseline."""
        if self.limit is None or self.ratio is None:
            return None
        return self.ratio >= self.limit if self.least else self.ratio <= self.limit


def report(name: str, rows: Sequence[Row], argv: Sequence[str]) -> None:
    """Print the rows as a table. With `--json FILE` in *argv*, also write them to it."""
    parser = ArgumentParser(description=name)
    parser.add_argument("--json", type=Path)
    Console(width=WIDTH).print(_table(name, rows))
    # parse_known_args, because a benchmark may have options of its own.
    target = parser.parse_known_args(argv)[0].json
    if target is not None:
        document = {"name": name, "rows": [_as_json(row) for row in rows]}
        target.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _as_json(row: Row) -> dict[str, object]:
    return {
        "what": row.what,
        "value": row.value,
        "ratio": row.ratio,
        "target": row.target,
        "met": row.met,
    }


def _table(name: str, rows: Sequence[Row]) -> Table:
    table = Table(title=name, title_justify="left", width=WIDTH)
    for heading, right in (("", False), ("measured", True), ("ratio", True)):
        table.add_column(heading, justify="right" if right else "left")
    table.add_column("target")
    table.add_column("")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        met = {True: "met", False: "missed", None: ""}[row.met]
        table.add_row(row.what, row.value, ratio, row.target or "", met)
    return table
