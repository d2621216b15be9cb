"""Journals in PostgreSQL: a schema of a database that many machines can reach.

The key is outside of the database, in a file or a variable of each machine: whoever has a
dump of the database cannot test guesses against its fingerprints.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from ..._engine.references import resolve_reference
from ...errors import ConfigurationError
from .keys import Key
from .postgres_lock import LOST, LockedConnection, acquire_for_transaction
from .postgres_url import SchemaUrl
from .store import BeginTransaction, BuildTables, JournalStore, match_message

KEY = "ANYBANK_JOURNAL_KEY"
"""The environment variable with the key, or a reference to it."""

_HEX = re.compile(r"[0-9a-f]{64}")
_FULL = "its disk is full: make room, then run the same command again"
_RIGHTS = "its user lacks a right: grant it CREATE on the database or the schema"
_BY_CODE = {
    "23505": "two records would have one target id: run `anybank migrate apply` again",
    "25006": "its server is read-only: name the primary, not a standby",
    "42501": _RIGHTS,
    "53100": _FULL,
}
"""The meaning of the server's error codes."""

_SIGNS = {
    "password": "its server refuses the user or the password",
    "pg_hba": "its server refuses connections from this address (pg_hba.conf)",
    "does not exist": "its database or user does not exist",
    "too many": "its server has too many connections: try again later",
    "starting up": "its server is starting: try again",
    "shutting down": "its server is shutting down: try again later",
    "invalid connection option": "its URL has a parameter that libpq does not know",
    "permission denied": _RIGHTS,
}
_UNREACHABLE = "its server cannot be reached: check the address"
_PASSING_SIGNS = frozenset(
    {
        _UNREACHABLE,
        *(_SIGNS[sign] for sign in ("too many", "starting up", "shutting down")),
    }
)

_PASSING = frozenset({"53300", "57P01", "57P02", "57P03"})
"""The codes of a server that stops, starts, or has too many connections for now."""

_CONNECT = {
    "connect_timeout": 10,
    "client_encoding": "utf8",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A server that disappears without a word is noticed within a minute."""

_SETTINGS = """
SELECT set_config('search_path', %s, false),
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
  set_config('tcp_keepalives_idle', '30', false),
  set_config('tcp_keepalives_interval', '10', false),
  set_config('tcp_keepalives_count', '3', false),
  (SELECT set_config(name, '0', false) FROM pg_settings
    WHERE name = 'idle_session_timeout')
"""
"""The settings of each session, whatever the database or the user has as defaults.

Commits are durable: `synchronous_commit` may be off, and only the stricter `remote_apply`
stays. The server notices within a minute that the machine of a lock's holder is gone,
instead of after two hours. No session ends because it is idle, since the lock would end
with it; that setting exists from PostgreSQL 14, hence the look into `pg_settings`.
"""

_RELATIONS = sa.text("""
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = :name
""")
_SCHEMAS = sa.text("SELECT count(*) FROM pg_namespace WHERE nspname = :name")
_CHECKSUMS = sa.text("""
SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database
WHERE datname = current_database()
""")


_WHEREABOUTS = sa.text("""
SELECT pg_database.oid AS database, pg_namespace.oid AS schema,
  has_function_privilege('pg_control_system()', 'execute') AS may_identify_server
FROM pg_database, pg_namespace WHERE datname = current_database() AND nspname = :name
""")
_SERVER = sa.text("SELECT system_identifier FROM pg_control_system()")


@frozen
class PostgresStore(JournalStore):
    """A schema in a database of PostgreSQL."""

    address: SchemaUrl
    name: str = ""
    """The reference to the URL, if there is one: messages show only that."""

    title = "PostgreSQL"
    insert = staticmethod(postgresql.insert)
    foreign_message = "is not an anybank journal: name another with ?journal=NAME"
    now: ClassVar[sa.ColumnElement[float]] = sa.literal_column(
        "extract(epoch FROM clock_timestamp())::float8", sa.Float()
    )
    # A query then needs no BEGIN and no ROLLBACK, which are two more exchanges.
    reading: ClassVar[Mapping[str, Any]] = {"isolation_level": "AUTOCOMMIT"}
    # The lock belongs to a session, and the server may end the session.
    can_outlive_lock: ClassVar[bool] = True

    @property
    def schema(self) -> str:
        """The schema of the tables."""
        return self.address.name

    @property
    def display_name(self) -> str:
        """The URL with a masked password, or the reference to it."""
        return self.name or self.address.display_name

    def key(self) -> Key:
        """Read the key that the URL or the environment names."""
        text, display_name = self._key_text()
        if _HEX.fullmatch(text):
            return Key.of(text, display_name)
        return Key.read(_path(text), display_name)

    def make_key(self) -> Key:
        """Create the key file, unless it exists or the key is no file."""
        text, display_name = self._key_text()
        if _HEX.fullmatch(text):
            return Key.of(text, display_name)
        return Key.create(_path(text), display_name)

    @property
    def mark_name(self) -> str:  # type: ignore[override] # of the key's name
        """What messages call its mark."""
        return f"next to {self._key_text()[1]}"

    def mark_path(self, identifier: str) -> Path:
        """Return a path next to the key file, or in the user's state directory."""
        text, _ = self._key_text()
        name = f"{identifier[:8]}.mark"
        if not _HEX.fullmatch(text):
            key = _path(text)
            return key.with_name(f"{key.name}.{name}")
        directory = _state_directory()
        with self.translated_errors():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return directory / name

    def physical_identity(self, connection: sa.Connection) -> Mapping[str, str]:
        """Return the ids of the server, the database and the schema, which no dump has."""
        row = connection.execute(_WHEREABOUTS, {"name": self.schema}).one()
        place = {"database": str(row.database), "schema": str(row.schema)}
        if not row.may_identify_server:  # a right that ordinary users may lack
            return place
        return {**place, "server": str(connection.scalar(_SERVER))}

    def checkpoint(self, _: sa.Engine, /) -> None:
        """Do nothing: the server writes its own checkpoints."""

    def backup(self, _: Path, __: BuildTables, /) -> None:
        """Refuse: PostgreSQL has its own tools for backups."""
        raise ConfigurationError(
            f"the journal {self.display_name} is in PostgreSQL: copy it with pg_dump "
            f"--schema={self.schema}; a dump that is restored is refused until `anybank "
            "migrate adopt` has accepted it"
        )

    def _key_text(self) -> tuple[str, str]:
        """Return the key or the path of its file, and the name of it in messages.

        Text other than `file:PATH` may be a mistyped key, and is never printed.
        """
        named = "&key= of its URL" if self.address.key else KEY
        text = self.address.key or os.environ.get(KEY)
        if text:
            key = resolve_reference(text, named) if text.startswith("env:") else text
            is_path = text.startswith("file:") or os.sep in text
            return key, text.removeprefix("file:") if is_path else named
        raise ConfigurationError(
            f"the journal {self.display_name} needs the key of its fingerprints outside of its "
            f"database: set {KEY}=file:PATH, or add &key=PATH to the URL; `plan` creates "
            "the file"
        )

    def engine(self) -> sa.Engine:
        """Return an SQLAlchemy engine that sets up each session."""
        ours = {**_CONNECT, "application_name": _session_name()}
        try:
            engine = sa.create_engine(
                self.address.url,
                connect_args={**ours, **self.address.parameters},
                hide_parameters=True,
            )
        except ImportError:
            pass
        else:
            sa.event.listen(engine, "connect", self._set_up)
            return engine
        raise ConfigurationError(
            "a journal in PostgreSQL needs psycopg: pip install 'anybank[postgres]'"
        )

    def _set_up(self, connection: Any, _: object) -> None:
        # A setting that is made in a transaction is undone if that one is rolled back.
        connection.autocommit = True
        connection.execute(_SETTINGS, [self.schema])
        connection.autocommit = False

    def exists(self, engine: sa.Engine, /) -> bool:
        """Tell whether the schema contains anything; an empty schema may be prepared."""
        with engine.connect() as connection:
            return bool(connection.scalar(_RELATIONS, {"name": self.schema}))

    def make(self, build: BuildTables, begin: BeginTransaction, /) -> None:
        """Create the schema, unless it exists, and the tables in one transaction."""
        with begin() as connection:
            if not connection.scalar(_SCHEMAS, {"name": self.schema}):
                connection.execute(sa.schema.CreateSchema(self.schema))
            build(connection)

    @contextmanager
    def locked(
        self, engine: sa.Engine, /, *, shared: bool
    ) -> Iterator[BeginTransaction]:
        """Hold an advisory lock in a connection of its own."""
        with engine.connect() as connection:
            # Detached, so that the session, and with it the lock, ends here. A pool would
            # only roll back, and a session lock survives that.
            connection.detach()
            session = LockedConnection(connection, self.display_name)
            session.acquire(self.schema, shared=shared)
            yield session.begin

    @contextmanager
    def unlocked(self, engine: sa.Engine, /) -> Iterator[sa.Connection]:
        """Begin a transaction that holds the exclusive lock while it lasts."""
        with engine.begin() as connection:
            acquire_for_transaction(connection, self.schema, self.display_name)
            yield connection

    def count_damage(self, connection: sa.Connection) -> int:
        """Return how many damaged pages of the database the server has found."""
        return int(connection.scalar(_CHECKSUMS) or 0)

    def is_unreachable(self, error: DBAPIError) -> bool:
        """Tell whether the server ended the connection, or did not let it begin for now."""
        code = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or code in _PASSING:
            return True
        return code is None and self.failure(error) in _PASSING_SIGNS

    def failure(self, error: DBAPIError) -> str:
        """Return what has failed, by the server's code or by libpq's text."""
        if error.connection_invalidated:
            return LOST
        code = getattr(error.orig, "sqlstate", None) or ""
        if known := _BY_CODE.get(code) or match_message(str(error.orig), _SIGNS):
            return known
        return f"failed ({type(error.orig).__name__} {code})" if code else _UNREACHABLE


def _session_name() -> str:
    """Return the name of a session, which an error shows as the holder of a lock.

    PostgreSQL cuts names after 63 characters.
    """
    return f"anybank {os.getpid()}@{socket.gethostname()}"[:63]


def _state_directory() -> Path:
    """Return the directory for a user's state files (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "anybank"


def _path(text: str) -> Path:
    return Path(text.removeprefix("file:")).expanduser()
