"""Batches: the unit of work for workers on many machines over one journal.

::

    for ref in migrate.batches(journal=url):
        queue.put(ref)
    ...
    migrate.run_batch(ref, journal=url)     # in each worker

What is done is for the journal to say, not for the queue: a batch may be run again at any
time, by anybody, and does what is left of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress

import sqlalchemy as sa
from attrs import evolve, frozen

from ..._engine.error_boundary import guarded
from ..._engine.timing import Timing
from ...errors import ConfigurationError
from ..certify.change_limit import require_no_refusal
from ..event_loop import run
from ..journal.batch_claims import divide_into_batches, has_undivided_records
from ..journal.batch_journal import BatchJournal
from ..journal.batch_leases import Lease, Span
from ..journal.journal import Journal
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.tables import BATCHES, RECORDS
from ..migration import Migration, SideLike, resumed
from .apply import apply_records
from .arguments import AnyPath, require_positive
from .workers.outages import Outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, create_pool

SIZE = 200

_OPEN = (State.READY, State.IN_FLIGHT, State.UNKNOWN)


@frozen(kw_only=True)
class Batch:
    """How far a batch has come: records by state, and what was sent of it just now.

    `stopped` says why it ended early, None where nothing is left to do; `outage` is set
    where a bank failed for everybody: give the batch back to the queue, for later.
    """

    ref: str
    counts: Mapping[str, int]
    sent: int
    stopped: str | None
    outage: Outage | None = None


@guarded
def batches(*, journal: AnyPath, size: int = SIZE) -> list[str]:
    """Return the references of all batches in which there is something to do.

    A record stays in the batch that it is in; what was planned since is put into new
    ones, of `size` records, which needs the journal for itself.
    """
    require_positive("size", size)
    with Journal.open(journal) as opened:
        if not opened.is_current or has_undivided_records(opened):
            with opened.locked():
                divide_into_batches(opened, size)
        return list(_open(opened))


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
    """Apply one batch, as `apply` does all of them; others may be at other batches.

    A plan, an apply and a rollback are kept out meanwhile. Workers share the
    rate limits of both banks through the journal. `wait` and `notices` are those of
    `apply`; a wait holds the lease only as long as it lasts, so keep it well below three
    minutes. Raises ConfigurationError where another worker has the batch, or takes it
    over.
    """
    require_positive("concurrency", concurrency)
    with ExitStack() as stack:
        migration = stack.enter_context(resumed(journal, source, target, shared=True))
        require_no_refusal(migration.journal)
        timing = migration.target.options.get("timing") or Timing()
        lease = Lease.acquire(
            migration.journal,
            Span.of(ref),
            timeout=migration.target.timeout,
            clock=timing.monotonic,
        )
        stack.callback(_give_back, lease, migration.journal)
        return _run(migration, lease, create_pool(concurrency, progress, wait, notices))


def _run(migration: Migration, lease: Lease, pool: WorkerPool) -> Batch:
    part = BatchJournal(migration.journal, lease)
    part.recover()
    given = evolve(
        migration, journal=part, lease=lease, settle_after=lease.settle_after
    )
    sender = run(apply_records(given, pool))
    counts = part.counts()
    left = sum(counts[state] for state in _OPEN)
    if not left:
        lease.finish(migration.journal)
    return Batch(
        ref=lease.span.ref,
        counts={state.value: count for state, count in counts.items()},
        sent=sender.sent,
        stopped=pool.stopped or (f"{left} are left: run it again" if left else None),
        outage=pool.outage,
    )


def _give_back(lease: Lease, journal: Journal) -> None:
    with suppress(ConfigurationError):  # taken over, or out of reach: it ends by itself
        lease.release(journal)


def _open(journal: Journal) -> Iterator[str]:
    inside = RECORDS.c.number.between(BATCHES.c.first, BATCHES.c.last)
    there = sa.exists().where(inside, RECORDS.c.state.in_(_OPEN))
    query = sa.select(BATCHES.c.first, BATCHES.c.last).where(there)
    for row in journal.query(query.order_by(BATCHES.c.first)):
        yield Span(row.first, row.last).ref
