"""`anybank migrate`: the group of commands, and what they have in common."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from anybank.migrate.journal.file_lock import FileLock

from .steps import plan, step


@pytest.mark.usefixtures("vault")
def test_five_commands_move_everyone(run: Run) -> None:
    """Plan, apply, verify, crosswalk and report all succeed and say what they did."""
    assert plan(run, accept_loss="external_id").code == 0
    assert step(run, "apply").code == 0
    verified = step(run, "verify")
    assert verified.code == 0
    assert "verified   2" in verified.out
    assert step(run, "crosswalk", "--csv", "x.csv").out == "wrote 2 rows to x.csv\n"
    assert step(run, "report", "--html", "r.html").out == "wrote the report to r.html\n"
    assert step(run, "status").code == 0


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    ("command", "option"), [("crosswalk", "--csv"), ("report", "--html")]
)
def test_json_names_the_written_file(run: Run, command: str, option: str) -> None:
    """With --json a command that writes a file returns its path."""
    plan(run)
    result = step(run, command, option, "out", "--json")
    assert json.loads(result.out)[option.removeprefix("--")] == "out"


@pytest.mark.usefixtures("vault")
def test_progress_is_on_stderr(run: Run) -> None:
    """Without a terminal, progress is plain lines on stderr and none on stdout."""
    plan(run)
    result = step(run, "apply")
    assert "sent: 2 of 2" in result.err
    assert "sent:" not in result.out


@pytest.mark.usefixtures("vault")
def test_a_second_writer_must_wait(run: Run, tmp_path: Path) -> None:
    """The error names the process that writes to the journal."""
    plan(run)
    with FileLock(tmp_path / "move.db"):
        result = step(run, "apply")
    assert result.code == 75
    assert "is being written by process" in result.err
    assert len(result.err.splitlines()) <= 2


def test_a_missing_journal_names_the_next_step(run: Run, tmp_path: Path) -> None:
    """The error says which command creates a journal."""
    path = str(tmp_path / "no.db")
    result = run("migrate", "status", "--journal", path)
    assert result.code == 1
    assert "`anybank migrate plan`" in result.err


def test_ctrl_c_says_how_to_continue(
    run: Run, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted run exits 130 and says that the journal is complete."""
    assert vault.exists()
    plan(run)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("anybank.migrate.apply", interrupt)
    result = step(run, "apply")
    assert result.code == 130
    assert "all requests in flight are recorded" in result.err


@pytest.mark.parametrize(
    "command",
    [
        *("plan", "apply", "verify", "status", "crosswalk", "report", "show"),
        *("resolve", "retry", "overwrite", "rollback", "check"),
        *("backup", "adopt", "rebase"),
    ],
)
def test_every_command_has_help(run: Run, command: str) -> None:
    """Every command has its own help, and the help of the group lists it."""
    result = run("migrate", command, "--help")
    assert result.code == 0
    assert "--journal" in result.out
    assert f"  {command} " in run("migrate", "--help").out


def test_help_lists_the_order_and_the_exit_codes(run: Run) -> None:
    """The group's help shows the order of the commands and the exit codes."""
    out = run("migrate", "--help").out
    assert "Exit codes:" in out
    assert out.index("migrate plan") < out.index("migrate apply")


@pytest.mark.usefixtures("vault")
def test_each_command_names_the_next(run: Run) -> None:
    """The last line is a command to paste, with the checksum of the plan."""
    checksum = json.loads(plan(run, "--json").out)["plan"]
    out = plan(run).out
    assert f"Next: anybank migrate apply --plan {checksum} --journal move.db\n" in out
    out = step(run, "apply").out
    assert "Next: anybank migrate verify --journal move.db\n" in out
    assert "Next: anybank migrate crosswalk --csv" in step(run, "verify").out
