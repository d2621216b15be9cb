"""Files from spreadsheets, databases and attackers, and the error for each."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from anybank import Bank, ConfigurationError, InvalidInput
from anybank.cli.json_input import read_document
from anybank.migrate.certify.id_file import IdFile
from anybank.migrate.certify.supplement import Supplement
from anybank.migrate.certify.supplement_lookup import SupplementLookup
from anybank.migrate.commands.export import export
from anybank.migrate.neutral.customers_file import CustomersFile
from anybank.migrate.neutral.file_writer import FileWriter
from anybank.migrate.neutral.headers import FileHeader, FileOrigin, peek_header
from anybank.migrate.neutral.keys import FileKey
from anybank.migrate.neutral.seals import Seal

HEADER = "source_id,ssn,middle_name\n"
ROW = "c1,912-45-6789,May\n"
SSN = "912-45-6789"


def supplement(path: Path, content: str | bytes) -> Any:
    """Return the row of c1, or the error for the file."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        with Supplement.read(path) as rows:
            return rows.of("c1")
    except ConfigurationError as error:
        reason = str(error).removeprefix(str(path))
    assert SSN not in reason
    return reason


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "UTF-16 without a mark": ((HEADER + ROW).encode("utf-16-le"), "is UTF-16"),
    "code page": ((HEADER + "c1,,Zoë\n").encode("cp1252"), ", line 2: is not UTF-8"),
    "bars": (HEADER.replace(",", "|"), "column 1: is not one of source_id"),
    "sep=": ("sep=,\n" + HEADER + ROW, "is a spreadsheet's `sep=` line"),
    "header twice": ("source_id,ssn,ssn\nc1,,\n", "column ssn: appears twice"),
    "header alone": (HEADER, " has no rows"),
    "empty": ("", " is empty"),
    "old Mac": ((HEADER + ROW).replace("\n", "\r"), "has a carriage return"),
    "open quote": (HEADER + 'c1,,"May\n' + ROW, ", line 2: a quotation mark is not"),
    "week date": ("source_id,date_of_birth\nc1,1990-W14\n", "must be a date such as"),
    "invisible in an id": (HEADER + "c1\u200b,,May\n", "an invisible character"),
    "NULL as an id": (HEADER + "NULL,,May\n", "column source_id: is a word"),
    "long line": (HEADER + "c1,," + "x," * 600_000, "a line longer than 1 MiB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_by_its_name(name: str, tmp_path: Path) -> None:
    """The error has the line and the column of the fault, and no value."""
    content, reason = REFUSED[name]
    assert reason in supplement(tmp_path / "vault.csv", content)


ACCEPTED = {
    "mark, CRLF": "\ufeff" + (HEADER + ROW).replace("\n", "\r\n"),
    "blank lines": HEADER + "\n  \n" + ROW + "\n\n",
    "rows of commas": HEADER + ROW + ",,\n , ,\n",
    "no line end": HEADER + ROW.strip(),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_is_read_as_spreadsheets_write_it(name: str, tmp_path: Path) -> None:
    """Byte-order marks, line ends and empty rows of spreadsheets are accepted."""
    row = supplement(tmp_path / "vault.csv", ACCEPTED[name])
    assert row["middle_name"] == "May"


def test_a_quote_inside_a_cell_is_a_letter(tmp_path: Path) -> None:
    """Spreadsheets read it so, and the next row belongs to another person."""
    text = HEADER + 'c1,,O"Neil\nc2,,D"Arcy\n'
    assert supplement(tmp_path / "vault.csv", text) == {"middle_name": 'O"Neil'}


WORDS = ("NULL", "null", "\\N", "nan", "NaN", "#N/A", "N/A", "None", "NONE", "(null)")


@pytest.mark.parametrize(
    "column", ["first_name", "middle_name", "last_name", "external_id"]
)
@pytest.mark.parametrize("word", WORDS)
def test_a_null_word_is_refused(word: str, column: str, tmp_path: Path) -> None:
    """A faulty export would give everybody this name."""
    answer = supplement(tmp_path / "v.csv", f"source_id,{column}\nc0,Ada\nc1,{word}\n")
    assert answer.startswith(f", line 3, column {column}: is a word that programs")
    assert "column as_written" in answer


@pytest.mark.parametrize("surname", ["Null", "Nan", "Na", "Nil", "Nullman", "Nones"])
def test_a_surname_is_a_surname(surname: str, tmp_path: Path) -> None:
    """Mr Null keeps his name, since no program writes it in title case."""
    text = f"source_id,last_name\nc1,{surname}\n"
    assert supplement(tmp_path / "v.csv", text) == {"last_name": surname}


def test_a_null_word_is_a_name_where_its_row_says_so(tmp_path: Path) -> None:
    """A row of the planned file can say that a null word is a name."""
    text = "source_id,last_name,as_written\nc1,NULL,last_name\n"
    assert supplement(tmp_path / "v.csv", text) == {"last_name": "NULL"}
    line = {"source_id": "c1", "last_name": "NULL", "as_written": ["last_name"]}
    lines = json.dumps(line) + "\n"
    assert supplement(tmp_path / "v.jsonl", lines) == {"last_name": "NULL"}


@pytest.mark.parametrize("consent", ["shoe_size", "first_name", "all"])
def test_consent_to_what_is_not_there_is_refused(consent: str, tmp_path: Path) -> None:
    """A misspelt column would accept a value that nobody checked."""
    text = f"source_id,last_name,as_written\nc1,NULL,{consent}\n"
    assert "column as_written: must name" in supplement(tmp_path / "v.csv", text)


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("c1\nc2\n", ["c1", "c2"]),
        ("c1\n\n \nc2\n\n", ["c1", "c2"]),
        ("\ufeffsource_id\r\nc1\r\n", ["c1"]),
        ('"c1"\n"c2"', ["c1", "c2"]),
        ("c1\nc2\n".encode("utf-16"), "not as UTF-16"),
        ("source_id;name\nc1;Ada\n", "separated by semicolons"),
        ('"c1\nc2\n', ", line 1: a quotation mark is not closed"),
        ("c1\nNULL\n", ", line 2: the id is a word"),
        ("c1\u2028c2\n", ", line 1: the id has an invisible character"),
        ("c1\n...\n", ", line 2: an id cannot consist of dots only"),
        ("\n\n", "has no ids"),
        ("x" * 2_000_000, "a line longer than 1 MiB"),
    ],
)
def test_a_file_of_ids(content: str | bytes, ids: object, tmp_path: Path) -> None:
    """Blank lines are skipped, and an invalid id is named by its line."""
    path = tmp_path / "ids.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        assert list(IdFile.read(path)) == ids
    except ConfigurationError as error:
        assert str(ids) in str(error)  # noqa: PT017  # a table of both


READERS: dict[str, Callable[[Path], object]] = {
    "supplement": Supplement.read,
    "ids": IdFile.read,
    "neutral file": lambda path: export(str(path), "x", key=f"file:{path}"),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_never_ends_is_refused(name: str, kind: str, tmp_path: Path) -> None:
    """No command waits for an empty pipe, or reads /dev/zero endlessly."""
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / "pipe" if kind == "pipe" else Path("/dev/zero")
    with pytest.raises(ConfigurationError):
        READERS[name](path)


def test_a_neutral_file_that_is_a_pipe_has_no_header(tmp_path: Path) -> None:
    """The check for a header does not wait for the pipe."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert peek_header(tmp_path / "pipe.jsonl") is None


def test_a_reference_to_a_pipe_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable of a credential in a pipe or device."""
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path("/dev/zero")):
        monkeypatch.setenv("ANYBANK_BOND_IDENTITY", f"file:{place}")
        with pytest.raises(ConfigurationError, match="IDENTITY refers to a file"):
            Bank("bond", authorization="x")
        with pytest.raises(ConfigurationError, match="not a regular file"):
            FileKey.of(f"file:{place}")


def answered(tmp_path: Path, answer: bytes) -> Any:
    """Return the fields that are read from the output of a command."""
    script = tmp_path / "vault.py"
    script.write_text(
        f"import sys; sys.stdin.read(); sys.stdout.buffer.write({answer!r})\n"
    )
    with SupplementLookup(f"command:{sys.executable} {script}") as supply:
        try:
            return supply.of("c1")
        except ConfigurationError as error:
            return str(error)


@pytest.mark.parametrize("inside", ["May\u2028Ann", "May\u0085Ann", "May\\fAnn", "May"])
@pytest.mark.parametrize("around", ["{}\n", "\ufeff{}\n\n", "\r\n{}\r\n", "{}"])
def test_a_command_may_answer_any_json(
    inside: str, around: str, tmp_path: Path
) -> None:
    """Only a line feed ends a line; blank lines and a byte-order mark are skipped."""
    line = f'{{"source_id":"c1","middle_name":"{inside}"}}'
    row = answered(tmp_path, around.format(line).encode())
    assert row == {"middle_name": inside.replace("\\f", "\f")}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ('{"source_id":"c1","ssn":"x","ssn":"y"}', "unique names"),
        (
            '{"source_id":"c1","middle_name":"NULL"}',
            "programs write for a missing value",
        ),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_wrong_output_of_a_command_is_an_error(
    answer: str, reason: str, tmp_path: Path
) -> None:
    """The error repeats no part of the output."""
    assert reason in answered(tmp_path, answer.encode())


def test_endless_output_of_a_command_ends_it(tmp_path: Path) -> None:
    """Output that is larger than a batch can be is not read into memory."""
    script = tmp_path / "vault.py"
    script.write_text("import sys\nwhile True: sys.stdout.write('x' * 65536)\n")
    with (
        SupplementLookup(f"command:{sys.executable} {script}") as supply,
        pytest.raises(ConfigurationError, match="more than 16 MiB"),
    ):
        supply.of("c1")


def _calls(work: Callable[[], object]) -> int:
    """Count the Python and C calls of a function."""
    count = 0

    def on_event(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(on_event)
    try:
        work()
    except ConfigurationError:
        pass
    finally:
        sys.setprofile(None)
    return count


def _csv(rows: int) -> str:
    return HEADER + "".join(f"c{at},912-45-6789,May\n" for at in range(rows))


def _stray(rows: int) -> str:
    return HEADER + 'c,,"May\n' + "".join(f"c{at},,May\n" for at in range(rows))


def _quotes(rows: int) -> str:
    return HEADER + "".join(f'c{at},,"a\n""b"\n' for at in range(rows))


def _ids(rows: int) -> str:
    return "".join(f"c{at}\n" for at in range(rows))


def _read_ids(path: Path) -> None:
    list(IdFile.read(path))


def _read_rows(path: Path) -> None:
    with Supplement.read(path) as rows:
        rows.of("c1")


def _read_answer(path: Path) -> None:
    with SupplementLookup(
        f"command:{sys.executable} -c 'print(open(\"{path}\").read())'"
    ) as supply:
        supply.prepare([f"c{at}" for at in range(len(path.read_text().splitlines()))])


def _answer(rows: int) -> str:
    return "".join(f'{{"source_id":"c{at}"}}\n' for at in range(rows))


def _document(names: int) -> str:
    return json.dumps({f"extra_{at}": None for at in range(names)})


def _read_json(path: Path) -> None:
    with path.open() as file, suppress(InvalidInput):
        read_document(file)


def _seal(path: Path) -> None:
    """Write a neutral file with a number of lines, and open it."""
    target = path.with_suffix(".jsonl")
    key = FileKey.of("0" * 64)
    header = FileHeader(provider="bond", origin=FileOrigin.EXPORT, key_id=key.id)
    with FileWriter.new(target, Seal.new(header, key)) as writer:
        for line in path.read_text().splitlines():
            writer.add(json.dumps({"id": json.loads(line)["source_id"]}).encode())
        writer.seal()
        writer.publish()
    CustomersFile.opened(target, key).close()


GROWING: dict[str, tuple[Callable[[int], str], Callable[[Path], None]]] = {
    "supplement": (_csv, _read_rows),
    "stray quotation mark": (_stray, _read_rows),
    "cells over lines": (_quotes, _read_rows),
    "ids": (_ids, _read_ids),
    "answer of a command": (_answer, _read_answer),
    "JSON document": (_document, _read_json),
    "neutral file": (_answer, _seal),
}


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_input_is_about_twice_the_work(name: str, tmp_path: Path) -> None:
    """The work is counted in calls and not in seconds."""
    make, read = GROWING[name]
    counts = []
    for rows in (1000, 2000):
        path = tmp_path / f"{rows}.csv"
        path.write_text(make(rows))
        counts.append(_calls(lambda path=path: read(path)))  # type: ignore[misc]
    assert counts[1] < 2.5 * counts[0] + 1000
