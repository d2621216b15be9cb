"""A supplement that a function or a command of the user looks up."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.migrate.moving import Moving, bond_to_sonder, people

from anybank import ConfigurationError, Ssn
from anybank.migrate import Summary
from anybank.migrate.certify.supplement_lookup import SupplementLookup, is_lookup

SSN = "912-45-6789"
MODULE = f"""
calls = []

def one(source_id):
    calls.append(source_id)
    return {{"ssn": "{SSN}"}} if source_id != "nobody" else None

async def later(source_id):
    return one(source_id)

def many(source_ids):
    calls.append(list(source_ids))
    return {{each: {{"ssn": "{SSN}"}} for each in source_ids if each != "nobody"}}

async def many_later(source_ids):
    return many(source_ids)

def broken(source_id):
    raise ValueError("{SSN}")

def wrong(source_id):
    return {{"ssn": "1{SSN}"}}

def strange(source_id):
    return {{"shoe_size": "{SSN}"}}

def listing(source_ids):
    return ["{SSN}"]
"""
COMMAND = """
import json, sys
for line in sys.stdin:
    source_id = json.loads(line)["source_id"]
    if source_id != "nobody":
        print(json.dumps({"source_id": source_id, "ssn": "912-45-6789"}))
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python import the user's functions again."""
    (tmp_path / "our_vault.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "our_vault", raising=False)


def command(directory: Path, text: str) -> str:
    path = directory / "lookup.py"
    path.write_text(text)
    return f"command:{shlex.join([sys.executable, str(path)])}"


def answers(place: str) -> Sequence[object]:
    with SupplementLookup(place) as supply:
        supply.prepare(["a", "nobody"])
        return supply.of("a"), supply.of("nobody"), supply.of("b")


EXPECTED = ({"ssn": Ssn(SSN)}, None, {"ssn": Ssn(SSN)})


@pytest.mark.parametrize(
    "place",
    [
        "python:our_vault:one",
        "python:our_vault:later",
        "python-batch:our_vault:many",
        "python-batch:our_vault:many_later",
    ],
)
def test_a_function_gets_an_id_or_a_batch(place: str) -> None:
    """A function may be async; it returns fields, or None for no row."""
    assert answers(place) == EXPECTED


def test_a_command_exchanges_lines_of_json(tmp_path: Path) -> None:
    """A command reads ids and writes fields, one JSON object per line."""
    assert answers(command(tmp_path, COMMAND)) == EXPECTED


def test_a_batch_is_looked_up_once(tmp_path: Path) -> None:
    """The prepared results of a batch are not looked up again."""
    assert tmp_path.exists()
    answers("python-batch:our_vault:many")
    assert sys.modules["our_vault"].calls == [["a", "nobody"], ["b"]]


def test_a_command_has_no_shell(tmp_path: Path) -> None:
    """A semicolon in the command line starts no second command."""
    marker = tmp_path / "marker"
    with SupplementLookup(f"command:true ; touch {marker}") as supply:
        assert supply.of("a") is None
    assert not marker.exists()


def complaint(place: str) -> str:
    with pytest.raises(ConfigurationError) as caught, SupplementLookup(place) as supply:
        supply.of("a")
    assert SSN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("python:our_vault:broken", "our_vault:broken failed (ValueError)"),
        ("python:our_vault:wrong", "returns an invalid ssn: it must be nine digits"),
        ("python:our_vault:strange", "may return only these fields: first_name"),
        ("python-batch:our_vault:listing", "must return a mapping by source_id"),
        (
            "python:our_vault:nothing",
            "is not a function. Write package.module:function",
        ),
        ("python:no_such_vault:one", "is not a function"),
        ("python:our_vault", "is not a function"),
        ("command:", "has no command"),
        ('command:echo "', "or a quotation mark is not closed"),
        ("command:false", "ended with exit code 1"),
        ("command:no-such-lookup", "failed (FileNotFoundError)"),
    ],
)
def test_errors_contain_no_value(place: str, message: str) -> None:
    """The error repeats neither a result nor the text of an exception."""
    assert message in complaint(place)


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ('{"source_id": "b"}', "in line 1 a source_id that was not requested"),
        (
            '{"source_id": "a"}\n{"source_id": "a"}',
            "in line 2 a source_id that was not requested",
        ),
        (SSN, "in line 1 something that is not a JSON object"),
        (f'["{SSN}"]', "in line 1 something that is not a JSON object"),
    ],
)
def test_a_strange_answer_is_named_by_its_line(
    tmp_path: Path, printed: str, message: str
) -> None:
    """A row for an id that was not requested is refused."""
    place = command(tmp_path, f"import sys; sys.stdin.read(); print({printed!r})")
    assert message in complaint(place)


def test_a_path_is_no_supply() -> None:
    """A path is a file, whatever its name ends with."""
    assert not any(map(is_lookup, ["vault.csv", Path("python:x"), "c:/vault.csv"]))


def moves_by(moving: Moving, place: str) -> Summary:
    moving.plan(supplement=place)
    moving.apply()
    return moving.verify()


FROM_FILE = """
import csv, json, sys
from pathlib import Path
rows = {{row.pop("source_id"): row for row in csv.DictReader(Path({path!r}).read_text().splitlines())}}
def find(source_id):
    return rows.get(source_id)
def main():
    for line in sys.stdin:
        source_id = json.loads(line)["source_id"]
        print(json.dumps({{"source_id": source_id, **rows[source_id]}}))
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("kind", ["python", "command"])
def test_a_migration_goes_by_it_and_finds_it_again(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan records the name, apply looks up again, and no value is stored."""
    moving = bond_to_sonder(tmp_path, 3)
    text = FROM_FILE.format(path=str(moving.supplement))
    places: dict[str, Callable[[], str]] = {
        "python": lambda: "python:lookup:find",
        "command": lambda: command(tmp_path, text),
    }
    monkeypatch.delitem(sys.modules, "lookup", raising=False)
    (tmp_path / "lookup.py").write_text(text)
    assert moves_by(moving, places[kind]()).exit_code == 0
    assert sorted(people(moving.target).values()) == ["Ada", "Bea", "Cleo"]
    files = b"".join(path.read_bytes() for path in tmp_path.glob("move.db*"))
    assert b"912-45" not in files
