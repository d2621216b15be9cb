"""The reasons of records: each is kept once, and many records point to it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import sqlalchemy as sa
from attrs import define, field

from .moves import Move, Reasoned
from .tables import FINDINGS, REASONS

_UNEXPLAIN = sa.delete(FINDINGS).where(FINDINGS.c.number == sa.bindparam("_number"))


@define
class Reasons:
    """What the few reasons are called; remembered once they are committed."""

    _ids: dict[Reasoned, int] = field(factory=dict)

    def copy(self) -> Reasons:
        """Return what a transaction may add to, and lose when it fails."""
        return Reasons(dict(self._ids))

    def replace(self, connection: sa.Connection, moves: Sequence[Move]) -> None:
        """Replace the reasons of those records that a move explains."""
        told = {
            move.number: {self._id(connection, each) for each in move.reasons}
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

    def _id(self, connection: sa.Connection, reason: Reasoned) -> int:
        if reason not in self._ids:
            self._ids[reason] = _found_or_made(connection, reason)
        return self._ids[reason]


def _found_or_made(connection: sa.Connection, reason: Reasoned) -> int:
    values = attrs.asdict(reason)
    same = [REASONS.c[name] == value for name, value in values.items()]
    found: int | None = connection.scalar(sa.select(REASONS.c.id).where(*same))
    if found is not None:
        return found
    made = connection.execute(sa.insert(REASONS).values(values)).inserted_primary_key
    return int(made[0]) if made else 0
