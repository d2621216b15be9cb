"""Exit codes mean the same in every command, and with --json errors are JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.cli.conftest import Run, RunResult

from anybank.cli.commands import anybank
from anybank.cli.error_messages import report_error, wants_json
from anybank.errors import (
    AnybankError,
    AuthenticationFailed,
    ConfigurationError,
    InvalidInput,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    Unsupported,
)
from anybank.exit_codes import MEANINGS, ExitCode, exit_code_of
from anybank_bond.simulator import BondSimulator


def error_of(ran: RunResult) -> dict[str, Any]:
    output: dict[str, Any] = json.loads(ran.out)
    assert list(output) == ["error"]
    error: dict[str, Any] = output["error"]
    assert error["exit_code"] == ran.code
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProviderUnavailable(status=503), 75),
        (RateLimited(), 75),
        (NotSent(), 75),
        (AuthenticationFailed(status=401), 75),
        (OutcomeUnknown(outcome=Outcome.UNKNOWN, retryable=True), 75),
        (ConfigurationError("is locked", retryable=True), 75),
        (OutcomeUnknown(outcome=Outcome.UNKNOWN), 2),
        (ProviderUnavailable(status=503, outcome=Outcome.UNKNOWN), 2),
        (ConfigurationError("no such bank"), 1),
        (InvalidInput(), 1),
        (NotFound(), 1),
        (Rejected(), 1),
        (Unsupported("no"), 1),
    ],
)
def test_the_exit_code_says_what_to_do(error: AnybankError, code: int) -> None:
    """Try again later, let a person look, or correct something."""
    assert exit_code_of(error) == code


def test_every_exit_code_is_in_the_help_of_both_groups() -> None:
    """The root and `migrate` both list every exit code."""
    assert set(MEANINGS) == set(ExitCode)
    for group in ([], ["migrate"]):
        output = CliRunner().invoke(anybank, [*group, "--help"]).output
        lines = [item.split() for item in output.splitlines()]
        codes = {item[0] for item in lines if item and item[0].isdigit()}
        assert codes >= {str(int(code)) for code in ExitCode}


@pytest.mark.parametrize(
    "command",
    [
        ("customers", "get", "nobody", "--bank", "bond"),
        ("customers", "list", "--bank", "bond"),
        ("doctor", "bond"),
    ],
)
def test_refused_credentials_exit_75_in_every_command(
    run: Run,
    bond: BondSimulator,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    """The command can succeed later, once the credentials are right."""
    assert bond.credentials
    monkeypatch.setenv("ANYBANK_BOND_AUTHORIZATION", "wrong")
    assert run(*command).code == 75


def test_an_unreachable_bank_exits_75(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing listens at the port, so nothing was sent."""
    monkeypatch.setenv("ANYBANK_BOND_BASE_URL", "http://127.0.0.1:9/api/v0.1")
    monkeypatch.setenv("ANYBANK_BOND_IDENTITY", "i")
    monkeypatch.setenv("ANYBANK_BOND_AUTHORIZATION", "a")
    get = ("customers", "get", "c-1", "--bank", "bond", "--json")
    error = error_of(run(*get))
    assert (error["code"], error["exit_code"]) == ("not_sent", 75)
    assert (error["outcome"], error["retryable"]) == ("not_sent", True)
    assert error["provider"] == "bond"
    assert run("doctor", "bond").code == 75


@pytest.mark.usefixtures("bond")
def test_an_error_is_written_as_json_and_as_text(run: Run) -> None:
    """Stdout has code, message and next step; stderr has the same message."""
    ran = run("customers", "get", "nobody", "--bank", "bond", "--json")
    error = error_of(ran)
    assert (error["code"], error["status"], ran.code) == ("not_found", 400, 1)
    assert error["next_step"] == ("check the id, the bank and the environment")
    assert ran.err.splitlines()[0] == f"error: {error['message']}"


@pytest.mark.parametrize(
    "command",
    [
        ("diff", "bond", "--json"),
        ("migrate", "apply", "--json"),
        ("customers", "--json"),
        ("provders", "--json"),
    ],
)
def test_wrong_use_is_json(run: Run, command: tuple[str, ...]) -> None:
    """Errors of the argument parser have the same form."""
    ran = run(*command)
    assert (ran.code, error_of(ran)["code"]) == (64, "wrong_use")


def test_a_missing_journal_is_json(run: Run, tmp_path: Path) -> None:
    """An error before anything has started has the same form."""
    journal = str(tmp_path / "none.db")
    error = error_of(run("migrate", "status", "--journal", journal, "--json"))
    assert error["code"] == "configuration_error"
    assert "`anybank migrate plan` creates one" in error["message"]


def test_an_interruption_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The next step is to run the same command again."""
    assert report_error(KeyboardInterrupt(), as_json=True) == 130
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["exit_code"]) == ("interrupted", 130)


def test_a_bug_is_json_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an unexpected exception may be personal."""
    assert report_error(ValueError("912-45-6789"), as_json=True) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["error"]["code"] == "bug"
    assert "912-45-6789" not in output.out + output.err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["status", "--json"], True),
        (["status"], False),
        (["customers", "get", "--bank", "bond", "--", "--json"], False),
    ],
)
def test_json_is_selected_only_by_the_option(
    arguments: list[str], *, expected: bool
) -> None:
    """After `--`, the word --json is an argument."""
    assert wants_json(arguments) is expected
