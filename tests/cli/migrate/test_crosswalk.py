"""`anybank migrate crosswalk`: the ids of the source and of the target, side by side."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.cli.conftest import Run

from anybank_sonder.simulator import SonderSimulator

from .steps import step


def test_each_customer_has_a_row(run: Run, moved: SonderSimulator) -> None:
    """The file has two columns, and its target ids are those of the target."""
    assert step(run, "crosswalk", "--csv", "x.csv").out == "wrote 2 rows to x.csv\n"
    with Path("x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [set(row) for row in rows] == [{"source_id", "target_id"}] * 2
    assert {row["target_id"] for row in rows} == set(moved.customer_ids)


def test_the_file_is_readable_by_its_owner_only(
    run: Run, moved: SonderSimulator
) -> None:
    """Ids are not personal data, and they still belong to nobody else."""
    assert moved.customer_ids
    step(run, "crosswalk", "--csv", "x.csv")
    assert Path("x.csv").stat().st_mode & 0o777 == 0o600
