"""The list of a journal's workers, with their heartbeats.

All times are by the clock of the journal's database. The list is for people: no decision
of the migration depends on it. The leases of batches decide which worker may send.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa
from attrs import frozen

from .batch_leases import Span, left_of_lease
from .journal import Journal
from .tables import BATCHES, WORKERS

HEARTBEAT = 10.0
"""After how many seconds a worker writes its next heartbeat."""

LOST_AFTER = 3 * HEARTBEAT
"""After how many seconds without a heartbeat a worker counts as lost."""


class WorkerStatus(StrEnum):
    """The status that a worker writes with its heartbeat."""

    WORKING = "working"
    PAUSED = "paused"
    DRAINING = "draining"
    ENDED = "ended"


@frozen(kw_only=True)
class WorkerInfo:
    """A worker of a journal, as its last heartbeat shows it."""

    name: str
    status: WorkerStatus
    concurrency: int
    running_for: float
    """Seconds from its start to its last heartbeat."""
    silent_for: float
    """Seconds since its last heartbeat."""
    batches: Sequence[str]
    """The references of the batches that it holds a lease of."""
    lease_left: float | None = None
    """In how many seconds the last of these leases ends, unless it is renewed."""

    @property
    def is_lost(self) -> bool:
        """Whether it has neither ended nor written a heartbeat for 30 seconds."""
        return self.status is not WorkerStatus.ENDED and self.silent_for > LOST_AFTER


def new_worker_name() -> str:
    """Return a name for a worker of this process: `HOST:PID:RANDOM`."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def register_worker(journal: Journal, name: str, *, concurrency: int) -> None:
    """Add a worker to the list, and let the journal count what it writes by that name.

    A worker that reconnects is in the list already, and stays the same one.
    """
    now = journal.store.now
    row = {
        "name": name,
        "concurrency": concurrency,
        "started_at": now,
        "heartbeat_at": now,
        "status": WorkerStatus.WORKING,
    }
    insert = journal.store.insert(WORKERS).values(row)
    again = {"heartbeat_at": now, "status": WorkerStatus.WORKING}
    with journal.unlocked_transaction() as connection:
        connection.execute(
            insert.on_conflict_do_update(index_elements=[WORKERS.c.name], set_=again)
        )
    journal.worker = name


def write_heartbeat(
    journal: Journal, name: str, status: WorkerStatus = WorkerStatus.WORKING
) -> None:
    """Record that a worker is alive, and its status; call it every 10 seconds."""
    update = sa.update(WORKERS).where(WORKERS.c.name == name)
    values = {"heartbeat_at": journal.store.now, "status": status}
    with journal.unlocked_transaction() as connection:
        connection.execute(update.values(values))


def list_workers(journal: Journal) -> Sequence[WorkerInfo]:
    """Return all workers that there were, in the order in which they started."""
    if not journal.is_current:
        return ()
    running = (WORKERS.c.heartbeat_at - WORKERS.c.started_at).label("running_for")
    silent = (journal.store.now - WORKERS.c.heartbeat_at).label("silent_for")
    query = sa.select(WORKERS, running, silent)
    leases = _leases(journal)
    return [
        WorkerInfo(
            name=row.name,
            status=WorkerStatus(row.status),
            concurrency=row.concurrency,
            running_for=max(0.0, row.running_for),
            silent_for=max(0.0, row.silent_for),
            batches=tuple(ref for ref, _ in leases.get(row.name, ())),
            lease_left=max(
                (left for _, left in leases.get(row.name, ())), default=None
            ),
        )
        for row in journal.query(query.order_by(WORKERS.c.started_at, WORKERS.c.name))
    ]


def _leases(journal: Journal) -> dict[str, list[tuple[str, float]]]:
    """Return the batches that are leased now and the seconds left, by their holders."""
    columns = (BATCHES.c.holder, BATCHES.c.first, BATCHES.c.last)
    live = BATCHES.c.deadline > journal.store.now
    query = sa.select(*columns, left_of_lease(journal)).where(live)
    leases: dict[str, list[tuple[str, float]]] = {}
    for row in journal.query(query.order_by(BATCHES.c.first)):
        ref = Span(row.first, row.last).ref
        leases.setdefault(row.holder, []).append((ref, float(row.left)))
    return leases
