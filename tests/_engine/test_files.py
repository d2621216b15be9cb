"""Files must be regular to be read, and are written atomically."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from anybank import ConfigurationError
from anybank._engine import files as _files
from anybank._engine.files import (
    atomic_write,
    create_private_file,
    read_bytes,
    read_text,
)


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _directory(path: Path) -> Path:
    path.mkdir()
    return path


def _large(path: Path) -> Path:
    path.write_bytes(b"x" * 101)
    return path


UNFIT: dict[str, tuple[Callable[[Path], Path], str]] = {
    "pipe": (_pipe, "a pipe, not a regular file"),
    "endless device": (lambda _: Path("/dev/zero"), "a device, not a regular file"),
    "directory": (_directory, "a directory, not a regular file"),
    "too large": (_large, "larger than"),
    "absent": (lambda path: path, "No such file"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_special_and_large_files_are_refused(name: str, tmp_path: Path) -> None:
    """Pipes, devices and files above the limit are rejected without blocking."""
    make, reason = UNFIT[name]
    with pytest.raises(OSError, match=reason):
        read_bytes(make(tmp_path / "x"), 100)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """A file of exactly the maximum size is read."""
    (tmp_path / "x").write_bytes(b"x" * 100)
    assert read_text(tmp_path / "x", 100) == "x" * 100


def test_a_written_file_is_private_and_follows_no_planted_link(tmp_path: Path) -> None:
    """A written file has mode 0600, and a planted link is not followed."""
    victim, path = tmp_path / "victim", tmp_path / "out.csv"
    victim.write_text("mine")
    for name in ("out.csv.new", ".out.csv.part", "out.csv.part"):
        (tmp_path / name).symlink_to(victim)
    with atomic_write(path) as file:
        file.write("content")
    assert (victim.read_text(), path.read_text()) == ("mine", "content")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """A failed write leaves the old file and no temporary file."""
    path = tmp_path / "out.csv"
    path.write_text("before")

    def fail() -> None:
        with atomic_write(path) as file:
            file.write("half")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [
        ("out.csv", "before")
    ]


def test_a_full_disk_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk raises ConfigurationError with the reason, and the old file stays."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(ConfigurationError, match=r"cannot be written: No space left"),
        atomic_write(tmp_path / "out.csv") as file,
    ):
        file.write("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_private_file_is_created_once(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An existing private file is never overwritten, even without hard links."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "x.key"
    create_private_file(path, "one")
    with pytest.raises(FileExistsError):
        create_private_file(path, "two")
    assert path.read_text() == "one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_follows_no_dangling_link(tmp_path: Path) -> None:
    """A dangling link with the file's name raises FileExistsError."""
    (tmp_path / "x.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        create_private_file(tmp_path / "x.key", "one")
    assert not (tmp_path / "elsewhere").exists()


def test_a_line_has_a_largest_length(tmp_path: Path) -> None:
    """A line above the limit raises OSError instead of filling the memory."""
    (tmp_path / "x").write_bytes(b"ab\n" + b"x" * 100)
    with _files.reading(tmp_path / "x") as file:
        assert _files.read_line(file, 50) == b"ab\n"
        with pytest.raises(OSError, match="it has a line longer than"):
            _files.read_line(file, 50)
