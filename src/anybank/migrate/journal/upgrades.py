"""Upgrade the tables of an older journal, one version after the other.

All steps run in one transaction, so a journal has either the old version or the new one,
and keeps every outcome. The steps are written out as SQL and never change. Built from
`tables`, an old step would create the tables of today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from .tables import META, SCHEMA


def upgrade(connection: sa.Connection, version: int) -> None:
    """Upgrade the tables from a version to the current one."""
    # First, because SQLite's driver begins the transaction only at the first change of a
    # row, and a CREATE before it would not be rolled back.
    connection.execute(
        sa.update(META).where(META.c.name == "schema").values(value=str(SCHEMA))
    )
    for old in range(version, SCHEMA):
        for statement in (*_STEPS[old], *_own_steps(connection, old)):
            connection.execute(sa.text(statement.format(number=_number(connection))))


def _own_steps(connection: sa.Connection, version: int) -> Sequence[str]:
    is_postgres = connection.dialect.name == "postgresql"
    return _POSTGRES_STEPS.get(version, ()) if is_postgres else ()


def _number(connection: sa.Connection) -> str:
    return "BIGINT" if connection.dialect.name == "postgresql" else "INTEGER"


_THROUGHPUT = (
    "CREATE TABLE throughput (minute VARCHAR NOT NULL, state VARCHAR NOT NULL, "
    "count INTEGER NOT NULL, PRIMARY KEY (minute, state))"
)

_BATCHES = (
    "CREATE TABLE batches (first INTEGER NOT NULL, last INTEGER NOT NULL, "
    "token INTEGER NOT NULL, holder VARCHAR, deadline FLOAT, PRIMARY KEY (first))"
)
_BY_REFERENCE = "CREATE INDEX records_by_reference ON records (reference)"

_IDENTITIES = (
    "CREATE TABLE identities (number INTEGER NOT NULL, kind VARCHAR NOT NULL, "
    "print VARCHAR NOT NULL, PRIMARY KEY (number, kind), "
    "FOREIGN KEY(number) REFERENCES records (number))"
)
_BY_PRINT = "CREATE INDEX identities_by_print ON identities (kind, print, number)"
_EXCLUSIONS = (
    "CREATE TABLE exclusions (source_id VARCHAR NOT NULL, PRIMARY KEY (source_id))"
)
_EVENTS = (
    "CREATE TABLE events (number INTEGER NOT NULL, at VARCHAR NOT NULL, "
    "position INTEGER NOT NULL, state VARCHAR NOT NULL, failure VARCHAR, "
    "PRIMARY KEY (number, at, position), "
    "FOREIGN KEY(number) REFERENCES records (number))"
)
_RUNS = (
    "CREATE TABLE runs (id VARCHAR NOT NULL, command VARCHAR NOT NULL, "
    "operator VARCHAR NOT NULL, started_at VARCHAR NOT NULL, ended_at VARCHAR, "
    "outcome VARCHAR, PRIMARY KEY (id))"
)

_OPENINGS = (
    "CREATE TABLE openings (name VARCHAR NOT NULL, number INTEGER NOT NULL, "
    "place VARCHAR NOT NULL, opened_at VARCHAR NOT NULL, changes INTEGER NOT NULL, "
    "PRIMARY KEY (name))"
)

_WORKERS = (
    "DROP INDEX records_by_plan",
    # SQLite cannot change a primary key or the type of a column, so tables are copied.
    "ALTER TABLE throughput RENAME TO old_throughput",
    (
        "CREATE TABLE throughput (minute VARCHAR NOT NULL, state VARCHAR NOT NULL, "
        "worker VARCHAR NOT NULL, count INTEGER NOT NULL, "
        "PRIMARY KEY (minute, state, worker))"
    ),
    "INSERT INTO throughput SELECT minute, state, '', count FROM old_throughput",
    "DROP TABLE old_throughput",
    "ALTER TABLE batches RENAME TO old_batches",
    (
        "CREATE TABLE batches (first {number} NOT NULL, last {number} NOT NULL, "
        "token INTEGER NOT NULL, holder VARCHAR, deadline FLOAT, task VARCHAR, "
        "available_at FLOAT, PRIMARY KEY (first))"
    ),
    (
        "INSERT INTO batches SELECT first, last, token, holder, deadline, NULL, NULL "
        "FROM old_batches"
    ),
    "DROP TABLE old_batches",
    "CREATE INDEX batches_by_task ON batches (task, first) WHERE task IS NOT NULL",
    (
        "CREATE TABLE workers (name VARCHAR NOT NULL, concurrency INTEGER NOT NULL, "
        "started_at FLOAT NOT NULL, heartbeat_at FLOAT NOT NULL, status VARCHAR NOT NULL, "
        "PRIMARY KEY (name))"
    ),
    (
        "CREATE TABLE pauses (id INTEGER NOT NULL, paused_at VARCHAR NOT NULL, "
        "operator VARCHAR NOT NULL, PRIMARY KEY (id))"
    ),
    (
        "CREATE TABLE rates (name VARCHAR NOT NULL, next_at FLOAT NOT NULL, "
        "held_until FLOAT NOT NULL, PRIMARY KEY (name))"
    ),
)

_POSTGRES_WORKERS = (
    "ALTER TABLE records ALTER COLUMN number TYPE BIGINT",
    "ALTER SEQUENCE records_number_seq AS BIGINT",
    *(
        f"ALTER TABLE {table} ALTER COLUMN number TYPE BIGINT"
        for table in ("findings", "identities", "events")
    ),
    "ALTER TABLE records SET (fillfactor = 50)",
    *(
        f"ALTER TABLE {table} SET (fillfactor = 50)"
        for table in ("throughput", "batches", "workers", "rates", "openings")
    ),
)

_STEPS: Mapping[int, Sequence[str]] = {
    1: (_THROUGHPUT, _BATCHES, _BY_REFERENCE),
    2: (_IDENTITIES, _BY_PRINT, _EXCLUSIONS, _EVENTS, _RUNS),
    3: (_OPENINGS,),
    4: _WORKERS,
}
"""The statements that lead from a version to the next one."""

_POSTGRES_STEPS: Mapping[int, Sequence[str]] = {4: _POSTGRES_WORKERS}
"""Further statements for PostgreSQL."""
