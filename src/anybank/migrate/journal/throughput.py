"""How many records entered each state in each minute; reports draw it as a chart.

Each worker counts in rows of its own. One row for all of them would be locked by every
commit, and so limit all workers together to the commits of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from attrs import frozen

from .states import State
from .tables import THROUGHPUT

SINCE = 2
"""The first schema version with this table."""


@frozen
class Tick:
    """How many records entered a state in one minute (UTC, as `2026-11-21T08:20Z`)."""

    minute: str
    state: State
    count: int


@frozen
class WorkerTick:
    """How many changes of state a worker wrote in one minute.

    `worker` is empty for a command that held the journal exclusively.
    """

    minute: str
    worker: str
    count: int


def add_counts(
    connection: sa.Connection,
    insert: Any,
    counts: Mapping[State, int],
    now: datetime,
    worker: str,
) -> None:
    """Add to the counts of this minute; *insert* is the dialect's own, with an upsert."""
    rows = [
        {"minute": minute_of(now), "state": state, "worker": worker, "count": count}
        for state, count in sorted(counts.items())
        if count
    ]
    if rows:
        connection.execute(_upsert(insert), rows)


@cache
def _upsert(insert: Any) -> sa.Insert:
    """Return the statement; building it takes longer than executing it."""
    statement = insert(THROUGHPUT)
    upsert: sa.Insert = statement.on_conflict_do_update(
        index_elements=list(THROUGHPUT.primary_key),
        set_={"count": THROUGHPUT.c.count + statement.excluded.count},
    )
    return upsert


def minute_of(now: datetime) -> str:
    """Return the minute of a time in UTC."""
    return f"{now:%Y-%m-%dT%H:%MZ}"


_TOTAL = sa.func.sum(THROUGHPUT.c.count).label("total")


def read_ticks(connection: sa.Connection) -> Sequence[Tick]:
    """Return the counts of all workers together, in the order of time."""
    columns = (THROUGHPUT.c.minute, THROUGHPUT.c.state)
    query = sa.select(*columns, _TOTAL).group_by(*columns).order_by(*columns)
    return [
        Tick(row.minute, State(row.state), int(row.total))
        for row in connection.execute(query)
    ]


def read_worker_ticks(connection: sa.Connection) -> Sequence[WorkerTick]:
    """Return the changes of each worker, in the order of time."""
    columns = (THROUGHPUT.c.minute, THROUGHPUT.c.worker)
    query = sa.select(*columns, _TOTAL).group_by(*columns).order_by(*columns)
    return [
        WorkerTick(row.minute, row.worker, int(row.total))
        for row in connection.execute(query)
    ]
