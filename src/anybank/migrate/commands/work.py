"""Divides a migration into batches, for workers on many machines over one journal.

::

    for ref in migrate.batches(journal=url):
        queue.put(ref)
    ...
    migrate.run_batch(ref, journal=url)     # in each worker

The journal, not the queue, knows which records are done: any worker may run a batch again
at any time, and handles the records that are left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, suppress

import sqlalchemy as sa
from attrs import evolve, frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..certify.change_limit import require_no_refusal
from ..event_loop import run
from ..journal.batch_claims import (
    OPEN_STATES,
    BatchTask,
    divide_into_batches,
    has_undivided_records,
    require_direction,
)
from ..journal.batch_journal import BatchJournal, renewed
from ..journal.batch_leases import Lease, Span
from ..journal.journal import Journal
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.tables import BATCHES, RECORDS
from ..migration import Migration, SideLike, resume_migration
from .apply import RecordSender, apply_records
from .arguments import AnyPath, require_positive
from .workers.outages import Outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, create_pool

SIZE = 200
"""The default size of a batch: what a worker that dies leaves to the next one."""

OPEN = (State.READY, State.IN_FLIGHT, State.UNKNOWN)
"""The states in which a record of a batch leaves something to send or to look up."""


@frozen(kw_only=True)
class Batch:
    """How far a batch has come: its records by state, and how many this run sent.

    `stopped` is why the run ended early, None where nothing is left to do. `outage` is set
    where a bank is down: put the batch back into the queue, for later.
    """

    ref: str
    counts: Mapping[str, int]
    sent: int
    stopped: str | None
    outage: Outage | None = None


@guarded
def batches(*, journal: AnyPath, size: int = SIZE) -> list[str]:
    """Return the references of all batches that have something left to do.

    A record stays in its batch. Records that were planned since go into new batches of
    `size` records; creating these needs an exclusive lock on the journal.
    """
    require_positive("size", size)
    with Journal.open(journal) as opened:
        divide_records(opened, size)
        return list(open_refs(opened))


def divide_records(journal: Journal, size: int) -> None:
    """Put the records that are in no batch yet into batches of *size*."""
    # Workers that run batches hold the shared lock. It is needed exclusively only
    # where there is something to divide, so a queue may call this at any time.
    if not journal.is_current or has_undivided_records(journal):
        with journal.locked():
            divide_into_batches(journal, size)


@guarded
@run_logged
def run_batch(
    ref: str,
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    concurrency: int | None = None,
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Batch:
    """Apply one batch as `apply` does all records, while others run other batches.

    No plan, apply or rollback can run meanwhile. Workers share the rate limits of both
    banks through the journal. `wait` and `notices` are those of `apply`. The lease of the
    batch is renewed while the worker waits. A batch with people about whom the target has
    not decided may be run again later.

    Raises ConfigurationError where another worker has the batch or takes it over.
    """
    require_positive("concurrency", concurrency)
    with ExitStack() as stack:
        migration = stack.enter_context(
            resume_migration(journal, source, target, shared=True)
        )
        require_no_refusal(migration.journal, migration.metadata)
        timing = migration.target.timing
        require_direction(migration.journal, BatchTask.APPLY)
        lease = Lease.acquire(
            migration.journal,
            Span.of(ref),
            timeout=migration.target.timeout,
            clock=timing.monotonic,
            task=BatchTask.APPLY,
        )
        stack.callback(release_lease, lease, migration.journal)
        return _run(migration, lease, create_pool(concurrency, progress, wait, notices))


def _run(migration: Migration, lease: Lease, pool: WorkerPool) -> Batch:
    part = part_of(migration, lease)
    sender = run(_apply(migration, part, lease, pool))
    return batch_result(lease, migration.journal, part, sender)


async def _apply(
    migration: Migration, part: Migration, lease: Lease, pool: WorkerPool
) -> RecordSender:
    async with renewed(lease, migration.journal, asyncio.sleep):
        return await apply_records(part, pool)


def part_of(migration: Migration, lease: Lease) -> Migration:
    """Return the migration of one batch, after recovering what a dead worker left."""
    part = BatchJournal(migration.journal, lease)
    part.recover()
    return evolve(migration, journal=part, lease=lease, settle_after=lease.settle_after)


def batch_result(
    lease: Lease, journal: Journal, part: Migration, sender: RecordSender
) -> Batch:
    """Return how far a batch has come; finish it where nothing is left to do."""
    counts, pool = part.journal.counts(), sender.pool
    left = sum(counts[state] for state in OPEN)
    if not left:
        lease.finish(journal)
    return Batch(
        ref=lease.span.ref,
        counts={state.value: count for state, count in counts.items()},
        sent=sender.sent,
        stopped=pool.stopped or (f"{left} are left: run it again" if left else None),
        outage=pool.outage,
    )


def release_lease(lease: Lease, journal: Journal) -> None:
    """Let another worker claim the batch, where the lease is still this worker's."""
    with suppress(ConfigurationError):  # taken over or unreachable: the lease expires
        lease.release(journal)


def open_refs(
    journal: Journal,
    *conditions: sa.ColumnElement[bool],
    states: Collection[State] = OPEN_STATES[BatchTask.APPLY],
) -> Iterator[str]:
    """Yield the references of the batches that have something left to do."""
    inside = RECORDS.c.number.between(BATCHES.c.first, BATCHES.c.last)
    has_open_records = sa.exists().where(inside, RECORDS.c.state.in_(states))
    query = sa.select(BATCHES.c.first, BATCHES.c.last)
    query = query.where(has_open_records, *conditions)
    for row in journal.query(query.order_by(BATCHES.c.first)):
        yield Span(row.first, row.last).ref
