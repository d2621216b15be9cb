"""A journal in a file: its permissions, its lock, and failures of the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.migrate.moving import Moving, bond_to_sonder, people

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.keys import Key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "move.db"


def planned(tmp_path: Path) -> Moving:
    moving = bond_to_sonder(tmp_path, 2)
    moving.plan()
    return moving


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    """Only the owner can read journal, key and lock."""
    planned(tmp_path)
    for name in ("move.db", "move.db.key", "move.db.lock"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"hello, I am a text\n" * 100, b""])
def test_a_foreign_file_is_left_alone(path: Path, content: bytes) -> None:
    """A file that is not a journal is refused and not written to."""
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not an anybank journal"):
        migrate.status(journal=path)
    with pytest.raises(ConfigurationError, match="is not an anybank journal"):
        bond_to_sonder(path.parent).plan()
    assert path.read_bytes() == content


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    """A database of another program is refused."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table meta (name, value)")
    content = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is not an anybank journal"):
        migrate.status(journal=path)
    assert path.read_bytes() == content


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """No journal is created in a directory that does not exist."""
    moving = bond_to_sonder(tmp_path)
    moving.directory = tmp_path / "nowhere"
    with pytest.raises(ConfigurationError, match="its directory does not exist"):
        moving.plan()


@contextmanager
def pragma(text: str) -> Iterator[None]:
    """Set a pragma on every connection that is opened in this context."""

    def on_connect(connection: Any, _: object) -> None:
        connection.execute(f"pragma {text}")

    sa.event.listen(sa.Engine, "connect", on_connect)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "connect", on_connect)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    """Once the disk has room again, the same command works."""
    with (
        pragma("max_page_count=3"),
        pytest.raises(ConfigurationError, match="the disk is full: make room"),
    ):
        planned(tmp_path)
    assert planned(tmp_path).apply().open == 0


def test_what_cannot_be_written_down_is_not_sent(tmp_path: Path) -> None:
    """Without a durable intent no request leaves, and nobody is lost."""
    moving = planned(tmp_path)
    with (
        pragma("query_only=1"),
        pytest.raises(ConfigurationError, match="cannot be written"),
    ):
        moving.apply()
    assert people(moving.target) == {}
    assert moving.apply().open == 0


def test_an_existing_key_is_used(path: Path) -> None:
    """An existing key is used as it is."""
    assert Key.create(path).check == Key.create(path).check


def test_an_unfinished_journal_is_created_again(tmp_path: Path) -> None:
    """Files that a crash left during the creation do not prevent the next plan."""
    (tmp_path / "move.db.new").write_bytes(b"half")
    assert planned(tmp_path).apply().open == 0
