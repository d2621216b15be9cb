"""Batched UPDATEs for state transitions: one executemany per (state, columns).

Each UPDATE names the states that the new state may follow. A record that is in another
state is not updated, the count of changed rows is too low, and the whole transaction is
rolled back: another process has changed the record since it was read.
"""

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
    connection: sa.Connection, transitions: Sequence[Transition], now: datetime
) -> None:
    """Change states; raise ConfigurationError where a state may not follow the other."""
    at = now.isoformat(timespec="milliseconds")
    for group in _in_order(transitions):
        for shape, alike in _by_shape(group).items():
            rows = [
                {"_number": transition.number, "_at": at, **_known(transition)}
                for transition in alike
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
        {"number": number, "kind": kind, "print": fingerprint}
        for number, fingerprints in identities.items()
        for kind, fingerprint in fingerprints.items()
    ]
    if rows:
        connection.execute(sa.insert(IDENTITIES), rows)


_FORGET = sa.delete(IDENTITIES).where(IDENTITIES.c.number == sa.bindparam("_number"))


def _in_order(transitions: Sequence[Transition]) -> Iterator[list[Transition]]:
    """Yield groups in which each record occurs once; later transitions are in later groups.

    Grouping by shape changes the order, and one commit may contain an intent of a record
    as well as its outcome.
    """
    group: dict[int, Transition] = {}
    for transition in transitions:
        if transition.number in group:
            yield list(group.values())
            group = {}
        group[transition.number] = transition
    yield list(group.values())


def _by_shape(
    transitions: Sequence[Transition],
) -> Mapping[_Shape, Sequence[Transition]]:
    alike: dict[_Shape, list[Transition]] = defaultdict(list)
    for transition in transitions:
        alike[transition.state, tuple(transition.known)].append(transition)
    return alike


@cache
def _update(state: State, names: tuple[str, ...]) -> sa.Update:
    """Return the UPDATE for a state and columns, which is built once."""
    # Literals, because SQLAlchemy renders an IN of parameters anew for each execution. The
    # words are those of the enumeration, never text from outside.
    allowed: list[sa.ColumnElement[str]] = [
        sa.literal_column(f"'{earlier}'") for earlier in sorted(before(state))
    ]
    known: dict[str, Any] = {name: sa.bindparam(f"_{name}") for name in names}
    update = sa.update(RECORDS).where(
        RECORDS.c.number == sa.bindparam("_number"), RECORDS.c.state.in_(allowed)
    )
    return update.values(state=state, changed_at=sa.bindparam("_at"), **known)


def _known(transition: Transition) -> dict[str, Any]:
    # Prefixed, because SQLAlchemy reserves the names of columns in an UPDATE's parameters.
    return {f"_{name}": _written(value) for name, value in transition.known.items()}


def _written(value: Any) -> Any:
    is_json = isinstance(value, (Mapping, list, tuple))
    return json.dumps(value, sort_keys=True) if is_json else value


def _refused(
    connection: sa.Connection, transitions: Sequence[Transition]
) -> ConfigurationError:
    """Return the error that names the first record whose state did not change."""
    state = transitions[0].state
    numbers = [transition.number for transition in transitions]
    unchanged = sa.select(RECORDS.c.number).where(
        RECORDS.c.number.in_(numbers), RECORDS.c.state != state
    )
    number = connection.scalar(unchanged.order_by(RECORDS.c.number)) or numbers[0]
    return ConfigurationError(
        f"record {number} cannot become {state}: another process changed the journal"
    )
