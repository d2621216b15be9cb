"""Neutral files are complete and encrypted, and every change to them is detected."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.migrate.neutral.sealing import (
    HEX,
    KEY,
    OTHER,
    SECRETS,
    exported,
    growing,
    ids,
    plain,
)

from anybank.errors import ConfigurationError
from anybank.migrate.neutral.customers_file import CustomersFile, IdExists
from anybank.migrate.neutral.file_writer import FileWriter
from anybank.migrate.neutral.headers import FileHeader, FileOrigin
from anybank.migrate.neutral.seals import Seal

Lines = list[bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a file that does not exist."""
    return tmp_path / "customers.jsonl"


def refused(path: Path, key: object = KEY) -> str:
    """Return the error for a file that cannot be used."""
    with pytest.raises(ConfigurationError) as caught:
        CustomersFile.opened(path, key)  # type: ignore[arg-type] # a key
    assert not any(item in str(caught.value) for item in SECRETS)
    return str(caught.value)


def change(path: Path, how: Callable[[Lines], Lines]) -> None:
    """Change the lines of a file."""
    path.write_bytes(b"".join(how(path.read_bytes().splitlines(keepends=True))))


def test_an_export_is_read_in_its_order(path: Path) -> None:
    """Each customer is read once."""
    assert ids(exported(path, 250)) == [f"a{at}" for at in range(250)]


def test_pages_meet(path: Path) -> None:
    """A page ends where the next one begins, and the last page has no next."""
    opened = CustomersFile.opened(exported(path, 5), KEY)
    first, place = opened.page(None, 3)
    second, end = opened.page(place, 3)
    assert (len(first), len(second)) == (3, 2)
    assert end is None or opened.page(end, 3) == ([], None)


def test_a_customer_is_found_by_id(path: Path) -> None:
    """For an unknown id None is returned."""
    opened = CustomersFile.opened(exported(path), KEY)
    assert json.loads(opened.find("a1") or b"")["id"] == "a1"
    assert opened.find("b") is None
    assert opened.count == 3


def test_nothing_personal_is_in_the_clear(path: Path) -> None:
    """The bytes have no name, number or key, and only the owner can read the file."""
    content = exported(path).read_text("ascii")
    assert not any(item in content for item in SECRETS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_shown(path: Path) -> None:
    """Representations contain no key and no customer."""
    opened = CustomersFile.opened(exported(path), KEY)
    assert not any(item in repr((opened, KEY)) for item in SECRETS)


def test_equal_people_do_not_look_alike(path: Path, tmp_path: Path) -> None:
    """Two lines, or two files, of the same person have nothing in common."""
    other = exported(tmp_path / "other.jsonl")
    lines = (path := exported(path)).read_bytes().split(b"\n")[1:-1]
    assert not set(lines) & set(other.read_bytes().split(b"\n")[1:-1])
    assert len({line[-40:] for line in lines}) == 4


def test_another_key_is_an_error_of_its_own(path: Path) -> None:
    """The error names both keys by their ids."""
    message = refused(exported(path), OTHER)
    assert f"line 1: is encrypted with the key {KEY.id}" in message
    assert OTHER.id in message


def test_a_newer_version_is_refused(path: Path) -> None:
    """The error names the version of the file and the version that is read."""
    exported(path)
    change(path, lambda lines: [lines[0].replace(b'"version": 1', b'"version": 2')])
    assert "has version 2, and this anybank reads version 1" in refused(path)


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"id,name\n", b"\xff\n"])
def test_another_kind_of_file_is_an_error(path: Path, content: bytes) -> None:
    """A file of another kind is not reported as damaged."""
    path.write_bytes(content)
    assert "line 1: is not the header of a neutral file" in refused(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"bond"', b'"sond"'),
        (b'"export"', b'"migration"'),
        (b'"export"', b'"import"'),
        (b'"salt": "', b'"salt": "0'),
        (b'"salt": "', b'"salt": "x'),
        (b'"reads": {}', b'"reads": {"ssn": "never"}'),
        (b'"signature": "', b'"signature": "0'),
        (b'"created"', b'"made"'),
    ],
)
def test_a_changed_header_is_noticed(path: Path, old: bytes, new: bytes) -> None:
    """The signature covers the first line."""
    exported(path)
    change(path, lambda lines: [lines[0].replace(old, new), *lines[1:]])
    assert "line 1: was changed or damaged" in refused(path)


def _edited(line: bytes) -> bytes:
    """Return a line with one changed letter."""
    letter = b"B" if line[30:31] == b"A" else b"A"
    return line[:30] + letter + line[31:]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3),
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: [*lines[:2], _edited(lines[2]), *lines[3:]], 3),
        (lambda lines: [*lines[:2], b"{}\n", *lines[2:]], 3),
        (lambda lines: [*lines[:2], b'{"other": "x"}\n'], 3),
        (lambda lines: [*lines[:2], b'{"customer": "x"}\n'], 3),
        (lambda lines: [*lines[:2], b'{"customer": 7}\n'], 3),
        (
            lambda lines: [
                *lines[:3],
                lines[3].replace(b"customer", b"end"),
                *lines[4:],
            ],
            4,
        ),
        (lambda lines: [*lines, lines[-1]], 6),
    ],
    ids=[
        "swapped",
        "doubled",
        "dropped",
        "edited",
        "empty",
        "unknown",
        "unsealed",
        "number",
        "renamed",
        "closed twice",
    ],
)
def test_a_changed_line_is_noticed(
    path: Path, edit: Callable[[Lines], Lines], line: int
) -> None:
    """The error names the first line that was moved, repeated, dropped or edited."""
    exported(path)
    change(path, edit)
    message = refused(path)
    assert f"{path}, line {line}: was changed, moved or damaged" in message


def test_a_line_of_another_file_is_noticed(path: Path, tmp_path: Path) -> None:
    """A line with the same key and offset is not accepted from another file."""
    other = exported(tmp_path / "other.jsonl").read_bytes().splitlines(keepends=True)
    exported(path)
    change(path, lambda lines: [lines[0], other[1], *lines[2:]])
    assert "line 2: was changed" in refused(path)


def test_a_cut_is_noticed_wherever_it_is(path: Path) -> None:
    """A prefix of a file is never accepted as the whole file."""
    whole = exported(path, 2).read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        refused(path)
    path.write_bytes(whole[:-1])
    assert "cut off after 2 customers" in refused(path)


def test_the_error_counts_the_customers_of_a_cut_file(path: Path) -> None:
    """The error has the count of customers that are left, and the line."""
    exported(path)
    change(path, lambda lines: lines[:3])
    assert "line 4: the file is cut off after 2 customers" in refused(path)


def test_a_line_that_changes_while_the_file_is_open_is_noticed(path: Path) -> None:
    """Each customer is checked again when it is read."""
    opened = CustomersFile.opened(exported(path), KEY)
    change(path, lambda lines: [*lines[:2], lines[2][:30] + b"~~" + lines[2][32:]])
    with pytest.raises(ConfigurationError, match="line 3: was changed"):
        opened.find("a1")


def test_an_export_that_fails_leaves_nothing(path: Path) -> None:
    """Neither the file nor its temporary file remains."""
    header = FileHeader(provider="bond", origin=FileOrigin.EXPORT, key_id=KEY.id)
    with FileWriter.new(path, Seal.new(header, KEY)) as writer:
        writer.add(plain("a"))
    assert list(path.parent.iterdir()) == []


def test_an_existing_file_is_not_overwritten(path: Path) -> None:
    """An existing file stays as it is."""
    path.write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already"):
        exported(path)
    assert path.read_text() == "mine"


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    """The error comes before any customer is read."""
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        exported(tmp_path / "nowhere" / "customers.jsonl")


def test_what_is_added_is_found_at_once_and_again(path: Path) -> None:
    """The writer finds a new customer, and so does a later reader."""
    opened = growing(path, 3)
    assert opened.find("a2") is not None
    opened.seal()
    opened.close()
    assert ids(path) == ["a0", "a1", "a2"]


def test_an_id_is_taken_once(path: Path) -> None:
    """A second customer with the same id is refused, and nothing is written."""
    opened = growing(path, 1)
    size = path.stat().st_size
    with pytest.raises(IdExists):
        opened.add("a0", plain("a0"))
    assert path.stat().st_size == size


def test_a_file_is_sealed_each_time_it_is_closed(path: Path) -> None:
    """A file may have closing lines between customers; a second seal adds none."""
    opened = growing(path, 1)
    opened.seal()
    size = path.stat().st_size
    opened.seal()
    assert path.stat().st_size == size
    opened.add("b", plain("b"))
    opened.seal()
    assert ids(path) == ["a0", "b"]


def test_what_was_never_sealed_is_no_source(path: Path) -> None:
    """A file without a closing line can be appended to, but not be a source."""
    growing(path, 2).close()
    assert "cut off after 2 customers" in refused(path)
    assert ids(path, receiving=True) == ["a0", "a1"]


def test_nothing_is_added_to_an_export(path: Path) -> None:
    """An export is complete and final."""
    exported(path)
    with pytest.raises(
        ConfigurationError, match="an export, to which nothing is added"
    ):
        CustomersFile.opened(path, KEY, receiving=True)


def test_two_writers_see_each_other(path: Path) -> None:
    """Each writer first reads the lines that the other one has added."""
    one = growing(path, 1)
    other = CustomersFile.opened(path, KEY, receiving=True)
    one.add("b", plain("b"))
    other.add("c", plain("c"))
    with pytest.raises(IdExists):
        other.add("b", plain("b"))
    one.add("d", plain("d"))
    one.seal()
    assert ids(path) == ["a0", "b", "c", "d"]


def test_a_line_that_a_crash_cut_off_makes_room(path: Path) -> None:
    """The next line replaces a line that a crash cut off, at whatever byte."""
    growing(path, 2).close()
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        opened = CustomersFile.opened(path, KEY, receiving=True)
        opened.add("b", plain("b"))
        opened.seal()
        opened.close()
        assert ids(path) == ["a0", "b"]


def test_a_full_disk_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that cannot be written leaves nothing behind, and the next one can be."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    opened = growing(path, 1)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            opened.add("b", plain("b"))
    assert path.read_bytes() == before
    opened.add("c", plain("c"))
    opened.seal()
    assert ids(path) == ["a0", "c"]


def test_a_missing_file_is_an_error(path: Path) -> None:
    """The error has the reason of the operating system."""
    assert "cannot be opened: No such file" in refused(path)


def test_memory_holds_places_and_no_people(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten thousand new customers memory holds only the offsets."""
    opened = growing(path)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    for at in range(10_050):
        opened.add(f"a{at}", b'{"id": "a%d"}' % at)
    assert opened.find("a0") == b'{"id": "a0"}'
    assert opened.find("a10049") == b'{"id": "a10049"}'
    assert HEX not in repr(opened)
