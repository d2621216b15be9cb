"""The rate limits that the workers of a journal keep together, in its database.

A bank limits an account and not a process. Each process would otherwise use the whole
limit: three workers made 2,999 calls a minute where 1,000 are allowed.
"""

from __future__ import annotations

import sqlalchemy as sa
from attrs import frozen

from ..._engine.rate_store import Reservation
from ..._engine.throttle import SharedThrottle
from .journal import Journal
from .tables import RATES


def shared_throttle(journal: Journal, key: str, per_minute: int) -> SharedThrottle:
    """Return the rate limit with a key: always the same object for one journal.

    The slots that a process has reserved are in the object.
    """
    throttle = journal.throttles.get(key)
    if throttle is None:
        throttle = SharedThrottle(per_minute, JournalRates(journal), key)
        journal.throttles[key] = throttle
    return throttle


@frozen
class JournalRates:
    """The table `rates`: a row per limit, which is updated without the journal's lock."""

    journal: Journal

    def reserve(self, key: str, count: int, interval: float) -> Reservation:
        """Reserve the next *count* slots, *interval* seconds apart."""
        now, span = self.journal.store.now, count * interval
        insert = self.journal.store.insert(RATES).values(
            name=key, next_at=now + span, held_until=0.0
        )
        # One statement, so that no other process can reserve the same slots. RETURNING sees
        # the row as updated: the slots begin one span before its `next_at`.
        statement = insert.on_conflict_do_update(
            index_elements=[RATES.c.name],
            set_={"next_at": _latest(RATES.c.next_at, now) + span},
        ).returning(RATES.c.next_at - span - now, RATES.c.held_until - now)
        with self.journal.unlocked_transaction() as connection:
            starts_in, held_for = connection.execute(statement).one()
        return Reservation(float(starts_in), float(held_for))

    def hold(self, key: str, seconds: float) -> None:
        """Let no call start for some seconds, in any process."""
        until = self.journal.store.now + seconds
        insert = self.journal.store.insert(RATES).values(
            name=key, next_at=until, held_until=until
        )
        statement = insert.on_conflict_do_update(
            index_elements=[RATES.c.name],
            set_={
                column.name: _latest(column, insert.excluded[column.name])
                for column in (RATES.c.next_at, RATES.c.held_until)
            },
        )
        with self.journal.unlocked_transaction() as connection:
            connection.execute(statement)

    def held_for(self, key: str) -> float:
        """Return for how many more seconds no call may start."""
        left = sa.select(RATES.c.held_until - self.journal.store.now)
        rows = self.journal.query(left.where(RATES.c.name == key))
        return float(rows[0][0]) if rows else 0.0


def _latest(
    one: sa.ColumnElement[float], other: sa.ColumnElement[float]
) -> sa.ColumnElement[float]:
    """Return the greater of two: `greatest` in PostgreSQL, `max` in SQLite."""
    return sa.case((one > other, one), else_=other)
