"""From the tables of an older journal to those of this version, one version at a time.

Each step runs in the transaction of all of them: a journal is of the old version or of the
new one, and every outcome in it stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from .tables import META, SCHEMA


def upgrade(connection: sa.Connection, version: int) -> None:
    """Bring the tables from a version to this one."""
    # first of all: SQLite's driver begins the transaction at the first change of a row
    connection.execute(
        sa.update(META).where(META.c.name == "schema").values(value=str(SCHEMA))
    )
    for old in range(version, SCHEMA):
        for statement in _STEPS[old]:
            connection.execute(sa.text(statement))


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

_STEPS: Mapping[int, Sequence[str]] = {
    1: (_THROUGHPUT, _BATCHES, _BY_REFERENCE),
    2: (_IDENTITIES, _BY_PRINT, _EXCLUSIONS, _EVENTS, _RUNS),
    3: (_OPENINGS,),
}
"""What leads on from each version, in words that do not change with our tables."""
