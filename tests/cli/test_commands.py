"""The root command: help, version, unknown words, completion, and what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from anybank.cli.commands import COMMANDS, anybank

from .conftest import Run

HEAVY = ("rich", "httpx", "sqlalchemy", "starlette", "anybank_bond", "anybank.client")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own command
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_imports_nothing_heavy() -> None:
    """Help does not import rich, httpx, SQLAlchemy, Starlette or an adapter."""
    ran = python("-X", "importtime", "-m", "anybank", "--help")
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert ran.returncode == 0
    assert imported.isdisjoint(HEAVY)


def test_help_names_every_command_and_the_exit_codes() -> None:
    """The help of the root lists each command with its summary, and the exit codes."""
    result = CliRunner().invoke(anybank, ["--help"]).output
    assert all(f"  {name} " in result for name in COMMANDS)
    assert "Exit codes:" in result


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_own_help(name: str) -> None:
    """The help of a command shows how to call it."""
    result = CliRunner().invoke(anybank, [name, "--help"])
    assert result.exit_code == 0
    assert f"Usage: anybank {name}" in result.output


def test_the_version_is_that_of_the_distribution() -> None:
    """`anybank --version` prints the installed version."""
    result = CliRunner().invoke(anybank, ["--version"]).output
    assert result == f"anybank {version('anybank')}\n"


def test_no_command_shows_help(run: Run) -> None:
    """Without a command, help is shown. Newer releases of click exit 64."""
    ran = run()
    assert ran.code in (0, 64)
    assert "Usage: anybank" in ran.err + ran.out


def test_an_unknown_command_suggests_the_nearest(run: Run) -> None:
    """The error for a mistyped command suggests the nearest one."""
    ran = run("provders")
    assert ran.code == 64
    assert ran.err == (
        "error: there is no command 'provders'; did you mean 'providers'?\ntry: anybank --help\n"
    )


def test_an_unknown_option_is_wrong_use(run: Run) -> None:
    """An unknown option exits 64 and names the help page."""
    ran = run("diff", "bond", "sonder", "--jsn")
    assert (ran.code, ran.out) == (64, "")
    assert "try: anybank diff --help" in ran.err


def test_the_package_runs_as_a_module() -> None:
    """`python -m anybank` runs the command."""
    ran = python("-m", "anybank", "--version")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_closed_pipe_ends_the_command_quietly() -> None:
    """The exit code is 141, as for other programs, and stderr is empty."""
    reads, writes = os.pipe()
    os.close(reads)
    ran = subprocess.run(
        [sys.executable, "-m", "anybank", "diff", "bond", "sonder"],
        stdout=writes,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writes)
    assert (ran.returncode, ran.stderr) == (141, b"")


WITHOUT = """
import sys
sys.modules[{name!r}] = None
from anybank.cli import main
sys.exit(main(["providers"]))
"""


@pytest.mark.parametrize("name", ["click", "rich"])
def test_a_missing_extra_is_named(name: str) -> None:
    """Without the package of an extra, the error says how to install it."""
    ran = python("-c", WITHOUT.format(name=name))
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == 'try: pip install "anybank[cli]"'


def test_the_completion_script_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable makes the command print the completion script of a shell."""
    monkeypatch.setenv("_ANYBANK_COMPLETE", "zsh_source")
    assert "_anybank_completion" in run().out


_LIMIT = """
import resource
from anybank.cli import main
main(["--version"])
print("limit", resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


def test_core_dumps_are_disabled() -> None:
    """A core dump of the command would contain personal data."""
    pytest.importorskip("resource", reason="core dumps are limited on Unix alone")
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", _LIMIT], capture_output=True, text=True, check=True
    )
    assert "limit 0" in ran.stdout


def _commands(
    command: click.Command, *words: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it."""
    yield words, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from _commands(child, *words, name)


def test_h_is_short_for_help_everywhere() -> None:
    """Every command shows the same help for -h and --help, within 88 columns."""
    for words, _ in _commands(anybank):
        short = CliRunner().invoke(anybank, [*words, "-h"])
        long = CliRunner().invoke(anybank, [*words, "--help"])
        assert (short.exit_code, short.output) == (0, long.output)
        assert max(map(len, long.output.splitlines())) <= 88


def test_every_command_and_option_has_help() -> None:
    """Every command has a summary, and every option says what it does."""
    for words, command in _commands(anybank):
        assert command.get_short_help_str(), words
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (words, parameter.name)
