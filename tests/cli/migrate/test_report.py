"""`anybank migrate report` as it is typed: what it writes, and that what it says works."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.migrate.reporting import moved, written

from anybank import migrate
from anybank.migrate.journal.states import State


def quarantined(tmp_path: Path, source_id: str) -> tuple[list[str], list[str]]:
    """Return what the report says to type of a record in doubt: it exists, it does not."""
    path = written(tmp_path / "move.db", {source_id: State.QUARANTINED})
    (task,) = migrate.Report.read(path).waiting
    exists, absent = map(shlex.split, task.commands)
    return exists[1:], absent[1:]


@pytest.mark.parametrize("source_id", ["-b1", "--yes", "b 1", "$(id)", "b'1", "b;1"])
def test_any_id_can_be_typed(tmp_path: Path, run: Run, source_id: str) -> None:
    """Ids are quoted for a shell, and never taken for options."""
    _, absent = quarantined(tmp_path, source_id)
    assert run(*absent).code == 0
    assert migrate.status(journal=tmp_path / "move.db").counts["ready"] == 1


def test_machines_are_told_all_of_it(tmp_path: Path, run: Run) -> None:
    """JSON has what status tells, and the phases, losses, minutes and tasks."""
    journal = str(moved(tmp_path, "lost").journal)
    ran = run("migrate", "report", "--journal", journal, "--json")
    told = json.loads(ran.out)
    status = json.loads(run("migrate", "status", "--journal", journal, "--json").out)
    assert ran.code == 0
    assert {**told, "command": "status"}.items() >= status.items()
    assert told["waiting"][0]["state"] == "quarantined"
    assert {"progress", "losses", "throughput", "made_at"} <= set(told)


def test_a_report_is_a_page_or_json(tmp_path: Path, run: Run) -> None:
    """Without either there is nothing to write, and that is a wrong usage."""
    ran = run("migrate", "report", "--journal", str(tmp_path / "move.db"))
    assert ran.code == 64
    assert "give --html FILE, --json, or both" in ran.err
