"""The lease of a batch: the right of one worker to send its records, for a while.

Each lease has a token, and every write of its worker renews the lease by that token: once
another has taken over, the token is another, and nothing of the first is written any more.
A request leaves only where the lease lasts longer than the request can; so a worker that
froze and woke up sends nothing, and once a lease has ended none of its requests is on its
way but in the target's own queues.
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
from .tables import BATCHES

PHASES = 3
"""A request connects, is sent and is answered: each may take its time."""
_SHORTEST = 120.0
_REF = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@frozen
class Span:
    """The numbers of a batch's records, the last included."""

    first: int
    last: int

    @classmethod
    def of(cls, ref: str) -> Self:
        """Read a reference; raises ConfigurationError for a text that is none."""
        found = _REF.fullmatch(ref)
        if found is None:
            raise ConfigurationError(
                f"{ref!r} is not a batch: `migrate.batches` returns their references"
            )
        return cls(int(found[1]), int(found[2]))

    @property
    def ref(self) -> str:
        """How the batch is called."""
        return f"{self.first}-{self.last}"

    @property
    def row(self) -> sa.ColumnElement[bool]:
        """What finds the row of the batch."""
        return (BATCHES.c.first == self.first) & (BATCHES.c.last == self.last)


@define
class Lease:
    """A lease that was taken; `timeout` and `clock` are the worker's, in seconds."""

    span: Span
    token: int
    settle_after: float
    """In how many seconds no request of an earlier worker can arrive any more."""
    timeout: float
    clock: Callable[[], float]
    now: sa.ColumnElement[float]
    until: float = field(repr=False)
    """When it ends, by the worker's clock."""

    @classmethod
    def take(
        cls, journal: Journal, span: Span, *, timeout: float, clock: Callable[[], float]
    ) -> Self:
        """Take the lease of a batch; raises ConfigurationError where another has it."""
        now, begun = journal.store.now, clock()
        with journal.transaction() as connection:
            before = _before(connection, journal, span)
            mine = {
                "token": before.token + 1,
                "holder": _who(),
                "deadline": now + seconds(timeout),
            }
            ended = BATCHES.c.deadline.is_(None) | (BATCHES.c.deadline < now)
            taken = sa.update(BATCHES).where(
                span.row, ended, BATCHES.c.token == before.token
            )
            if connection.execute(taken.values(mine)).rowcount != 1:
                raise ConfigurationError(
                    f"the batch {span.ref} is with {before.holder or 'another worker'}: if "
                    f"that is dead, it can be had in {before.left or 0:.0f} s",
                    retryable=True,
                )
        settle_after = 0.0 if before.left is None else before.left + timeout
        until = begun + seconds(timeout)
        return cls(span, before.token + 1, settle_after, timeout, clock, now, until)

    @property
    def lasts(self) -> bool:
        """Whether a request that leaves now is over before the lease is."""
        return self.clock() + PHASES * self.timeout < self.until

    @contextmanager
    def begin(self, begin: BeginTransaction) -> Iterator[sa.Connection]:
        """Begin a transaction that renews the lease, and that fails where it is lost."""
        begun, lasts = self.clock(), seconds(self.timeout)
        with begin() as connection:
            self._set(connection, deadline=self.now + lasts)
            yield connection
        self.until = begun + lasts

    def give_back(self, journal: Journal) -> None:
        """Let the next worker come at once: nothing of this one is on its way."""
        with journal.transaction() as connection:
            self._set(connection, deadline=None, holder=None)

    def _set(self, connection: sa.Connection, **values: object) -> None:
        mine = self.span.row & (BATCHES.c.token == self.token)
        changed = connection.execute(sa.update(BATCHES).where(mine).values(**values))
        if changed.rowcount != 1:
            raise ConfigurationError(
                f"the batch {self.span.ref} was taken over by another worker: this one "
                "sends nothing more"
            )


def _before(connection: sa.Connection, journal: Journal, span: Span) -> sa.Row[Any]:
    """Return the row of a batch, with the seconds that are `left` of its lease."""
    left = (BATCHES.c.deadline - journal.store.now).label("left")
    query = sa.select(BATCHES, left).where(span.row).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise ConfigurationError(f"the journal {journal.path} has no batch {span.ref}")
    return row


def seconds(timeout: float) -> float:
    """Return how long a lease lasts from its last renewal."""
    return max(_SHORTEST, 2 * PHASES * timeout)


def seconds_to_settle(journal: Journal, timeout: float) -> float:
    """Return in how many seconds no request of any worker can arrive any more."""
    latest = sa.func.max(BATCHES.c.deadline) - journal.store.now
    ((left,),) = journal.query(sa.select(latest))
    return 0.0 if left is None else max(0.0, float(left) + timeout)


def _who() -> str:
    return f"process {os.getpid()}@{socket.gethostname()}"
