"""`anybank migrate resolve`: decisions about quarantined records."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import SEEDED_SSN, Run

from anybank.sandbox.faults import FaultyBank

from .steps import first_target_id, plan, quarantine_one, step


def test_the_commands_of_the_report_work(run: Run, sonder: FaultyBank) -> None:
    """A command from the report runs as it stands, once the target's id is inserted."""
    quarantine_one(run, sonder)
    (task,) = json.loads(step(run, "report", "--json").out)["waiting"]
    command = task["commands"][0].replace("TARGET_ID", first_target_id(sonder))
    assert run(*shlex.split(command)[1:]).code == 0
    assert json.loads(step(run, "status", "--json").out)["counts"]["created"] == 2


def test_a_decision_is_recorded(run: Run, sonder: FaultyBank) -> None:
    """The record is created, and stdout says that a decision was recorded."""
    source_id = quarantine_one(run, sonder)
    result = step(run, "resolve", source_id, "--exists", first_target_id(sonder))
    assert result.code == 0
    assert "Decisions recorded: 1." in result.out
    assert "created   2" in result.out


def test_an_error_in_the_csv_names_its_location(run: Run, sonder: FaultyBank) -> None:
    """The error names line and column, and not the value."""
    quarantine_one(run, sonder)
    Path("x.csv").write_text(f"source_id,verdict,target_id\na,{SEEDED_SSN},\n")
    result = step(run, "resolve", "--csv", "x.csv")
    assert result.code == 1
    assert "x.csv, line 2, column verdict: must be exists or absent" in result.err
    assert SEEDED_SSN not in result.out + result.err


@pytest.mark.parametrize(
    "arguments", [("a",), ("--absent",), ("a", "--absent", "--exists", "t"), ()]
)
def test_an_incomplete_decision_is_wrong_use(
    run: Run, arguments: tuple[str, ...]
) -> None:
    """The error says which options belong together."""
    result = step(run, "resolve", *arguments)
    assert result.code == 64
    assert "give an ID with either --exists or --absent" in result.err


def test_one_decision_of_two_succeeds(run: Run, sonder: FaultyBank) -> None:
    """`resolve` exits 0 although another record waits, and `status` exits 2."""
    sonder.schedule("lost", "lost")
    plan(run)
    step(run, "apply", "--concurrency", "1")
    ids = [row.split(",")[0] for row in Path("vault.csv").read_text().splitlines()[1:]]
    assert step(run, "resolve", ids[0], "--absent").code == 0
    assert step(run, "status").code == 2
