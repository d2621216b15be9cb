"""What the workers of a journal do, and when they will have finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import frozen

from ...journal.batch_claims import count_batches
from ...journal.journal import Journal
from ...journal.pauses import read_pause
from ...journal.states import TARGET_CALLS, State
from ...journal.throughput import minute_of
from ...journal.workers import WorkerInfo, list_workers

_MINUTE = timedelta(minutes=1)
_CREATED = (State.CREATED, State.PENDING, State.DENIED)
"""The states that a create which the target accepted may lead to."""


@frozen(kw_only=True)
class WorkStatus:
    """The workers of a journal, and what is left for them."""

    workers: tuple[WorkerInfo, ...]
    """All workers, also those that have ended, in the order in which they started."""
    batches_left: int
    """How many batches have something left to do."""
    batches_leased: int
    """How many of these a worker holds a lease of."""
    paused_at: datetime | None
    """When the workers were paused."""
    created_per_minute: int
    """How many customers were created in a minute, in the last minute or two."""
    limit_share: float | None
    """What share of the target's rate limit creates and read-backs used meanwhile.

    None without a limit.
    """
    estimated_end: datetime | None
    """When the last customer will have been created at this rate.

    None where that is unknown, and while the workers are paused.
    """


def work_status(
    journal: Journal, metadata: Mapping[str, str], counts: Mapping[State, int]
) -> WorkStatus:
    """Return what the workers of a journal do now."""
    batches, pause = count_batches(journal).values(), read_pause(journal)
    now, workers = datetime.now(UTC), tuple(list_workers(journal))
    per_minute = _per_minute(journal, workers, now)
    created = sum(per_minute[state] for state in _CREATED)
    calls = sum(per_minute[state] for state in TARGET_CALLS)
    limit = int(metadata.get("target_limit") or 0)
    left = counts[State.READY] + counts[State.UNKNOWN]
    is_known = left and created and not pause
    return WorkStatus(
        workers=workers,
        batches_left=sum(count.open for count in batches),
        batches_leased=sum(count.leased for count in batches),
        paused_at=pause.paused_at if pause else None,
        created_per_minute=round(created),
        limit_share=calls / limit if limit else None,
        estimated_end=now + _MINUTE * (left / created) if is_known else None,
    )


def _per_minute(
    journal: Journal, workers: Sequence[WorkerInfo], now: datetime
) -> dict[State, float]:
    """Return how many records entered each state in a minute.

    Measured since the beginning of the last full minute, or since the first worker started
    if that was later.
    """
    counts: Counter[State] = Counter()
    since = {minute_of(now), minute_of(now - _MINUTE)}
    for tick in journal.throughput():
        counts[tick.state] += tick.count if tick.minute in since else 0
    seconds = 60.0 + now.second
    ages = [worker.running_for + worker.silent_for for worker in workers]
    if ages and max(ages) < seconds:
        seconds = max(1.0, *ages)
    return {state: counts[state] * 60 / seconds for state in State}
