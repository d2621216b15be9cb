"""`anybank export`: customers in an encrypted file."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from anybank.migrate.commands import export
from anybank.sandbox.faults import FaultyBank

from .conftest import Run


@pytest.fixture(autouse=True)
def key(sonder: FaultyBank, run: Run) -> None:  # serves the banks
    """Serve both banks and create a key."""
    assert run("export", "--new-key", "k").code == 0


NOBODY = "00000000-0000-4000-8000-000000000000"


EXPORT = ("export", "bond", "--to", "c.jsonl", "--key", "file:k")


def test_json_has_the_result(run: Run) -> None:
    """JSON has the counts, what the bank does not return, and the exit code."""
    document = json.loads(run(*EXPORT, "--json").out)
    assert (document["customers"], document["masked"], document["exit_code"]) == (
        2,
        2,
        0,
    )
    assert document["reads"]["ssn"] == "masked"


def test_unknown_ids_exit_2(run: Run) -> None:
    """The file is written, and the unknown ids are listed."""
    Path("ids.txt").write_text(f"{NOBODY}\n")
    ran = run(*EXPORT, "--ids", "ids.txt")
    assert ran.code == 2
    assert f"ids that bond does not know: 1, for example {NOBODY}" in ran.out


def test_a_key_on_the_command_line_is_rejected(run: Run) -> None:
    """The shell's history would keep it; the error does not repeat it."""
    ran = run("export", "bond", "--to", "c.jsonl", "--key", "0123" * 16)
    assert ran.code == 64
    assert "not the key itself" in ran.err
    assert "0123" not in ran.err + ran.out


def test_a_missing_key_says_how_to_create_one(run: Run) -> None:
    """The error names --new-key, and nothing is written."""
    ran = run("export", "bond", "--to", "c.jsonl")
    assert ran.code == 1
    assert "anybank export --new-key FILE" in ran.err
    assert not Path("c.jsonl").exists()


def test_a_key_is_never_overwritten(run: Run) -> None:
    """An existing file stays unchanged."""
    before = Path("k").read_text()
    ran = run("export", "--new-key", "k")
    assert (ran.code, Path("k").read_text()) == (1, before)
    assert "nothing there was changed" in ran.err


@pytest.mark.parametrize("command", ["export", "import"])
def test_help_fits(run: Run, command: str) -> None:
    """Help is at most 100 columns wide."""
    ran = run(command, "--help")
    assert max(map(len, ran.out.splitlines())) <= 100


@pytest.mark.parametrize("pair", [("bond", "file"), ("file", "sonder")])
def test_diff_accepts_a_file(run: Run, pair: tuple[str, str]) -> None:
    """`diff` and `capabilities` accept `file`; `providers` lists only banks."""
    ran = run("diff", *pair)
    assert ran.code == 0
    assert "Neutral file" in ran.out
    assert run("capabilities", "file").code == 0
    assert "file" not in run("providers").out


def test_sigterm_ends_an_export_without_leaving_a_file(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal cancels the export, and its unfinished file is removed."""

    def encoded(customer: Any) -> bytes:
        monkeypatch.setattr(export, "encoded", original)
        signal.raise_signal(signal.SIGTERM)
        return original(customer)

    original, before = export.encoded, sorted(Path().iterdir())
    monkeypatch.setattr(export, "encoded", encoded)
    earlier = signal.signal(signal.SIGTERM, lambda *_: pytest.fail("not drained"))
    try:
        ran = run(*EXPORT)
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert ran.code == 143
    assert sorted(Path().iterdir()) == before
