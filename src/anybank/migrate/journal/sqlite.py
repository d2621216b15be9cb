"""Journals in SQLite: a file, with its key, lock and mark next to it.

SQLite follows links and replays any log that has the right name. So the files next to the
journal are examined before SQLite opens them, and a new journal is built under a private
name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from ..._engine.files import publish, sync_directory, temporary_file
from ...errors import ConfigurationError
from .file_lock import FileLock
from .high_water_mark import machine
from .keys import Key
from .store import BeginTransaction, BuildTables, JournalStore, match_message

_FOREIGN = "is not an anybank journal: pass another file"

_DAMAGED = (
    "is damaged: restore it from a copy, with its key, then `anybank migrate adopt` it"
)

_TAILS = ("-wal", "-shm", "-journal")
"""The suffixes of the files that SQLite stores next to a database."""

_FAILURES = {
    # the only unique index that a run can violate is that of the target ids
    "unique": "two records would have one target id: run `anybank migrate apply` again",
    "full": "the disk is full: make room, then run the same command again",
    "not a database": _FOREIGN,
    "malformed": _DAMAGED,
    "could not decode": _DAMAGED,
    "readonly": "cannot be written: check its permissions and those of its directory",
    "locked": "is held by another program: close it, then run the command again",
    "unable to open": "cannot be opened: check its permissions",
    "disk i/o": "cannot be written: the disk fails or is full; nothing is lost so far",
}


@frozen
class SqliteStore(JournalStore):
    """A SQLite file in write-ahead mode."""

    path: Path = field(repr=False)
    """The resolved path, so that all links to a file are one journal."""
    name: str
    """The name in messages: the argument itself, never the value of a reference."""
    key_name: str
    """The name of the key in messages."""

    title = "SQLite"
    is_single_machine: ClassVar[bool] = True
    insert = staticmethod(sqlite.insert)
    foreign_message = _FOREIGN
    # 2440587.5 is the Julian day of 1970-01-01. `unixepoch()` has whole seconds before
    # SQLite 3.42.
    now: ClassVar[sa.ColumnElement[float]] = sa.literal_column(
        "(julianday('now') - 2440587.5) * 86400.0", sa.Float()
    )

    @property
    def display_name(self) -> str:
        """The path as the caller wrote it, or the reference to it."""
        return self.name

    @property
    def key_path(self) -> Path:
        """The path of the key: `<journal>.key`."""
        return self.path.with_name(self.path.name + ".key")

    def key(self) -> Key:
        """Read the key next to the journal."""
        return Key.read(self.key_path, self.key_name)

    def make_key(self) -> Key:
        """Create the key next to the journal."""
        return Key.create(self.key_path, self.key_name)

    @property
    def mark_name(self) -> str:  # type: ignore[override] # of the journal's name
        """What messages call its mark."""
        return f"{self.name}.mark"

    def mark_path(self, _: str) -> Path:
        """Return the path of the mark: `<journal>.mark`."""
        return _beside(self.path, ".mark")

    @property
    def missing_log_note(self) -> str:
        """A note that the write-ahead log, which may have the last changes, is missing."""
        log = _beside(self.path, "-wal")
        if log.exists() and log.stat().st_size:  # a reader creates an empty one
            return ""
        return f" ({self.name}-wal, which may contain them, is missing)"

    def physical_identity(self, _: sa.Connection) -> Mapping[str, str]:
        """Return the machine, the path and the inode of the file."""
        place = {"path": str(self.path), "inode": str(self.path.stat().st_ino)}
        identifier = machine()
        return place if identifier is None else {**place, "machine": identifier}

    def checkpoint(self, engine: sa.Engine, /) -> None:
        """Write the log into the file, as far as no reader prevents it.

        Users copy the one file that they know of. After a command it contains everything.
        """
        with self.translated_errors(), engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def backup(self, to: Path, change: BuildTables, /) -> None:
        """Copy the journal with SQLite's backup, also while another command writes."""
        with temporary_file(to) as part, self.translated_errors():
            os.close(part.handle)
            engine, copy = _engine(self.path), _engine(part.path)
            try:
                with engine.connect() as there, copy.connect() as here:
                    # The backup includes what is still in the log, unlike a copy of the
                    # file.
                    _driver(there).backup(_driver(here))
                with copy.begin() as connection:
                    change(connection)
            finally:
                engine.dispose()
                copy.dispose()
                _remove_tails(part.path)
            _sync(part.path)
            publish(part.path, to)

    def engine(self) -> sa.Engine:
        """Return an SQLAlchemy engine for the file."""
        return _engine(self.path)

    def exists(self, _: sa.Engine, /) -> bool:
        """Tell whether there is a file; raises ConfigurationError for anything else."""
        self._require_own_tails()
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return False
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{self.display_name} {_FOREIGN}")
        if status.st_nlink > 1:
            raise ConfigurationError(
                f"the journal {self.display_name} has a second name (a hard link), under which a "
                "second writer could damage it: remove the link, or copy the journal"
            )
        return True

    def _require_own_tails(self) -> None:
        """Refuse links in place of the log files, through which SQLite would write."""
        for tail in _TAILS:
            with suppress(FileNotFoundError):
                status = _beside(self.path, tail).lstat()
                if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                    raise ConfigurationError(
                        f"the journal {self.display_name} cannot be opened: its {tail} file is a "
                        "link or not a regular file; check what it is"
                    )

    def _require_no_tails(self) -> None:
        """Refuse the log of an earlier journal, which SQLite would replay into a new one.

        Refuse its mark, too: a new journal would send the same customers again.
        """
        for tail in (*_TAILS, ".mark"):
            if _beside(self.path, tail).exists():
                raise ConfigurationError(
                    f"the journal {self.display_name} is missing, but its {tail} file exists: "
                    "restore the journal, since a new one would send everybody again; if "
                    "the old one has sent nobody, or is not needed, remove its files"
                )

    def make(self, build: BuildTables, _: BeginTransaction, /) -> None:
        """Build a private file, which gets its name when it is complete."""
        self._require_no_tails()
        with temporary_file(self.path) as part, self.translated_errors():
            os.close(part.handle)
            engine = _engine(part.path)
            try:
                # The mode stays in the file. It cannot change within a transaction.
                with engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                with engine.begin() as connection:
                    build(connection)
            finally:
                # The last connection that closes moves the log into the file, which is
                # then complete before it gets its name.
                engine.dispose()
                _remove_tails(part.path)
            # Not by a link: a crash between link and unlink would leave the journal a
            # second name.
            part.path.replace(self.path)
            sync_directory(self.path.parent)

    @contextmanager
    def locked(
        self, engine: sa.Engine, /, *, shared: bool
    ) -> Iterator[BeginTransaction]:
        """Hold a lock of the operating system, which ends with the process."""
        directory = self.path.parent
        if not directory.is_dir():
            raise ConfigurationError(
                f"the journal {self.display_name} cannot be created: its directory does not exist"
            )
        with FileLock(self.path, self.display_name, shared=shared):
            yield engine.begin

    def unlocked(self, engine: sa.Engine, /) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction; SQLite allows one at a time."""
        return engine.begin()

    def count_damage(self, connection: sa.Connection) -> int:
        """Let SQLite check pages and indexes."""
        rows = connection.exec_driver_sql("PRAGMA integrity_check")
        return sum(row[0] != "ok" for row in rows)

    def failure(self, error: DBAPIError) -> str:
        """Return what has failed; SQLite reports it only as text."""
        known = match_message(str(error.orig), _FAILURES)
        return known or f"failed ({type(error.orig).__name__})"


def _engine(path: Path) -> sa.Engine:
    # Not as text: SQLAlchemy would read %, ? and # in a path as parts of a URL. Hidden
    # parameters keep ids out of the texts of errors.
    url = sa.URL.create("sqlite", database=str(path.absolute()))
    engine = sa.create_engine(url, hide_parameters=True)
    sa.event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _: object) -> None:
    """Sync at every commit: a request leaves only once its intent is on disk.

    In write-ahead mode NORMAL syncs only at checkpoints, so a power failure would lose
    intents of requests that have left (https://www.sqlite.org/pragma.html#pragma_synchronous).
    SQLite has one writer at a time; a commit waits up to 30 seconds for those of other
    workers.
    """
    for pragma in ("busy_timeout=30000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _beside(path: Path, tail: str) -> Path:
    return path.with_name(path.name + tail)


def _remove_tails(path: Path) -> None:
    """Remove the files that SQLite may leave next to a database that it could not build."""
    for tail in _TAILS:
        _beside(path, tail).unlink(missing_ok=True)
