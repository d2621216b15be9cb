"""Journals in SQLite: a file, with its key and its lock beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from ..errors import ConfigurationError
from .keys import Key
from .locks import Lock
from .stores import Begin, Build, Store, sign_in

_FOREIGN = "is not a journal of anybank: name another file"

_DAMAGED = "is damaged: restore it from a copy, with its -wal file and key"

_FAILURES = {
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
class SqliteStore(Store):
    """A file of SQLite, in its write-ahead mode."""

    path: Path

    title = "SQLite"
    insert = staticmethod(sqlite.insert)
    foreign = _FOREIGN
    now: ClassVar[sa.ColumnElement[float]] = sa.literal_column(
        "(julianday('now') - 2440587.5) * 86400.0", sa.Float()
    )

    @property
    def shown(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def key_path(self) -> Path:
        """Beside the journal: `<journal>.key`."""
        return self.path.with_name(self.path.name + ".key")

    def key(self) -> Key:
        """Read the key beside the journal."""
        return Key.read(self.key_path)

    def make_key(self) -> Key:
        """Make the key beside the journal."""
        return Key.made(self.key_path)

    def engine(self) -> sa.Engine:
        """Return what connects to the file."""
        engine = sa.create_engine(f"sqlite:///{self.path}", hide_parameters=True)
        sa.event.listen(engine, "connect", _set_pragmas)
        return engine

    def exists(self, _: sa.Engine, /) -> bool:
        """Tell whether there is a file."""
        return self.path.exists()

    def make(self, build: Build, _: Begin, /) -> None:
        """Build beside it, for its owner's eyes; the file takes its name at the end."""
        unfinished = SqliteStore(self.path.with_name(self.path.name + ".new"))
        unfinished.path.unlink(missing_ok=True)
        _touch(unfinished.path)
        engine = unfinished.engine()
        with unfinished.told_clearly():
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            with engine.begin() as connection:
                build(connection)
        engine.dispose()
        unfinished.path.replace(self.path)

    @contextmanager
    def locked(self, engine: sa.Engine, /, *, shared: bool) -> Iterator[Begin]:
        """Hold a lock of the operating system: it ends with the process."""
        directory = self.path.parent
        if not directory.is_dir():
            raise ConfigurationError(
                f"the journal {self.path} cannot be made: there is no directory "
                f"{directory}"
            )
        with Lock(self.path, shared=shared):
            yield engine.begin

    def unlocked(self, engine: sa.Engine, /) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction: SQLite lets one in at a time."""
        return engine.begin()

    def broken(self, connection: sa.Connection) -> int:
        """Let SQLite check pages and indexes."""
        rows = connection.exec_driver_sql("PRAGMA integrity_check")
        return sum(row[0] != "ok" for row in rows)

    def failure(self, error: DBAPIError) -> str:
        """Say what has failed: SQLite says it in words alone."""
        known = sign_in(str(error.orig), _FAILURES)
        return known or f"failed ({type(error.orig).__name__})"


def _set_pragmas(connection: Any, _: object) -> None:
    """Sync at every commit: an intent is on the disk, or its request does not leave."""
    for pragma in ("busy_timeout=30000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        failed = error.strerror
    else:
        return
    raise ConfigurationError(f"the journal {path} cannot be made: {failed}")
