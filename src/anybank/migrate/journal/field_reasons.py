"""The issues of records: an issue is stored once, and many records refer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from attrs import define, field

from ...declaration.consent import without_indexes
from ...errors import Effect, Issue, Remedy
from .tables import FINDINGS, REASONS
from .transitions import Transition

_DELETE = sa.delete(FINDINGS).where(FINDINGS.c.number == sa.bindparam("_number"))
_COLUMNS = ("effect", "field", "rule", "message", "remedy")

Row: TypeAlias = tuple[str, ...]
"""The stored columns of an issue, in the order of `_COLUMNS`."""


def _row_of(issue: Issue) -> Row:
    """Return an issue without the indexes of lists, so that many records share it."""
    name = without_indexes(issue.field)
    return str(issue.effect), name, issue.rule, issue.message, issue.remedy.text


def issue_of(row: Any) -> Issue:
    """Return the issue that a row of the table holds."""
    remedy = Remedy(row.remedy)
    return Issue(row.field, Effect(row.effect), row.rule, "", row.message, remedy)


@define
class ReasonCache:
    """The ids of stored issues, added to the cache when their transaction commits."""

    _ids: dict[Row, int] = field(factory=dict)

    def copy(self) -> ReasonCache:
        """Return a copy for a transaction, which is discarded if the transaction fails."""
        return ReasonCache(dict(self._ids))

    def replace(
        self, connection: sa.Connection, insert: Any, transitions: Sequence[Transition]
    ) -> None:
        """Replace the issues of the records whose transition has issues."""
        rows = {
            transition.number: set(map(_row_of, transition.issues))
            for transition in transitions
            if transition.issues is not None
        }
        # In one order, so that two workers that insert the same issues never wait for each
        # other: PostgreSQL would end one of them with a deadlock.
        for row in sorted(set().union(*rows.values()) - self._ids.keys()):
            self._ids[row] = _store(connection, insert, row)
        if rows:
            connection.execute(_DELETE, [{"_number": number} for number in rows])
        links = [
            {"number": number, "reason": identifier}
            for number, of_record in rows.items()
            for identifier in sorted(self._ids[row] for row in of_record)
        ]
        if links:
            connection.execute(sa.insert(FINDINGS), links)


def _store(connection: sa.Connection, insert: Any, row: Row) -> int:
    """Insert an issue unless it is there, and return its id."""
    values = dict(zip(_COLUMNS, row, strict=True))
    # RETURNING yields no row where the issue exists, so its id is read apart.
    connection.execute(insert(REASONS).values(values).on_conflict_do_nothing())
    same = [REASONS.c[name] == value for name, value in values.items()]
    stored: int = connection.execute(sa.select(REASONS.c.id).where(*same)).scalar_one()
    return stored
