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
from .store import JournalUnreachable

LOST = (
    "the connection to its database was lost, so nothing more is sent: run the same "
    "command again; it first looks for the requests that were under way"
)
_POOLED = (
    "a connection pooler is in front of its database, and may give the journal's lock "
    "to another process: name the server itself in the URL"
)

_PATIENCE = sa.text("SET LOCAL lock_timeout = '500ms'")
"""Wait a moment for the lock: the server takes a while to notice that a holder was killed."""
_TIMED_OUT = "55P03"
_ACQUIRE = sa.text("SELECT pg_advisory_lock(:key)")
_ACQUIRE_SHARED = sa.text("SELECT pg_advisory_lock_shared(:key)")
_ACQUIRE_FOR_TRANSACTION = sa.text("SELECT pg_advisory_xact_lock(:key)")
_PID = sa.text("SELECT pg_backend_pid()")
_HOLDER = sa.text("""
SELECT application_name AS name, host(client_addr) AS address,
  to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((classid::bigint << 32) | objid::bigint) = :key
""")
"""The holder of a lock. `pg_locks` has the halves of a key apart, with objsubid 1.

https://www.postgresql.org/docs/current/view-pg-locks.html
"""


@define
class LockedConnection:
    """The connection that holds the lock; one thread at a time writes through it."""

    connection: sa.Connection
    display_name: str
    _writing: Lock = field(factory=Lock, init=False, repr=False)

    def acquire(self, name: str, *, shared: bool) -> None:
        """Acquire the lock of a journal; raise ConfigurationError with its holder's name."""
        with self.connection.begin():
            statement = _ACQUIRE_SHARED if shared else _ACQUIRE
            _acquire(self.connection, statement, name, self.display_name)
            pid = self.connection.scalar(_PID)
            driver: Any = self.connection.connection.dbapi_connection
        # A pooler such as PgBouncer names its own process at the connect, and another
        # server process answers. It may give that process, and the lock, to anybody.
        if driver.info.backend_pid != pid:
            raise ConfigurationError(f"the journal {self.display_name}: {_POOLED}")

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Begin a transaction; a lost connection is not opened again."""
        with self._writing:
            # SQLAlchemy would connect again by itself, without the lock.
            if self.connection.invalidated:
                raise JournalUnreachable(f"the journal {self.display_name}: {LOST}")
            with self.connection.begin():
                yield self.connection


def acquire_for_transaction(
    connection: sa.Connection, name: str, display_name: str
) -> None:
    """Acquire the exclusive lock of a journal for the current transaction."""
    _acquire(connection, _ACQUIRE_FOR_TRANSACTION, name, display_name)


def _acquire(
    connection: sa.Connection, statement: sa.TextClause, name: str, display_name: str
) -> None:
    key = {"key": lock_key(name)}
    connection.execute(_PATIENCE)
    try:
        # A savepoint: after a timeout the transaction still asks who holds the lock.
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
    holder = (
        "another process" if row is None else row.name or "a session without a name"
    )
    where = f" from {row.address}" if row and row.address else ""
    since = f" since {row.since}" if row and row.since else ""
    return ConfigurationError(
        f"the journal {display_name} is being written by {holder}{where}{since}: wait for it, or "
        "end it first (`status` works meanwhile)",
        retryable=True,
    )


def lock_key(name: str) -> int:
    """Return the number of a journal's lock, which depends only on its name.

    Advisory locks belong to a database, so two databases may use the same number.
    """
    digest = sha256(f"anybank journal {name}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1  # a bigint of PostgreSQL has a sign
