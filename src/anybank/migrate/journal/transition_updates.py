"""Batched UPDATEs for state transitions: one executemany per (state, columns)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias

import sqlalchemy as sa

from ...errors import ConfigurationError
from .states import State, before
from .tables import IDENTITIES, RECORDS
from .transitions import Transition

_Shape: TypeAlias = tuple[State, tuple[str, ...]]
"""A new state, and the names of the columns that change with it."""


def apply_transitions(
    connection: sa.Connection, moves: Sequence[Transition], now: datetime
) -> None:
    """Change states; raise ConfigurationError where a state may not follow the other."""
    at = now.isoformat(timespec="milliseconds")
    for group in _in_order(moves):
        for shape, alike in _by_shape(group).items():
            rows = [
                {"_number": each.number, "_at": at, **_known(each)} for each in alike
            ]
            changed = connection.execute(_update(*shape), rows)
            if changed.rowcount != len(rows):
                raise _refused(connection, alike)


def record_identities(
    connection: sa.Connection, identities: Mapping[int, Mapping[str, str]]
) -> None:
    """Replace the fingerprints that are compared between people, by record number."""
    if identities:
        connection.execute(_FORGET, [{"_number": number} for number in identities])
    rows = [
        {"number": number, "kind": kind, "print": each}
        for number, prints in identities.items()
        for kind, each in prints.items()
    ]
    if rows:
        connection.execute(sa.insert(IDENTITIES), rows)


_FORGET = sa.delete(IDENTITIES).where(IDENTITIES.c.number == sa.bindparam("_number"))


def _in_order(moves: Sequence[Transition]) -> Iterator[list[Transition]]:
    """Yield groups in which each record occurs once; later transitions are in later groups."""
    group: dict[int, Transition] = {}
    for move in moves:
        if move.number in group:
            yield list(group.values())
            group = {}
        group[move.number] = move
    yield list(group.values())


def _by_shape(moves: Sequence[Transition]) -> Mapping[_Shape, Sequence[Transition]]:
    alike: dict[_Shape, list[Transition]] = defaultdict(list)
    for move in moves:
        alike[move.state, tuple(move.known)].append(move)
    return alike


@cache
def _update(state: State, names: tuple[str, ...]) -> sa.Update:
    """Return the UPDATE for a state and columns, which is built once."""
    allowed: list[sa.ColumnElement[str]] = [
        sa.literal_column(f"'{each}'") for each in sorted(before(state))
    ]
    known: dict[str, Any] = {name: sa.bindparam(f"_{name}") for name in names}
    update = sa.update(RECORDS).where(
        RECORDS.c.number == sa.bindparam("_number"), RECORDS.c.state.in_(allowed)
    )
    return update.values(state=state, changed_at=sa.bindparam("_at"), **known)


def _known(move: Transition) -> dict[str, Any]:
    return {f"_{name}": _written(value) for name, value in move.known.items()}


def _written(value: Any) -> Any:
    is_json = isinstance(value, (Mapping, list, tuple))
    return json.dumps(value, sort_keys=True) if is_json else value


def _refused(
    connection: sa.Connection, moves: Sequence[Transition]
) -> ConfigurationError:
    """Return the error that names the first record whose state did not change."""
    state, numbers = moves[0].state, [each.number for each in moves]
    unchanged = sa.select(RECORDS.c.number).where(
        RECORDS.c.number.in_(numbers), RECORDS.c.state != state
    )
    number = connection.scalar(unchanged.order_by(RECORDS.c.number)) or numbers[0]
    return ConfigurationError(
        f"record {number} cannot become {state}: another process changed the journal"
    )
