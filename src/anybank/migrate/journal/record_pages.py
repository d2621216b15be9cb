"""Pages of records: millions of records are read a few hundred at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa

from .states import State
from .tables import RECORDS

BATCH = 500
"""The number of records on a page."""

Page: TypeAlias = Callable[..., sa.Select[Any]]
"""Returns the query of a page, from the conditions on the records of the page."""


def page_of(
    query: sa.Select[Any], *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    """Return the first page of a query of records."""
    return query.where(*conditions).order_by(RECORDS.c.number).limit(BATCH)


AFTER_LAST = RECORDS.c.number > sa.bindparam("last")
BEFORE_LAST = RECORDS.c.number < sa.bindparam("last")
"""The condition of every page but the first; `last` is the last number of the page before."""


# Building and compiling this statement takes longer than its execution. Cached, each set of
# states has one statement, which SQLAlchemy compiles once for each engine.
@lru_cache(maxsize=256)
def page_of_states(
    states: tuple[State, ...],
    *conditions: sa.ColumnElement[bool],
    newest_first: bool = False,
) -> sa.Select[Any]:
    """Return the first page of the records in the given states.

    A page of each state comes from the index on state and number, and the result is the
    first page of these. One query with `state IN (...)` would sort all records in these
    states for every page.
    """
    order = RECORDS.c.number.desc() if newest_first else RECORDS.c.number.asc()
    pages = (
        sa.select(RECORDS)
        .where(RECORDS.c.state == state, *conditions)
        .order_by(order)
        .limit(BATCH)
        .subquery()
        for state in states
    )
    records = sa.union_all(*(sa.select(page) for page in pages)).subquery()
    number = records.c.number.desc() if newest_first else records.c.number.asc()
    return sa.select(records).order_by(number).limit(BATCH)
