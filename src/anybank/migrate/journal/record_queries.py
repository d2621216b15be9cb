"""Queries of records: a page at a time, so that memory stays flat over millions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa

from .record_pages import AFTER_LAST, BEFORE_LAST, Page, page_of, page_of_states
from .records import Record
from .states import MOVED, State
from .store import FAILURES, JournalStore
from .tables import RECORDS

DEPARTED = 0
"""The number of no plan, for a customer who has left the source."""

_OWNER = sa.select(RECORDS.c.source_id).where(
    RECORDS.c.target_id == sa.bindparam("target_id")
)


class RecordQueries:
    """The queries about the records of a journal, or of one batch of it."""

    store: JournalStore
    reader: sa.Engine
    """The engine, with the options of a connection that only reads."""
    _conditions: tuple[sa.ColumnElement[bool], ...] = ()
    """The conditions of every query; the records of one batch have a range of numbers."""

    def query(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> list[sa.Row[Any]]:
        """Return the rows of a query; raises ConfigurationError where the engine fails."""
        try:
            with self.reader.connect() as connection:
                return list(connection.execute(statement, parameters))
        except FAILURES as error:
            failure = self.store.translation(error)
        raise failure  # outside of the handler, so without the statement as its context

    def records(
        self, states: Collection[State], *, newest_first: bool = False
    ) -> Iterator[Record]:
        """Yield the records in the given states, in the order of the plan.

        Each record is yielded once, even if its state changes meanwhile.
        """
        page = partial(page_of_states, tuple(sorted(states)), newest_first=newest_first)
        yield from map(Record.of, self._pages(page, newest_first=newest_first))

    def walk(
        self, query: sa.Select[Any], *, after: int | None = None
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows of a query over records, whose columns include `number`."""
        return self._pages(partial(page_of, query), after=after)

    def _pages(
        self, page: Page, *, after: int | None = None, newest_first: bool = False
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows of each page, and continue after the last number of the page."""
        # By number and not by OFFSET: the caller changes states meanwhile, which moves the
        # later records. A query per page, because an open cursor would be a long
        # transaction, which prevents checkpoints in SQLite and vacuum in PostgreSQL.
        beyond = BEFORE_LAST if newest_first else AFTER_LAST
        if after is None:
            rows = self.query(page(*self._conditions))
        else:
            rows = self.query(page(*self._conditions, beyond), {"last": after})
        while rows:
            yield from rows
            last = rows[-1].number
            rows = self.query(page(*self._conditions, beyond), {"last": last})

    def missing_from_plan(self, plan: int) -> Iterator[Record]:
        """Yield the records that a plan did not find, but an earlier plan did."""
        query = sa.select(RECORDS).where(RECORDS.c.seen.not_in((plan, DEPARTED)))
        yield from map(Record.of, self.walk(query))

    def counts(self) -> dict[State, int]:
        """Count the records in each state."""
        counting = sa.select(RECORDS.c.state, sa.func.count())
        by_state = counting.where(*self._conditions).group_by(RECORDS.c.state)
        counts: dict[str, int] = dict(map(tuple, self.query(by_state)))
        return {state: counts.get(state, 0) for state in State}

    def count_in_plan(self, plan: int) -> int:
        """Count the customers that a plan found at the source."""
        query = sa.select(sa.func.count()).where(RECORDS.c.seen == plan)
        return int(self.query(query)[0][0])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the source id and the target id of every record at the target."""
        for record in self.records(MOVED):
            yield record.source_id, record.target_id or ""

    def owner_of(self, target_id: str) -> str | None:
        """Return the source id that a target id belongs to, or None."""
        rows = self.query(_OWNER, {"target_id": target_id})
        return rows[0].source_id if rows else None
