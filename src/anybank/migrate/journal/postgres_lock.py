"""The lock of a journal in PostgreSQL, and the one connection that writes under it.

The lock belongs to a session of the server, and ends with it. Its holder writes only
through that session, so a holder that has lost its connection can write no intent any
more, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock
from typing import Any

import sqlalchemy as sa
from attrs import define, field
from sqlalchemy.exc import DBAPIError

from ...errors import ConfigurationError

LOST = (
    "the connection to its database was lost, so nothing more is sent: run the same "
    "command again; it first looks for the requests that were under way"
)
_POOLED = (
    "a connection pooler is in front of its database, and may give the journal's lock "
    "to another process: name the server itself in the URL"
)

_PATIENCE = sa.text("SET LOCAL lock_timeout = '500ms'")
"""The server takes a moment to notice that a holder was killed."""
_TIMED_OUT = "55P03"
_TAKE = sa.text("SELECT pg_advisory_lock(:key)")
_SHARE = sa.text("SELECT pg_advisory_lock_shared(:key)")
_TAKE_ONCE = sa.text("SELECT pg_advisory_xact_lock(:key)")
_PID = sa.text("SELECT pg_backend_pid()")
_HOLDER = sa.text("""
SELECT application_name AS name, host(client_addr) AS address,
  to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = :key
""")


@define
class LockedConnection:
    """The connection that holds the lock; one thread at a time writes through it."""

    connection: sa.Connection
    display_name: str
    _turn: Lock = field(factory=Lock, init=False, repr=False)

    def take(self, name: str, *, shared: bool) -> None:
        """Acquire the lock of a journal; raise ConfigurationError with its holder's name."""
        with self.connection.begin():
            how = _SHARE if shared else _TAKE
            _take(self.connection, how, name, self.display_name)
            pid = self.connection.scalar(_PID)
            driver: Any = self.connection.connection.dbapi_connection
        if driver.info.backend_pid != pid:
            raise ConfigurationError(f"the journal {self.display_name}: {_POOLED}")

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Begin a transaction; a lost connection is not opened again."""
        with self._turn:
            if self.connection.invalidated:
                raise ConfigurationError(
                    f"the journal {self.display_name}: {LOST}", retryable=True
                )
            with self.connection.begin():
                yield self.connection


def acquire_for_transaction(
    connection: sa.Connection, name: str, display_name: str
) -> None:
    """Acquire the exclusive lock of a journal for the current transaction."""
    _take(connection, _TAKE_ONCE, name, display_name)


def _take(
    connection: sa.Connection, statement: sa.TextClause, name: str, display_name: str
) -> None:
    key = {"key": lock_key(name)}
    connection.execute(_PATIENCE)
    try:
        with connection.begin_nested():
            connection.execute(statement, key)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
    else:
        return
    raise _held_by(connection.execute(_HOLDER, key).first(), display_name)


def _held_by(row: sa.Row[Any] | None, display_name: str) -> ConfigurationError:
    """Return the error that names the holder of the lock, as far as the server knows."""
    who = "another process" if row is None else row.name or "a session without a name"
    where = f" from {row.address}" if row and row.address else ""
    since = f" since {row.since}" if row and row.since else ""
    return ConfigurationError(
        f"the journal {display_name} is being written by {who}{where}{since}: wait for it, or "
        "end it first (`status` works meanwhile)",
        retryable=True,
    )


def lock_key(name: str) -> int:
    """Return the number of a journal's lock, which depends only on its name."""
    digest = sha256(f"anybank journal {name}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1
