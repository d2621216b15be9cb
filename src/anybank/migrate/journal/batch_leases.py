"""The lease of a batch: the right of one worker to send its records, for a while.

Each lease has a token, and every write of its worker renews the lease by that token. Once
another worker has taken the batch over, the token differs, and the first worker can write
nothing any more. A request leaves only where the lease lasts longer than the request can
take, so a worker that froze and woke up sends nothing, and once a lease has ended none of
its requests is on its way, except in queues of the target's own.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy as sa
from attrs import define, field, frozen

from ...errors import ConfigurationError
from .journal import Journal
from .store import BeginTransaction
from .tables import BATCHES, RECORDS

PHASES = 3
"""A request connects, is sent and is answered, and each may take the whole timeout."""
_SHORTEST = 180.0
"""The default of a lease, in seconds, unless the timeout is so long that it needs more."""
_REF = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


class LeaseLost(ConfigurationError):
    """Another worker has taken a batch over: this one can write nothing for it."""


class BatchUnavailable(ConfigurationError):
    """A batch cannot be claimed now: another worker has it, or the workers are paused."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


@frozen
class Span:
    """The numbers of a batch's records, including the last."""

    first: int
    last: int

    @classmethod
    def of(cls, ref: str) -> Self:
        """Parse a reference; raise ConfigurationError for any other text."""
        match = _REF.fullmatch(ref)
        if match is None:
            raise ConfigurationError(
                f"{ref!r} is not a batch: `migrate.batches` returns their references"
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def ref(self) -> str:
        """The reference of the batch: `FIRST-LAST`."""
        return f"{self.first}-{self.last}"

    @property
    def row(self) -> sa.ColumnElement[bool]:
        """The condition that selects the batch's row."""
        return (BATCHES.c.first == self.first) & (BATCHES.c.last == self.last)


@define(kw_only=True)
class Lease:
    """A lease that this process holds; its clock is the worker's, in seconds."""

    span: Span
    token: int
    settle_after: float
    """In how many seconds no request of an earlier worker can arrive any more."""
    timeout: float
    """How long each phase of a request may take."""
    duration: float
    """How long the lease lasts after each renewal."""
    clock: Callable[[], float]
    now: sa.ColumnElement[float]
    """The time by the clock of the journal's database."""
    until: float = field(repr=False)
    """When the lease ends, by the worker's clock."""

    @classmethod
    def acquire(
        cls,
        journal: Journal,
        span: Span,
        *,
        timeout: float,
        clock: Callable[[], float],
        duration: float | None = None,
        task: str | None = None,
    ) -> Self:
        """Acquire the lease of a batch; raise BatchUnavailable where another has it.

        The batch is then open for *task*, so that workers with another one see it.
        """
        # Taken before the transaction, so that the worker expects the end of its lease no
        # later than the database does.
        started = clock()
        with journal.transaction() as connection:
            row = _row_of(connection, journal, span)
            is_free = row.left is None or row.left <= 0
            lasts = duration or lease_seconds(timeout)
            if not is_free or not take_row(connection, journal, row, lasts, task):
                raise BatchUnavailable(
                    f"the batch {span.ref} belongs to {row.holder or 'another worker'}; if "
                    f"that worker is dead, its lease ends in {row.left or 0:.0f} s"
                )
        return cls.of_row(
            row, journal, timeout=timeout, clock=clock, duration=lasts, started=started
        )

    @classmethod
    def of_row(
        cls,
        row: sa.Row[Any],
        journal: Journal,
        *,
        timeout: float,
        clock: Callable[[], float],
        duration: float,
        started: float,
    ) -> Self:
        """Return the lease of a row that was taken after *started*, by the clock."""
        return cls(
            span=Span(row.first, row.last),
            token=row.token + 1,
            # A released batch has no deadline, and no request is on its way. After a lease
            # that was not released, a request may still wait in a queue of the target: the
            # timeout is the margin for that.
            settle_after=0.0 if row.left is None else max(0.0, row.left + timeout),
            timeout=timeout,
            duration=duration,
            clock=clock,
            now=journal.store.now,
            until=started + duration,
        )

    @property
    def records(self) -> sa.ColumnElement[bool]:
        """The condition that selects the records of the batch."""
        return RECORDS.c.number.between(self.span.first, self.span.last)

    @property
    def allows_request(self) -> bool:
        """Whether a request that leaves now is over before the lease is."""
        return self.clock() + PHASES * self.timeout < self.until

    @contextmanager
    def begin(self, begin: BeginTransaction) -> Iterator[sa.Connection]:
        """Begin a transaction that renews the lease, and that fails where it is lost."""
        started = self.clock()
        with begin() as connection:
            # First in the transaction: until it commits, the row is locked and nobody can
            # take the batch over.
            self._set(connection, deadline=self.now + self.duration)
            yield connection
        self.until = started + self.duration  # only now is the renewal durable

    def renew(self, journal: Journal) -> None:
        """Renew the lease without another change, such as during a long wait."""
        with self.begin(journal.transaction):
            pass

    def release(self, journal: Journal, *, retry_in: float | None = None) -> None:
        """Let another worker claim the batch, now or in some seconds.

        Call it only when no request of this worker is on its way. The lease ends now and
        is not forgotten: a request without a response may still arrive for one timeout, by
        the clock of the database, since the clocks of two workers may differ.
        """
        later = None if retry_in is None else self.now + retry_in
        with journal.transaction() as connection:
            self._set(connection, deadline=self.now, holder=None, available_at=later)

    def finish(self, journal: Journal, next_task: str | None = None) -> None:
        """Release the lease; note what is left to do in the batch, by default nothing."""
        with journal.transaction() as connection:
            self._set(
                connection,
                deadline=self.now,
                holder=None,
                available_at=None,
                task=next_task,
            )

    def _set(self, connection: sa.Connection, **values: object) -> None:
        # A renewal that is late does not revive a lease that was released meanwhile.
        is_held = (BATCHES.c.token == self.token) & BATCHES.c.holder.is_not(None)
        own = self.span.row & is_held
        update = connection.execute(sa.update(BATCHES).where(own).values(**values))
        if update.rowcount != 1:
            raise LeaseLost(
                f"the batch {self.span.ref} was taken over by another worker: this one "
                "sends nothing more"
            )


def take_row(
    connection: sa.Connection,
    journal: Journal,
    row: sa.Row[Any],
    duration: float,
    task: str | None = None,
) -> bool:
    """Take the lease of a row; return False where another worker was quicker.

    The token of the row, as it was read, must still be there. None keeps the task.
    """
    update = sa.update(BATCHES).where(
        BATCHES.c.first == row.first, BATCHES.c.token == row.token
    )
    values = {
        "token": row.token + 1,
        "holder": journal.worker or _process_name(),
        "deadline": journal.store.now + duration,
        "task": task or row.task,
    }
    return connection.execute(update.values(values)).rowcount == 1


def release_leases_of(journal: Journal, holder: str) -> None:
    """Release what a worker still holds; none of its requests may be on its way."""
    update = sa.update(BATCHES).where(BATCHES.c.holder == holder)
    values = {
        "deadline": journal.store.now,
        "holder": None,
        "token": BATCHES.c.token + 1,
    }
    with journal.transaction() as connection:
        connection.execute(update.values(values))


def left_of_lease(journal: Journal) -> sa.Label[float]:
    """Return the column `left`: the seconds that are left of a batch's lease."""
    return (BATCHES.c.deadline - journal.store.now).label("left")


def _row_of(connection: sa.Connection, journal: Journal, span: Span) -> sa.Row[Any]:
    # SQLite ignores the FOR UPDATE; there the token decides, in `take_row`.
    query = sa.select(BATCHES, left_of_lease(journal)).where(span.row)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise ConfigurationError(f"the journal {journal.path} has no batch {span.ref}")
    return row


def lease_seconds(timeout: float, requested: float | None = None) -> float:
    """Return how long a lease lasts after each renewal.

    Raises ConfigurationError for a requested time in which no request can be sent.
    """
    if requested is None:
        return max(_SHORTEST, 2 * PHASES * timeout)
    # The half is for the time between two renewals.
    least = 1.5 * PHASES * timeout
    if requested < least:
        raise ConfigurationError(
            f"a lease of {requested:g} s is too short for a timeout of {timeout:g} s: a "
            f"request may take {PHASES * timeout:g} s, so make it at least {least:g} s"
        )
    return requested


def seconds_to_settle(journal: Journal, timeout: float) -> float:
    """Return in how many seconds no request of any worker can arrive any more."""
    latest = sa.func.max(BATCHES.c.deadline) - journal.store.now
    ((left,),) = journal.query(sa.select(latest))
    return 0.0 if left is None else max(0.0, float(left) + timeout)


def _process_name() -> str:
    return f"process {os.getpid()}@{socket.gethostname()}"
