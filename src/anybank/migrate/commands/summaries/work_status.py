"""What the workers of a journal do, and when they will have finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen

from ...journal.batch_claims import count_batches
from ...journal.journal import Journal
from ...journal.pauses import read_pause
from ...journal.states import TARGET_CALLS, State
from ...journal.throughput import minute_of
from ...journal.workers import WorkerInfo, list_workers

_MINUTE = timedelta(minutes=1)


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
    created_last_minute: int
    """How many customers were created in the last full minute."""
    limit_share: float | None
    """What share of the target's rate limit creates and read-backs used in that minute.

    None without a limit.
    """
    estimated_end: datetime | None
    """When the last customer will have been created at this rate; None where unknown."""


def work_status(
    journal: Journal, metadata: Mapping[str, str], counts: Mapping[State, int]
) -> WorkStatus:
    """Return what the workers of a journal do now."""
    batches, pause = count_batches(journal).values(), read_pause(journal)
    now = datetime.now(UTC)
    # The last full minute: the present one has only begun.
    counts_by_state = _counts_in(journal, minute_of(now - _MINUTE))
    created = counts_by_state[State.CREATED]
    calls = sum(counts_by_state[state] for state in TARGET_CALLS)
    limit = int(metadata.get("target_limit") or 0)
    left = counts[State.READY] + counts[State.UNKNOWN]
    end = now + _MINUTE * (left / created) if left and created else None
    return WorkStatus(
        workers=tuple(list_workers(journal)),
        batches_left=sum(count.open for count in batches),
        batches_leased=sum(count.leased for count in batches),
        paused_at=pause.paused_at if pause else None,
        created_last_minute=created,
        limit_share=calls / limit if limit else None,
        estimated_end=end,
    )


def _counts_in(journal: Journal, minute: str) -> Counter[State]:
    """Return how many records entered each state in a minute."""
    counts: Counter[State] = Counter()
    for tick in journal.throughput():
        counts[tick.state] += tick.count if tick.minute == minute else 0
    return counts
