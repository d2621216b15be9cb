"""The mark of a journal: a small file outside of its database that counts its changes.

Each command that writes has an opening: a random name, recorded in the journal and then in
the mark. After each group of changes, and before a request that relies on them leaves, the
mark counts how many changes the opening has written. So a mark is never ahead of its
journal, and a journal that is behind its mark is an older copy.

A mark that was restored together with its journal agrees with it. Therefore the mark of a
file also names a token: an empty file of its own, identified by its inode and the time of
its last change. No copy has the same two, and no program can set the time of a change
(ctime), unlike that of a modification.
"""

from __future__ import annotations

import glob
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Self

from attrs import define, field, frozen

from ..._engine.files import (
    SMALL,
    atomic_write,
    create_private_file,
    read_up_to,
    reading,
)
from ...errors import ConfigurationError

MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
"""Where Linux stores the id of the machine; containers usually have none."""

_DIGITS = 20
"""The fixed width of a count, so that a new count overwrites the old one in place."""
_LINES = 200
"""How many of the last openings are compared; an older copy lacks the last one."""
_MOST = SMALL << 8
"""The largest mark that is read, in bytes: workers add a line for each opening."""
_UNSYNCED = 256
"""How many changes may be only in the system's cache, which a power failure loses."""


@frozen
class Mark:
    """The content of a mark: its journal, and how many changes each opening wrote."""

    journal: str
    token: Mapping[str, Any] | None
    openings: Sequence[tuple[str, int]]

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read a mark; None if it does not exist. Raises ConfigurationError."""
        try:
            with reading(path) as file:
                text = read_up_to(file, _MOST).decode("ascii")
            head, *lines = text.splitlines()
            facts = json.loads(head)
            openings = [_opening(line) for line in lines[-_LINES:]]
            return cls(facts["journal"], facts["token"], openings)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            pass
        raise ConfigurationError(
            f"the mark {path} of the journal cannot be read: restore it, or, if it is "
            "lost, remove it and run `anybank migrate adopt`"
        )

    def is_intact(self, path: Path) -> bool:
        """Tell whether this file is the original and not a copy."""
        return self.token is None or _token(path, self.token["name"]) == self.token


def _opening(line: str) -> tuple[str, int]:
    name, count = line.split(" ")
    return name, int(count)


@define
class Opening:
    """The changes of one command, counted in the mark."""

    name: str
    path: Path
    journal: str
    """The id of the migration, which is that of its journal."""
    count: int = field(init=False, default=0)
    _handle: int | None = field(init=False, default=None)
    _offset: int = field(init=False, default=0)
    _unsynced: int = field(init=False, default=0)
    _lock: Lock = field(init=False, factory=Lock, repr=False)
    """Lanes of one worker count in one opening."""

    def start(self, *, with_token: bool) -> None:
        """Write a new mark with only this opening, and remove the old token."""
        token = _new_token(self.path) if with_token else None
        head = json.dumps({"journal": self.journal, "token": token}, sort_keys=True)
        with atomic_write(self.path) as file:
            file.write(f"{head}\n{self._line}")
        _remove_tokens(self.path, token)
        self._follow(len(head) + 1)

    def join(self) -> None:
        """Add this opening to the mark, next to those of other workers."""
        # Only with PostgreSQL can the first command of a machine be a worker; its mark
        # needs no token, since it is not restored together with a database on a server.
        with suppress(FileExistsError):
            head = json.dumps({"journal": self.journal, "token": None}, sort_keys=True)
            create_private_file(self.path, f"{head}\n")
        # O_APPEND puts the line after those of workers that join at the same moment, and
        # the position after the write is the end of this line.
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            os.write(handle, self._line.encode())
            end = os.lseek(handle, 0, os.SEEK_CUR)
            os.fsync(handle)
        finally:
            os.close(handle)
        self._follow(end - len(self._line))

    @property
    def _line(self) -> str:
        return f"{self.name} {self.count:0{_DIGITS}d}\n"

    def _follow(self, start: int) -> None:
        self.close()
        self._offset = start + len(self.name) + 1
        # Opened again without O_APPEND, with which Linux appends whatever the offset is:
        # https://man7.org/linux/man-pages/man2/pwrite.2.html
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)

    def note(self, count: int) -> None:
        """Add to the count of changes that the journal has of this opening."""
        with self._lock:
            self._note(count)

    def _note(self, count: int) -> None:
        self.count += count
        self._unsynced += count
        if self._handle is None:
            return
        os.pwrite(self._handle, f"{self.count:0{_DIGITS}d}".encode(), self._offset)
        if self._unsynced >= _UNSYNCED:
            self._sync(self._handle)

    def _sync(self, handle: int) -> None:
        os.fsync(handle)
        self._unsynced = 0

    def close(self) -> None:
        """Close the file; a process that was killed does not need to."""
        if self._handle is not None:
            self._sync(self._handle)
            os.close(self._handle)
            self._handle = None


def new_name() -> str:
    """Return the name of a new opening."""
    return secrets.token_hex(16)


def machine() -> str | None:
    """Return a hash of the machine's id, or None where it has none."""
    for path in MACHINE_IDS:
        with suppress(OSError, UnicodeError):
            if identifier := path.read_text("ascii").strip():
                return sha256(f"anybank {identifier}".encode()).hexdigest()[:16]
    return None


def _new_token(mark: Path) -> Mapping[str, Any]:
    """Create the token of a new mark; raises ConfigurationError."""
    name = f"{mark.name}.{secrets.token_hex(4)}"
    try:
        create_private_file(mark.with_name(name), "")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        token = _token(mark, name)
        if token is not None:
            return token
        reason = "its token file disappeared"
    raise ConfigurationError(
        f"the mark {mark} of the journal cannot be written: {reason}"
    )


def _token(mark: Path, name: str) -> Mapping[str, Any] | None:
    try:
        status = mark.with_name(name).lstat()
    except (OSError, ValueError):
        return None
    return {"name": name, "inode": status.st_ino, "changed": status.st_ctime_ns}


def _remove_tokens(mark: Path, current: Mapping[str, Any] | None) -> None:
    """Remove the tokens of earlier marks and of commands that were killed."""
    pattern = f"{glob.escape(mark.name)}.{'[0-9a-f]' * 8}"
    for path in mark.parent.glob(pattern):
        if current is None or path.name != current["name"]:
            with suppress(OSError):
                path.unlink()
