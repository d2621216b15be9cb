"""`anybank migrate report`: its output, and that the commands in it work."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.migrate.reporting import moved, written

from anybank import migrate
from anybank.migrate.journal.states import State


def resolve_commands(tmp_path: Path, source_id: str) -> tuple[list[str], list[str]]:
    """Return the two commands that the report lists for a quarantined record."""
    path = written(tmp_path / "move.db", {source_id: State.QUARANTINED})
    (task,) = migrate.Report.read(path).waiting
    exists, absent = map(shlex.split, task.commands)
    return exists[1:], absent[1:]


@pytest.mark.parametrize("source_id", ["-b1", "--yes", "b 1", "$(id)", "b'1", "b;1"])
def test_any_id_is_quoted_for_the_shell(
    tmp_path: Path, run: Run, source_id: str
) -> None:
    """An id is never mistaken for an option or for shell syntax."""
    _, absent = resolve_commands(tmp_path, source_id)
    assert run(*absent).code == 0
    assert migrate.status(journal=tmp_path / "move.db").counts["ready"] == 1


def test_json_has_the_whole_report(tmp_path: Path, run: Run) -> None:
    """The JSON has everything in `status --json`, and phases, losses, minutes and tasks."""
    journal = str(moved(tmp_path, "lost").journal)
    ran = run("migrate", "report", "--journal", journal, "--json")
    document = json.loads(ran.out)
    status = json.loads(run("migrate", "status", "--journal", journal, "--json").out)
    assert ran.code == 0
    assert {name: document.get(name) for name in status} | {
        "command": "status"
    } == status
    assert document["waiting"][0]["state"] == "quarantined"
    assert {"progress", "losses", "throughput", "created_at"} <= set(document)


def test_a_report_is_a_page_or_json(tmp_path: Path, run: Run) -> None:
    """Without --html and --json, the command exits 64."""
    ran = run("migrate", "report", "--journal", str(tmp_path / "move.db"))
    assert ran.code == 64
    assert "give --html FILE, --json, or both" in ran.err
