"""The rows of shared rate limits in the user's PostgreSQL database.

`next_at` and `held_until` are Unix seconds by the clock of the database. A single statement
reads and moves `next_at`, so that no transaction stays open between two calls.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, TypeAlias
from weakref import finalize

from attrs import define, field

from ..errors import ConfigurationError
from .per_process import abandon
from .rate_store import Reservation
from .references import resolve_reference

try:
    import psycopg
    from psycopg import errors
except ModuleNotFoundError:
    raise ConfigurationError(
        "Throttle.shared needs psycopg: pip install 'anybank[postgres]'"
    ) from None

# Each reservation updates the row in place. Free space in its page lets PostgreSQL do
# that without touching the index ("Heap-Only Tuples",
# https://www.postgresql.org/docs/current/storage-hot.html).
_CREATE = """
CREATE TABLE IF NOT EXISTS anybank_rates (
  key text PRIMARY KEY, next_at float8 NOT NULL, held_until float8 NOT NULL
) WITH (fillfactor = 50)
"""

# Not now(), which is the start of the transaction: after waiting for the lock of the
# row that moment is past, and its slots would overlap with those of the process before.
_NOW = "extract(epoch FROM clock_timestamp())::float8"

# greatest() discards the slots that nobody used, so that idle time allows no burst.
_RESERVE = f"""
INSERT INTO anybank_rates AS rates (key, next_at, held_until)
VALUES (%(key)s, {_NOW} + %(span)s, 0)
ON CONFLICT (key) DO UPDATE SET next_at = greatest(rates.next_at, {_NOW}) + %(span)s
RETURNING next_at - %(span)s - {_NOW}, held_until - {_NOW}
"""  # noqa: S608  # no text from outside is in it

_HOLD = f"""
INSERT INTO anybank_rates AS rates (key, next_at, held_until)
VALUES (%(key)s, {_NOW} + %(seconds)s, {_NOW} + %(seconds)s)
ON CONFLICT (key) DO UPDATE SET
  next_at = greatest(rates.next_at, excluded.next_at),
  held_until = greatest(rates.held_until, excluded.held_until)
"""  # noqa: S608  # no text from outside is in it

_HELD = f"SELECT held_until - {_NOW} FROM anybank_rates WHERE key = %(key)s"  # noqa: S608  # the same

_CONNECT: Mapping[str, Any] = {"connect_timeout": 10, "autocommit": True}
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_LOST = (psycopg.OperationalError, psycopg.InterfaceError)


@define
class PostgresRates:
    """One connection to the database; a child process opens its own."""

    _url: str = field(repr=False)
    _connection: Connection | None = field(init=False, default=None, repr=False)
    _pid: int = field(init=False, factory=os.getpid)
    _lock: Lock = field(init=False, factory=Lock, repr=False)
    _close: Callable[[], object] = field(init=False, default=bool, repr=False)

    def reserve(self, key: str, count: int, interval: float) -> Reservation:
        """Reserve the next *count* slots, *interval* seconds apart."""
        row = self._execute(_RESERVE, {"key": key, "span": count * interval})
        if row is None:
            raise TypeError
        return Reservation(*row)

    def hold(self, key: str, seconds: float) -> None:
        """Let no slot start for some seconds, in any process."""
        self._execute(_HOLD, {"key": key, "seconds": seconds})

    def held_for(self, key: str) -> float:
        """Return for how many more seconds no call may start."""
        row = self._execute(_HELD, {"key": key})
        return 0.0 if row is None else float(row[0])

    def _execute(
        self, statement: str, parameters: Mapping[str, Any]
    ) -> tuple[Any, ...] | None:
        """Run a statement; connect again once if the connection was lost.

        A reservation whose response was lost is repeated: its slots expire unused.
        """
        self._abandon_inherited()
        with self._lock:
            for is_last in (False, True):
                try:
                    return self._run(statement, parameters)
                except psycopg.Error as error:
                    self._close()
                    self._connection = None
                    reason = type(error).__name__
                    if is_last or not isinstance(error, _LOST):
                        break
        # The message of libpq is left out, because it may contain the URL.
        raise ConfigurationError(
            f"the database of the shared rate limit cannot be used ({reason}): check its "
            "URL, and that its user may create the table anybank_rates",
            retryable=True,
        )

    def _run(
        self, statement: str, parameters: Mapping[str, Any]
    ) -> tuple[Any, ...] | None:
        if self._connection is None:
            url = resolve_reference(self._url, "the URL of Throttle.shared")
            self._connection = psycopg.connect(url, **_CONNECT)
            self._close = finalize(self, _close_own, self._connection, self._pid)
            # A crash of the server may lose the last reservations. Their slots have
            # passed before the server is up again, so no call waits for the disk.
            self._connection.execute("SET synchronous_commit = off")
        try:
            cursor = self._connection.execute(statement, parameters)
        except errors.UndefinedTable:
            self._create(self._connection)
            cursor = self._connection.execute(statement, parameters)
        return cursor.fetchone() if cursor.description else None

    def _create(self, connection: Connection) -> None:
        # IF NOT EXISTS does not prevent these errors when two processes create the
        # table at the same moment: the name of its row type may exist before it does. It is created only when it is missing, so that a
        # user without the right to create tables can use an existing one.
        twice = errors.UniqueViolation, errors.DuplicateTable, errors.DuplicateObject
        with suppress(*twice):
            connection.execute(_CREATE)

    def _abandon_inherited(self) -> None:
        if self._pid != os.getpid():
            # The lock is new, too: another thread of the parent may have held it.
            self._pid, self._lock = os.getpid(), Lock()
            abandon(self._connection)
            self._connection = None


def _close_own(connection: Connection, pid: int) -> None:
    """Close a connection, but only in its own process: a child would end its parent's."""
    if os.getpid() == pid:
        connection.close()
