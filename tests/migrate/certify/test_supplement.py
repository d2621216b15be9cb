"""The supplement is read row by row, and its errors name line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anybank import ConfigurationError, Phone, Ssn
from anybank.migrate.certify.supplement import Supplement

SSN = "912-45-6789"
HEADER = "source_id,ssn,middle_name\n"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "vault.csv"


def complaint(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as caught:
        Supplement.read(path)
    assert SSN not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


def test_a_row_is_found_by_its_id(vault: Path) -> None:
    """A row returns the fields that it has, as their types."""
    vault.write_text(HEADER + f"a,{SSN},\nb,,May\n")
    with Supplement.read(vault) as supplement:
        assert supplement.of("a") == {"ssn": Ssn(SSN)}
        assert supplement.of("b") == {"middle_name": "May"}
        assert supplement.of("c") is None
        assert len(supplement) == 2


def test_json_lines_do_as_well(tmp_path: Path) -> None:
    """A file named .jsonl has one object per line."""
    path = tmp_path / "vault.jsonl"
    path.write_text('{"source_id": "a", "document_locator_number": 12}\n\n')
    with Supplement.read(path) as supplement:
        result = supplement.of("a") or {}
    assert result["document_locator_number"].reveal() == 12


def test_lists_are_given_as_one_text(vault: Path) -> None:
    """Semicolons separate e-mail addresses and phones; JSON has lists."""
    vault.write_text(
        "source_id,emails,phones\na,a@example.com; b@example.com,+15551112222\n"
    )
    other = vault.with_suffix(".jsonl")
    other.write_text('{"source_id": "a", "emails": ["a@example.com"]}\n')
    with Supplement.read(vault) as supplement, Supplement.read(other) as lines:
        result = supplement.of("a") or {}
        assert lines.of("a") == {"emails": ("a@example.com",)}
    assert result["emails"] == ("a@example.com", "b@example.com")
    assert result["phones"] == (Phone("+15551112222"),)


def test_marks_quotes_and_line_ends_of_a_spreadsheet_are_read(vault: Path) -> None:
    """Byte-order marks, quotes and carriage returns of spreadsheets are read."""
    text = '\ufeff"source_id","middle_name"\r\n"a","Anne\nMay"\r\n"b","Bo"\r\n'
    vault.write_bytes(text.encode())
    with Supplement.read(vault) as supplement:
        assert supplement.of("b") == {"middle_name": "Bo"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,shoe_size\n", ", line 1, column 2: is not one of source_id, fir"),
        ("ssn\n", ", line 1, column source_id: is missing"),
        ("source_id,ssn,ssn\n", ", line 1, column ssn: appears twice"),
        (HEADER + f"a,{SSN}\n", ", line 2: has 2 columns, but the header has 3"),
        (HEADER + f"a,{SSN},\nb,1{SSN},\n", ", line 3, column ssn: must be nine digi"),
        (HEADER + "a,XXX-XX-6789,\n", ", line 2, column ssn: must be nine digits"),
        (HEADER + f",{SSN},\n", ", line 2, column source_id: is empty"),
        (HEADER + f"a,{SSN},\n\na,,\n", ", line 4, column source_id: is the same as"),
        (HEADER + f'a,"{SSN},\n', ", line 2: a quotation mark is not closed"),
        (HEADER + f'a,"{SSN}"x,\n', ", line 2: is not CSV"),
        (HEADER + "a,," + "9" * 200_000, ", line 2: is not CSV, or has a cell over"),
        (HEADER.encode() + b"a,\xff\xfe,\n", ", line 2: is not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(
    vault: Path, text: str | bytes, message: str
) -> None:
    """The error has line and column, and no value."""
    assert complaint(vault, text).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]\n", ", line 1: is not a JSON object"),
        ('{"source_id": "a", "ssn": "' + SSN + '"\n', ", line 1: is not a JSON object"),
        (
            '{"source_id": "a", "ssn": "", "ssn": ""}\n',
            ", line 1: is not a JSON object",
        ),
        ("[" * 100_000, ", line 1: is not a JSON object with unique names"),
        ('{"source_id": 7}\n', ", line 1, column source_id: is not a text"),
        ('{"source_id": "a", "ssn": 912456789}\n', ", line 1, column ssn: must be"),
        ('{"source_id": "a", "dob": "x"}\n', ", line 1, column 2: is not one of"),
    ],
)
def test_json_is_complained_of_alike(tmp_path: Path, text: str, message: str) -> None:
    """The error for an invalid object names its line and key."""
    assert complaint(tmp_path / "vault.jsonl", text).startswith(message)


def test_a_missing_file_is_named(vault: Path) -> None:
    """A missing file causes one clear error."""
    with pytest.raises(ConfigurationError, match=r"vault\.csv cannot be read: No such"):
        Supplement.read(vault)


def test_a_pipe_is_refused(vault: Path) -> None:
    """A shell's `<(command)` can be read only once, and a supplement is read twice."""
    os.mkfifo(vault)
    handle = os.open(vault, os.O_RDWR)
    with pytest.raises(ConfigurationError, match="it is a pipe"):
        Supplement.read(vault)
    os.close(handle)


def test_what_is_in_memory_is_not_the_file(vault: Path) -> None:
    """Of a thousand rows memory has only offsets, and no number."""
    rows = "".join(f"id-{at},912-45-{at:04},\n" for at in range(1000))
    vault.write_text(HEADER + rows)
    with Supplement.read(vault) as supplement:
        assert "912-45" not in repr(supplement)
        assert (supplement.of("id-789") or {})["ssn"] == Ssn("912-45-0789")
