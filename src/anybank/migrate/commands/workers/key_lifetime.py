"""The time for which a create may be repeated under its idempotency key."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import sqlalchemy as sa
from attrs import frozen

from ...._engine.timing import Timing
from ...certify.certificate import Certifier
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import State
from ...journal.tables import EVENTS
from ...migration import Migration

_MARGIN = 300.0
"""Seconds by which the clocks of the workers and of the target may differ."""

_ENDED = (State.ROLLED_BACK, State.DENIED)
"""After these states the next create of a record has a new key."""


@frozen
class KeyLifetime:
    """How long the target remembers the key of a create, counted from its first request.

    A create that is repeated later could create the customer a second time.
    """

    journal: Journal
    timing: Timing
    seconds: float | None
    """The usable part of the vendor's lifetime; None for a key that never expires."""

    @classmethod
    def of(cls, migration: Migration, certifier: Certifier, timing: Timing) -> Self:
        """Return the lifetime of the keys of a migration."""
        lifetime = certifier.key_lifetime
        # The repeated request has to arrive before the key expires, too.
        late = migration.target.timeout + _MARGIN
        seconds = None if lifetime is None else lifetime - late
        return cls(migration.journal, timing, seconds)

    def is_fresh(self, record: Record) -> bool:
        """Return True if the target certainly remembers the key of a sent record."""
        if self.seconds is None:
            return True
        first = self._first_sent_at(record)
        return first is not None and self.timing.wall() - first < self.seconds

    def count_ended(self, record: Record) -> int:
        """Return how many creates of a record were undone, or denied by the target."""
        if not record.attempts:  # this is the first create
            return 0
        ended = sa.select(sa.func.count().label("ended")).where(
            EVENTS.c.number == record.number, EVENTS.c.state.in_(_ENDED)
        )
        return int(next(iter(self.journal.query(ended))).ended)

    def _first_sent_at(self, record: Record) -> float | None:
        """Return when the key was first sent, in seconds since 1970."""
        at, state = EVENTS.c.at, EVENTS.c.state
        own = sa.select(sa.func.max(at)).where(EVENTS.c.number == record.number)
        # After a rollback or a denial the record has a new key.
        ended = own.where(state.in_(_ENDED)).scalar_subquery()
        sent = sa.select(sa.func.min(at).label("at")).where(
            EVENTS.c.number == record.number,
            state == State.IN_FLIGHT,
            at > sa.func.coalesce(ended, ""),
        )
        first = next(iter(self.journal.query(sent))).at
        return datetime.fromisoformat(first).timestamp() if first else None
