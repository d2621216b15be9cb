"""`anybank export`: customers in an encrypted file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anybank.sandbox.faults import FaultyBank

from .conftest import Run


@pytest.fixture(autouse=True)
def key(sonder: FaultyBank, run: Run) -> None:  # serves the banks
    """Serve both banks and create a key."""
    assert run("export", "--new-key", "k").code == 0


NOBODY = "00000000-0000-4000-8000-000000000000"


EXPORT = ("export", "bond", "--to", "c.jsonl", "--key", "file:k")


def test_machines_are_told_the_same(run: Run) -> None:
    """JSON has the counts, what the bank did not tell, and the exit code."""
    told = json.loads(run(*EXPORT, "--json").out)
    assert (told["customers"], told["masked"], told["exit_code"]) == (2, 2, 0)
    assert told["reads"]["ssn"] == "masked"


def test_ids_that_nobody_has_are_for_a_person(run: Run) -> None:
    """The file is there, and the command ends with 2."""
    Path("ids.txt").write_text(f"{NOBODY}\n")
    ran = run(*EXPORT, "--ids", "ids.txt")
    assert ran.code == 2
    assert f"ids that bond does not know: 1, for example {NOBODY}" in ran.out


def test_a_key_that_is_typed_is_refused(run: Run) -> None:
    """It would stay in the shell's history; it is not repeated."""
    ran = run("export", "bond", "--to", "c.jsonl", "--key", "0123" * 16)
    assert ran.code == 64
    assert "not the key itself" in ran.err
    assert "0123" not in ran.err + ran.out


def test_without_a_key_it_is_said_how_to_make_one(run: Run) -> None:
    """And nothing is written."""
    ran = run("export", "bond", "--to", "c.jsonl")
    assert ran.code == 1
    assert "anybank export --new-key FILE" in ran.err
    assert not Path("c.jsonl").exists()


def test_a_key_is_not_made_twice(run: Run) -> None:
    """What is there is never written over."""
    before = Path("k").read_text()
    ran = run("export", "--new-key", "k")
    assert (ran.code, Path("k").read_text()) == (1, before)
    assert "nothing there was changed" in ran.err


@pytest.mark.parametrize("command", ["export", "import"])
def test_help_fits(run: Run, command: str) -> None:
    """100 columns are enough."""
    ran = run(command, "--help")
    assert max(map(len, ran.out.splitlines())) <= 100


@pytest.mark.parametrize("pair", [("bond", "file"), ("file", "sonder")])
def test_a_file_is_compared_as_a_bank_is(run: Run, pair: tuple[str, str]) -> None:
    """`diff` and `capabilities` know it; `providers` lists banks alone."""
    ran = run("diff", *pair)
    assert ran.code == 0
    assert "Neutral file" in ran.out
    assert run("capabilities", "file").code == 0
    assert "file" not in run("providers").out
