"""Files of ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from anybank import ConfigurationError
from anybank.migrate.certify.id_file import IdFile


def read(path: Path, text: str) -> IdFile:
    path.write_text(text)
    return IdFile.read(path)


def test_one_id_a_line(tmp_path: Path) -> None:
    """A plain list is read in its order and counted."""
    ids = read(tmp_path / "ids", "b\na\n")
    assert list(ids) == ["b", "a"]
    assert ids.count == 2


def test_a_column_of_a_csv(tmp_path: Path) -> None:
    """A CSV file is read by its column source_id, whatever else it has."""
    assert list(read(tmp_path / "ids", 'name,"source_id"\nAda,"b"\nBea,a\n')) == [
        "b",
        "a",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source_id,name\n,b\n", "line 2: the id is empty"),
        ("a\n..\n", "line 2: an id cannot consist of dots only"),
        ("a\nb\na\n", "line 3: the id is the same as in line 1"),
        ("", "has no ids"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    """The error for an empty or repeated id names the line."""
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path / "ids", text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A missing file causes one clear error."""
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        IdFile.read(tmp_path / "ids")
