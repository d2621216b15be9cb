"""The lease of a look-up: one worker has all batches with unknown outcomes at once.

A look-up lists the whole target, so the workers do it together: once the records of all
batches were sent, one of them looks up what is unknown in all of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from attrs import frozen

from .batch_claims import BatchTask, is_claimable
from .batch_leases import LeaseLost, lease_seconds, left_of_lease
from .journal import Journal
from .states import State
from .store import BeginTransaction
from .tables import BATCHES, RECORDS

_MOST = 500
"""How many batches one look-up has; further ones are left to the next look-up."""
_IS_READY = sa.exists().where(
    RECORDS.c.number.between(BATCHES.c.first, BATCHES.c.last),
    RECORDS.c.state == State.READY,
)


@frozen(kw_only=True)
class LookupLease:
    """The leases of all batches that one worker looks up."""

    holder: str
    count: int
    """How many batches it has."""
    settle_after: float
    """In how many seconds no request of an earlier worker can arrive any more."""
    duration: float
    """How long the lease lasts after each renewal."""
    now: sa.ColumnElement[float]
    """The time by the clock of the journal's database."""

    @classmethod
    def claim(
        cls, journal: Journal, *, timeout: float, duration: float | None = None
    ) -> LookupLease | None:
        """Claim the batches to look up; None where there are none, or workers are paused.

        *timeout* is that of the target, in seconds.
        """
        lasts, now = lease_seconds(timeout, duration), journal.store.now
        is_free = is_claimable(journal, BatchTask.LOOK_UP)
        free = sa.select(BATCHES.c.first, left_of_lease(journal)).where(is_free)
        free = free.order_by(BATCHES.c.first).limit(_MOST)
        with journal.transaction() as connection:
            rows = connection.execute(free.with_for_update(skip_locked=True)).all()
            firsts = [row.first for row in rows]
            update = sa.update(BATCHES).where(BATCHES.c.first.in_(firsts), is_free)
            count = connection.execute(
                update.values(
                    token=BATCHES.c.token + 1,
                    holder=journal.worker,
                    deadline=now + lasts,
                )
            ).rowcount
        if not count:
            return None
        return cls(
            holder=journal.worker,
            count=count,
            settle_after=max(0.0, *(timeout + (row.left or 0.0) for row in rows)),
            duration=lasts,
            now=now,
        )

    @property
    def _own(self) -> sa.ColumnElement[bool]:
        is_look_up = BATCHES.c.task == BatchTask.LOOK_UP.value
        return is_look_up & (BATCHES.c.holder == self.holder)

    @property
    def records(self) -> sa.ColumnElement[bool]:
        """The condition that selects the records of the batches."""
        inside = RECORDS.c.number.between(BATCHES.c.first, BATCHES.c.last)
        return sa.exists().where(inside, self._own)

    @contextmanager
    def begin(self, begin: BeginTransaction) -> Iterator[sa.Connection]:
        """Begin a transaction that renews the lease, and that fails where it is lost."""
        with begin() as connection:
            self._set(connection, deadline=self.now + self.duration)
            yield connection

    def renew(self, journal: Journal) -> None:
        """Renew the lease without another change."""
        with self.begin(journal.transaction):
            pass

    def release(self, journal: Journal) -> None:
        """Let another worker look up the batches."""
        with journal.transaction() as connection:
            self._set(connection, deadline=self.now, holder=None)

    def finish(self, journal: Journal) -> None:
        """Open the batches with records to send again; nothing is left in the others."""
        task = sa.case((_IS_READY, BatchTask.APPLY.value), else_=sa.null())
        with journal.transaction() as connection:
            self._set(
                connection,
                deadline=self.now,
                holder=None,
                available_at=None,
                task=task,
            )

    def _set(self, connection: sa.Connection, **values: object) -> None:
        update = sa.update(BATCHES).where(self._own)
        if connection.execute(update.values(**values)).rowcount != self.count:
            raise LeaseLost(
                "the look-up was taken over by another worker: this one records nothing "
                "more of it"
            )
