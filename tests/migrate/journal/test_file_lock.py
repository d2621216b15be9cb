"""A lock keeps other writers out, whatever path they use, and its errors say why."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.migrate.moving import Moving, bond_to_sonder

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.keys import Key


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    """Return a planned migration of one customer."""
    moving = bond_to_sonder(tmp_path, 1)
    moving.plan()
    return moving


def _link(path: Path) -> Path:
    link = path.with_name("today.db")
    link.symlink_to(path)
    return link


def _through_a_linked_directory(path: Path) -> Path:
    link = path.parent / "elsewhere"
    link.symlink_to(path.parent, target_is_directory=True)
    return link / path.name


SPELLINGS: dict[str, Callable[[Path], Path]] = {
    "symbolic link": _link,
    "linked directory": _through_a_linked_directory,
    "dots": lambda path: path.parent / ".." / path.parent.name / "." / path.name,
    "relative": lambda path: Path(os.path.relpath(path)),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_second_writer_is_kept_out_by_every_spelling(
    name: str, moving: Moving
) -> None:
    """All paths to a journal lead to the same lock and the same key."""
    moving.place = SPELLINGS[name](moving.directory / "move.db")
    with (
        Journal.open_locked(moving.directory / "move.db"),
        pytest.raises(ConfigurationError, match="is being written by process"),
    ):
        moving.apply()
    assert moving.apply().exit_code == 0


def test_a_journal_with_two_names_is_refused(moving: Moving) -> None:
    """SQLite names its log after the file, so a second name could damage it."""
    second = moving.directory / "second.db"
    os.link(moving.directory / "move.db", second)
    for place in (second, moving.directory / "move.db"):
        with pytest.raises(ConfigurationError, match="has a second name"):
            migrate.status(journal=place)


def _as_link(lock: Path, victim: Path) -> None:
    lock.symlink_to(victim)


def _as_hard_link(lock: Path, victim: Path) -> None:
    os.link(victim, lock)


def _as_pipe(lock: Path, _: Path) -> None:
    os.mkfifo(lock)


@pytest.mark.parametrize("plant", [_as_link, _as_hard_link, _as_pipe])
def test_a_link_in_place_of_the_lock_is_not_followed(
    plant: Callable[[Path, Path], None], moving: Moving
) -> None:
    """A file of somebody else is neither emptied nor written to."""
    victim, lock = moving.directory / "victim", moving.directory / "move.db.lock"
    victim.write_text("mine")
    lock.unlink()
    plant(lock, victim)
    with pytest.raises(ConfigurationError, match=r"its \.lock file is a link"):
        moving.apply()
    assert victim.read_text() == "mine"


def test_links_next_to_a_new_journal_are_not_followed(tmp_path: Path) -> None:
    """Nobody can guess the temporary name of a new journal."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "move.db.new").symlink_to(victim)
    assert bond_to_sonder(tmp_path, 1).plan().exit_code == 0
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("tail", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("plant", [_as_link, _as_hard_link, _as_pipe])
def test_a_link_in_place_of_the_log_is_not_followed(
    plant: Callable[[Path, Path], None], tail: str, moving: Moving
) -> None:
    """SQLite itself would write through the link."""
    victim = moving.directory / "victim"
    victim.write_text("mine")
    plant(moving.directory / f"move.db{tail}", victim)
    with pytest.raises(ConfigurationError, match=f"its {tail} file is a link"):
        moving.apply()
    assert victim.read_text() == "mine"


def test_the_log_of_a_journal_that_is_gone_is_not_played_into_a_new_one(
    moving: Moving,
) -> None:
    """SQLite would replay the old log into the new journal."""
    (moving.directory / "move.db").unlink()
    (moving.directory / "move.db-wal").write_bytes(b"left")
    with pytest.raises(
        ConfigurationError, match="is missing, but its -wal file exists"
    ):
        moving.plan()
    (moving.directory / "move.db-wal").unlink()
    with pytest.raises(
        ConfigurationError, match=r"is missing, but its \.mark file exists"
    ):
        moving.plan()
    (moving.directory / "move.db.mark").unlink()
    assert moving.plan().exit_code == 0


UNLOCKABLE = {
    errno.ENOLCK: "its file system has no locks",
    errno.EOPNOTSUPP: "its file system has no locks",
    errno.ENOSYS: "its file system has no locks",
    errno.EIO: "cannot be locked: Input/output error",
}


@pytest.mark.parametrize("code", UNLOCKABLE, ids=lambda code: errno.errorcode[code])
def test_a_file_system_without_locks_is_named(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error does not name a process that holds no lock."""

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(ConfigurationError, match=UNLOCKABLE[code]):
        bond_to_sonder(tmp_path, 1).plan()


def test_a_system_without_file_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows the library works, and a migration says where it can run."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(ConfigurationError, match="on Linux or macOS"):
        bond_to_sonder(tmp_path, 1).plan()
    assert not (tmp_path / "move.db").exists()


def test_a_key_without_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the disk has room again, the same command works."""

    def full(handle: int) -> None:
        os.ftruncate(handle, 0)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    moving = bond_to_sonder(tmp_path, 1)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match="No space left on device"):
            moving.plan()
    assert not (tmp_path / "move.db.key").exists()
    assert moving.plan().exit_code == 0


def test_a_key_that_is_a_pipe_is_refused(moving: Moving) -> None:
    """No command waits for somebody to write into the pipe."""
    key = moving.directory / "move.db.key"
    key.unlink()
    os.mkfifo(key, 0o600)
    with pytest.raises(ConfigurationError, match="a pipe, not a regular file"):
        moving.apply()
    with pytest.raises(ConfigurationError, match="a device, not a regular file"):
        Key.read(Path("/dev/zero"))
