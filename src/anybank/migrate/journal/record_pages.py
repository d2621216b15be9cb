"""Pages of records: a journal of millions is read a few hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

import sqlalchemy as sa

from .states import State
from .tables import RECORDS

BATCH = 500
"""How many records are on a page."""

Page: TypeAlias = Callable[..., sa.Select[Any]]
"""Returns the query of a page, given what must be true of its records."""


def page_of(
    query: sa.Select[Any], *conditions: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    """Return the first page of a query of records."""
    return query.where(*conditions).order_by(RECORDS.c.number).limit(BATCH)


def page_of_states(
    states: Collection[State],
    *conditions: sa.ColumnElement[bool],
    newest_first: bool = False,
) -> sa.Select[Any]:
    """Return the first page of the records in some states.

    A page of each state comes off the index by state and number, and the page of all is
    the first of these: no engine has to sort what it does not return.
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
    found = sa.union_all(*(sa.select(page) for page in pages)).subquery()
    number = found.c.number.desc() if newest_first else found.c.number.asc()
    return sa.select(found).order_by(number).limit(BATCH)
