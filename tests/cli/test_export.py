"""`anybank export` and `anybank import` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from anybank.sandbox.server import serve
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

from .conftest import Run

SSN = "912-45-6000"
NOBODY = "00000000-0000-4000-8000-000000000000"
EXPORT = ("export", "bond", "--to", "c.jsonl", "--key", "file:k")
IMPORT = ("import", "c.jsonl", "--to", "sonder", "--journal", "move.db")
LOSS = ("--accept-loss", "external_id", "--supplement", "vault.csv")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Path]:
    """Serve both banks, one with two people, and make a key and a supplement."""
    bond, sonder = BondSimulator(), SonderSimulator()
    numbers = (SSN, "912-45-6001")
    ids = [
        bond.seed_customer(first_name=name, middle_name="May", ssn=each)
        for name, each in zip(("Ada", "Bea"), numbers, strict=True)
    ]
    rows = "".join(f"{each},{numbers[at]},9\n" for at, each in enumerate(ids))
    monkeypatch.chdir(tmp_path)
    Path("vault.csv").write_text(f"source_id,ssn,document_locator_number\n{rows}")
    with serve({"bond": bond, "sonder": sonder}) as running:
        for name, kind in (("bond", BondSimulator), ("sonder", SonderSimulator)):
            variable = f"ANYBANK_{name}".upper()
            monkeypatch.setenv(f"{variable}_BASE_URL", running.base_url(name))
            monkeypatch.setenv(f"{variable}_RATE_LIMIT", "none")
            for option, value in kind.credentials.items():
                monkeypatch.setenv(f"{variable}_{option.upper()}", value)
        assert run("export", "--new-key", "k").code == 0
        yield tmp_path


def test_everybody_goes_by_a_file(run: Run) -> None:
    """Export, import, apply and verify end well, and the key is typed twice as a place."""
    ran = run(*EXPORT)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "2 customers of bond in c.jsonl")
    assert "ssn: masked in 2 of them" in ran.out
    assert "never told by bond: preferred_name, document_locator_number" in ran.out
    assert run(*IMPORT, "--key", "file:k", *LOSS).code == 0
    for command in ("apply", "verify"):
        assert run("migrate", command, "--journal", "move.db").code == 0


def test_a_file_is_a_target_by_its_name(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`migrate plan --to FILE` takes its key from the environment, and `--from` does."""
    monkeypatch.setenv("ANYBANK_FILE_KEY", "file:k")
    sides = ("--from", "bond", "--to", "moved.jsonl", "--journal", "move.db")
    assert run("migrate", "plan", *sides).code == 0
    for command in ("apply", "verify"):
        assert run("migrate", command, "--journal", "move.db").code == 0
    ran = run(
        "migrate", "plan", "--from", "moved.jsonl", "--to", "bond", "--journal", "b.db"
    )
    assert "file to bond: 2 records" in ran.out


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
    assert f"1 ids are not known there, such as {NOBODY}" in ran.out


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


def test_another_key_is_said(run: Run) -> None:
    """With both ids, and no more."""
    run(*EXPORT)
    run("export", "--new-key", "other")
    ran = run(*IMPORT, "--key", "file:other")
    assert ran.code == 1
    assert "c.jsonl, line 1: is sealed with the key" in ran.err


def test_a_damaged_file_is_said_by_its_line(run: Run) -> None:
    """What to do follows, and nothing personal."""
    run(*EXPORT)
    lines = Path("c.jsonl").read_text().splitlines(keepends=True)
    Path("c.jsonl").write_text("".join([lines[0], lines[2], lines[1], lines[3]]))
    ran = run(*IMPORT, "--key", "file:k")
    assert ran.code == 1
    assert "c.jsonl, line 2: was changed, moved or damaged: take the file" in ran.err


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
