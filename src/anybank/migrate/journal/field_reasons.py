"""The reasons of records: each is kept once, and many records point to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from attrs import define, field

from .tables import FINDINGS, REASONS
from .transitions import FieldReason, Transition

_UNEXPLAIN = sa.delete(FINDINGS).where(FINDINGS.c.number == sa.bindparam("_number"))


@define
class ReasonCache:
    """What the few reasons are called; remembered once they are committed."""

    _ids: dict[FieldReason, int] = field(factory=dict)

    def copy(self) -> ReasonCache:
        """Return what a transaction may add to, and lose when it fails."""
        return ReasonCache(dict(self._ids))

    def replace(
        self, connection: sa.Connection, insert: Any, moves: Sequence[Transition]
    ) -> None:
        """Replace the reasons of those records that a move explains."""
        self._name(connection, insert, moves)
        told = {
            move.number: {self._ids[each] for each in move.reasons}
            for move in moves
            if move.reasons is not None
        }
        if told:
            connection.execute(_UNEXPLAIN, [{"_number": number} for number in told])
        rows = [
            {"number": number, "reason": each}
            for number, ids in told.items()
            for each in sorted(ids)
        ]
        if rows:
            connection.execute(sa.insert(FINDINGS), rows)

    def _name(
        self, connection: sa.Connection, insert: Any, moves: Sequence[Transition]
    ) -> None:
        """Learn what new reasons are called; in one order, that no two wait crosswise."""
        told = {reason for move in moves for reason in move.reasons or ()}
        for reason in sorted(told - self._ids.keys(), key=attrs.astuple):
            self._ids[reason] = _found_or_made(connection, insert, reason)


def _found_or_made(connection: sa.Connection, insert: Any, reason: FieldReason) -> int:
    values = attrs.asdict(reason)
    connection.execute(insert(REASONS).values(values).on_conflict_do_nothing())
    same = [REASONS.c[name] == value for name, value in values.items()]
    named: int = connection.execute(sa.select(REASONS.c.id).where(*same)).scalar_one()
    return named
