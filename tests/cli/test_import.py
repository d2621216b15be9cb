"""`anybank import`: customers of an exported file."""

from __future__ import annotations

from pathlib import Path

import pytest

from anybank.sandbox.faults import FaultyBank

from .conftest import Run


@pytest.fixture(autouse=True)
def key(sonder: FaultyBank, run: Run) -> None:  # serves the banks
    """Serve both banks and create a key."""
    assert run("export", "--new-key", "k").code == 0


EXPORT = ("export", "bond", "--to", "c.jsonl", "--key", "file:k")


IMPORT = ("import", "c.jsonl", "--to", "sonder", "--journal", "move.db")


LOSS = ("--accept-loss", "external_id", "--supplement", "vault.csv")


def test_customers_move_through_a_file(run: Run) -> None:
    """Export, import, apply and verify all succeed."""
    ran = run(*EXPORT)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "2 customers of bond in c.jsonl")
    assert "ssn: masked for 2 customers" in ran.out
    assert "never returned by bond: preferred_name, government_ids" in ran.out
    assert run(*IMPORT, "--key", "file:k", *LOSS).code == 0
    for command in ("apply", "verify"):
        assert run("migrate", command, "--journal", "move.db").code == 0


def test_a_file_can_be_the_target(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate plan --to FILE` and `--from FILE` take the key from the environment."""
    monkeypatch.setenv("ANYBANK_FILE_KEY", "file:k")
    sides = ("--from", "bond", "--to", "moved.jsonl", "--journal", "move.db")
    assert run("migrate", "plan", *sides).code == 0
    for command in ("apply", "verify"):
        assert run("migrate", command, "--journal", "move.db").code == 0
    ran = run(
        "migrate", "plan", "--from", "moved.jsonl", "--to", "bond", "--journal", "b.db"
    )
    assert "file to bond: 2 records" in ran.out


def test_a_wrong_key_is_an_error(run: Run) -> None:
    """The error names the key that sealed the file."""
    run(*EXPORT)
    run("export", "--new-key", "other")
    ran = run(*IMPORT, "--key", "file:other")
    assert ran.code == 1
    assert "c.jsonl, line 1: is encrypted with the key" in ran.err


def test_a_damaged_file_names_the_line(run: Run) -> None:
    """The error says what to do, and shows nothing personal."""
    run(*EXPORT)
    lines = Path("c.jsonl").read_text().splitlines(keepends=True)
    Path("c.jsonl").write_text("".join([lines[0], lines[2], lines[1], lines[3]]))
    ran = run(*IMPORT, "--key", "file:k")
    assert ran.code == 1
    assert "c.jsonl, line 2: was changed, moved or damaged: copy the file" in ran.err
