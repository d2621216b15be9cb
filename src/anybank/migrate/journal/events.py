"""The history of each record: a row for each change of its state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from .record_queries import RecordQueries
from .states import State
from .tables import EVENTS, RECORDS
from .transitions import Transition

_CODES = ("class", "code", "status")
"""What is stored of a failure: the vendor's codes, and no text."""


def record_events(
    connection: sa.Connection, transitions: Sequence[Transition], now: datetime
) -> None:
    """Add a row for each transition that changes a state, or sends a request.

    Call it before the states are changed: it compares with the stored ones.
    """
    states = _states(connection, {transition.number for transition in transitions})
    rows = []
    for position, transition in enumerate(transitions):
        number, state = transition.number, transition.state
        is_new = states.get(number) != state or state is State.IN_FLIGHT
        states[number] = state
        if is_new:
            rows.append(_row(transition, position, now))
    if rows:
        connection.execute(sa.insert(EVENTS), rows)


def _row(transition: Transition, position: int, now: datetime) -> Mapping[str, Any]:
    failure = transition.known.get("failure")
    codes = {
        name: failure[name]
        for name in _CODES
        if isinstance(failure, Mapping) and failure.get(name)
    }
    return {
        "number": transition.number,
        "at": _at(now),
        "position": position,
        "state": transition.state,
        "failure": json.dumps(codes, sort_keys=True) if codes else None,
    }


def _states(connection: sa.Connection, numbers: set[int]) -> dict[int, str]:
    query = sa.select(RECORDS.c.number, RECORDS.c.state)
    rows = connection.execute(query.where(RECORDS.c.number.in_(numbers)))
    return {row.number: row.state for row in rows}


def record_recovery(
    connection: sa.Connection,
    conditions: Sequence[sa.ColumnElement[bool]],
    now: datetime,
) -> None:
    """Add a row for each record that a crash left in flight and that becomes unknown."""
    columns = (
        RECORDS.c.number,
        sa.literal(_at(now)),
        sa.literal(0),
        sa.literal(State.UNKNOWN.value),
    )
    query = sa.select(*columns).where(RECORDS.c.state == State.IN_FLIGHT, *conditions)
    names = ["number", "at", "position", "state"]
    connection.execute(sa.insert(EVENTS).from_select(names, query))


def was_verified(journal: RecordQueries, number: int) -> bool:
    """Return whether a record was verified since it was created, whatever differs now."""
    rows = journal.query(_LAST_CHECK, {"number": number})
    return bool(rows) and rows[0].state == State.VERIFIED


_LAST_CHECK = (
    sa.select(EVENTS.c.state)
    .where(EVENTS.c.number == sa.bindparam("number"))
    .where(EVENTS.c.state != State.MISMATCHED)
    .order_by(EVENTS.c.at.desc(), EVENTS.c.position.desc())
    .limit(1)
)


def _at(now: datetime) -> str:
    return now.isoformat(timespec="microseconds")
