"""Claims batches: opens batches for a task, and finds the next batch for a worker.

A batch is open while it has a task. An index of only the open batches finds the next one,
and PostgreSQL skips those that another worker is claiming at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum

import sqlalchemy as sa
from attrs import frozen

from .batch_leases import (
    BatchUnavailable,
    Lease,
    lease_seconds,
    left_of_lease,
    take_row,
)
from .journal import Journal
from .states import WITH_TARGET_ID, State
from .tables import BATCHES, META, PAUSES, RECORDS

_COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy keeps the count of rows of an UPDATE or DELETE, and of an INSERT only so."""

_ATTEMPTS = 5
"""How often a claim is tried where the engine cannot skip a row: another was quicker."""


class BatchTask(StrEnum):
    """What workers do with the records of a batch."""

    APPLY = "apply"
    LOOK_UP = "look_up"
    VERIFY = "verify"
    ROLLBACK = "rollback"


OPEN_STATES = {
    BatchTask.APPLY: frozenset(
        {State.READY, State.IN_FLIGHT, State.UNKNOWN, State.PENDING}
    ),
    BatchTask.LOOK_UP: frozenset({State.UNKNOWN}),
    BatchTask.VERIFY: frozenset({State.CREATED}),
    BatchTask.ROLLBACK: WITH_TARGET_ID | {State.DELETING},
}
"""In which states a record leaves something to do."""


@frozen
class BatchCounts:
    """How many batches are open for a task, and how many of these are leased."""

    open: int
    leased: int


def divide_into_batches(journal: Journal, size: int) -> int:
    """Put the records that are in no batch yet into new ones; return how many."""
    rows = sa.func.row_number().over(order_by=RECORDS.c.number)
    bucket = ((rows - 1) // size).label("bucket")
    numbered = sa.select(RECORDS.c.number, bucket)
    new = numbered.where(RECORDS.c.number > _last_number()).subquery()
    spans = sa.select(
        sa.func.min(new.c.number), sa.func.max(new.c.number), sa.literal(0)
    ).group_by(new.c.bucket)
    insert = sa.insert(BATCHES).from_select(["first", "last", "token"], spans)
    with journal.transaction() as connection:
        _take_turns(connection)
        return connection.execute(insert, execution_options=_COUNTED).rowcount


def has_undivided_records(journal: Journal) -> bool:
    """Tell whether there are records that are in no batch yet."""
    query = sa.select(RECORDS.c.number).where(RECORDS.c.number > _last_number())
    return bool(journal.query(query.limit(1)))


def _last_number() -> sa.ScalarSelect[int]:
    """Return the number of the last record that is in a batch."""
    return sa.select(sa.func.coalesce(sa.func.max(BATCHES.c.last), 0)).scalar_subquery()


def open_batches(
    journal: Journal, task: BatchTask, states: Collection[State] | None = None
) -> int:
    """Give a task to all batches with a record in its states; return how many.

    Workers may be at other batches; one whose lease lasts keeps the task that it has.
    """
    now = journal.store.now
    inside = RECORDS.c.number.between(BATCHES.c.first, BATCHES.c.last)
    in_state = RECORDS.c.state.in_(sorted(states or OPEN_STATES[task]))
    update = sa.update(BATCHES).where(
        BATCHES.c.task.is_distinct_from(task.value),
        BATCHES.c.deadline.is_(None) | (BATCHES.c.deadline <= now),
        sa.exists().where(inside, in_state),
    )
    with journal.transaction() as connection:
        _take_turns(connection)
        return connection.execute(
            update.values(task=task.value, available_at=None)
        ).rowcount


def claim_batch(
    journal: Journal,
    task: BatchTask,
    *,
    timeout: float,
    clock: Callable[[], float],
    duration: float | None = None,
) -> Lease | None:
    """Claim the next open batch; None without an open batch, or while workers are paused.

    *timeout* is that of the target, in seconds; *duration* is how long the lease lasts
    after each renewal.
    """
    lasts = lease_seconds(timeout, duration)
    for _ in range(_ATTEMPTS):
        started = clock()
        with journal.transaction() as connection:
            row = connection.execute(_next_batch(journal, task)).first()
            if row is None:
                return None
            # With SQLite another process may have taken the row since it was read: the
            # driver begins a transaction only at the first change.
            if take_row(connection, journal, row, lasts):
                break
    else:
        return None
    return Lease.of_row(
        row, journal, timeout=timeout, clock=clock, duration=lasts, started=started
    )


def _next_batch(journal: Journal, task: BatchTask) -> sa.Select[tuple[object, ...]]:
    # A rollback begins with the newest customers, as that of one command does.
    order = BATCHES.c.first.desc() if task is BatchTask.ROLLBACK else BATCHES.c.first
    query = sa.select(BATCHES, left_of_lease(journal))
    query = query.where(is_claimable(journal, task)).order_by(order).limit(1)
    return query.with_for_update(skip_locked=True)


def is_claimable(journal: Journal, task: BatchTask) -> sa.ColumnElement[bool]:
    """Return the condition of a batch that a worker may claim for a task now."""
    return sa.and_(BATCHES.c.task == task.value, is_free(journal))


def is_free(journal: Journal) -> sa.ColumnElement[bool]:
    """Return the condition of a batch without a worker, while workers are not paused."""
    now = journal.store.now
    return sa.and_(
        BATCHES.c.deadline.is_(None) | (BATCHES.c.deadline <= now),
        BATCHES.c.available_at.is_(None) | (BATCHES.c.available_at <= now),
        ~sa.exists(sa.select(PAUSES.c.id)),
    )


def count_batches(journal: Journal) -> dict[BatchTask, BatchCounts]:
    """Count the batches that are left, by their task."""
    if not journal.is_current:
        return {}
    is_leased = BATCHES.c.deadline > journal.store.now
    leased = sa.func.sum(sa.case((is_leased, 1), else_=0))
    columns = (BATCHES.c.task, sa.func.count().label("total"), leased.label("leased"))
    query = (
        sa.select(*columns).where(BATCHES.c.task.is_not(None)).group_by(BATCHES.c.task)
    )
    return {
        BatchTask(row.task): BatchCounts(row.total, int(row.leased))
        for row in journal.query(query)
    }


def require_direction(journal: Journal, task: BatchTask) -> None:
    """Raise BatchUnavailable for a rollback while workers move customers, or vice versa."""
    is_rollback = task is BatchTask.ROLLBACK
    for other, batches in count_batches(journal).items():
        if batches.leased and is_rollback != (other is BatchTask.ROLLBACK):
            doing = "roll back" if other is BatchTask.ROLLBACK else "move"
            raise BatchUnavailable(
                f"workers {doing} customers of the journal {journal.path} now: end them "
                "first (SIGTERM)"
            )


def _take_turns(connection: sa.Connection) -> None:
    """Let one worker at a time divide or open: a write to the same row orders them.

    Two workers that divide at the same moment would both read the same last number.
    """
    touch = sa.update(META).where(META.c.name == "schema").values(value=META.c.value)
    connection.execute(touch)
