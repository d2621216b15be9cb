"""How many records came into each state in each minute: what a report draws."""

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
"""The schema that has it first: an older journal has noted nothing."""


@frozen
class Tick:
    """How many records came into a state in one minute (UTC, as `2026-11-21T08:20Z`)."""

    minute: str
    state: State
    count: int


def add_counts(
    connection: sa.Connection, insert: Any, counts: Mapping[State, int], now: datetime
) -> None:
    """Add to the minute that it is; `insert` is the dialect's own, with an upsert.

    In the order of the states: so no two transactions wait for each other crosswise.
    """
    rows = [
        {"minute": minute_of(now), "state": state, "count": count}
        for state, count in sorted(counts.items())
        if count
    ]
    if rows:
        connection.execute(_added(insert), rows)


@cache
def _added(insert: Any) -> sa.Insert:
    """Return the statement; to build it costs more than to run it."""
    statement = insert(THROUGHPUT)
    added: sa.Insert = statement.on_conflict_do_update(
        index_elements=[THROUGHPUT.c.minute, THROUGHPUT.c.state],
        set_={"count": THROUGHPUT.c.count + statement.excluded.count},
    )
    return added


def minute_of(now: datetime) -> str:
    """Return the minute of a time in UTC."""
    return f"{now:%Y-%m-%dT%H:%MZ}"


def read_ticks(connection: sa.Connection) -> Sequence[Tick]:
    """Return what was noted, in the order of time."""
    query = sa.select(THROUGHPUT).order_by(THROUGHPUT.c.minute, THROUGHPUT.c.state)
    return [
        Tick(row["minute"], State(row["state"]), row["count"])
        for row in connection.execute(query).mappings()
    ]
