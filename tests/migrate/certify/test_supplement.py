"""The supplement is read row by row, and its errors name line and column."""

from __future__ import annotations

import csv
import os
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import ConfigurationError, Phone, Ssn
from anybank.migrate.certify.file_layout import Layout
from anybank.migrate.certify.row_file import id_problem
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


def reopened(path: Path) -> Supplement:
    """Open a file that was validated before."""
    return Supplement.reopen(path, Layout(), sha256(path.read_bytes()).hexdigest())


IDS = st.lists(
    st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1).filter(
        lambda text: id_problem(text) is None and text == text.strip()
    ),
    min_size=1,
    max_size=20,
    unique=True,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@given(
    ids=IDS, names=st.lists(st.sampled_from(["May", "Anne\nMay", 'A "B"']), max_size=9)
)
def test_a_file_that_is_opened_again_has_the_same_rows(
    encoding: str, ending: str, ids: list[str], names: list[str]
) -> None:
    """It is only indexed again: quotes, line ends, encodings and blank lines do not matter."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "vault.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, lineterminator=ending)
            writer.writerow(["middle_name", "source_id"])
            for source_id, name in zip_longest(ids, names[: len(ids)]):
                writer.writerow([name or "", source_id])
                file.write(ending)
        with Supplement.read(path) as first, reopened(path) as second:
            assert len(first) == len(second) == len(ids)
            for source_id in ids:
                assert first.of(source_id) == second.of(source_id) is not None


def test_json_lines_are_opened_again(tmp_path: Path) -> None:
    """Objects are indexed again by their ids."""
    path = tmp_path / "vault.jsonl"
    path.write_text('{"source_id": "a", "ssn": "' + SSN + '"}\n\n{"source_id": "b"}\n')
    with reopened(path) as supplement:
        assert supplement.of("a") == {"ssn": Ssn(SSN)}
        assert supplement.of("b") == {}
        assert supplement.of("c") is None


def test_a_changed_file_is_refused_before_it_is_indexed(vault: Path) -> None:
    """The error says that the file has changed, even where the new one is not valid."""
    vault.write_text(HEADER + f"a,{SSN},\n")
    checksum = sha256(vault.read_bytes()).hexdigest()
    vault.write_text("no header")
    with pytest.raises(ConfigurationError, match="has changed since the plan"):
        Supplement.reopen(vault, Layout(), checksum)


def test_the_index_on_disk_has_neither_ids_nor_values(vault: Path) -> None:
    """Only its owner can read it, and it has no name that could be left behind."""
    rows = "".join(f"id-{at:06},912-45-{at % 10_000:04},May\n" for at in range(200_000))
    vault.write_text(HEADER + rows)
    before = nameless_files()
    with reopened(vault) as supplement:
        assert (supplement.of("id-123456") or {})["ssn"] == Ssn("912-45-3456")
        handles = nameless_files() - before
        assert handles
        for handle in handles:
            assert os.fstat(handle).st_mode & 0o777 == 0o600
            content = os.pread(handle, 1 << 24, 0)
            assert len(content) > 200_000
            assert b"id-1" not in content
            assert b"912-45" not in content
    assert nameless_files() == before


def nameless_files() -> set[int]:
    """Return the open regular files of this process that no directory has."""
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("this system has no /proc")
    return {
        int(entry.name)
        for entry in handles.iterdir()
        if entry.is_file() and entry.stat().st_nlink == 0
    }
