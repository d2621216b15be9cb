"""Pause the workers of a journal: until they resume, no worker claims a batch.

A pause is written without the lock of the journal, which the workers hold.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from attrs import frozen

from .batch_leases import BatchUnavailable
from .journal import Journal
from .run_log import operator
from .tables import PAUSES

_ID = 1


@frozen
class Pause:
    """When the workers were paused, and by whom."""

    paused_at: datetime
    operator: str


def pause_workers(journal: Journal) -> Pause:
    """Pause the workers, and return the pause; an earlier one stays as it is."""
    row = {
        "id": _ID,
        "paused_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "operator": operator(),
    }
    insert = journal.store.insert(PAUSES).values(row).on_conflict_do_nothing()
    with journal.unlocked_transaction() as connection:
        connection.execute(insert)
    return read_pause(journal) or _pause(row["paused_at"], row["operator"])


def resume_workers(journal: Journal) -> bool:
    """Let the workers claim batches again; return whether they were paused."""
    with journal.unlocked_transaction() as connection:
        return connection.execute(sa.delete(PAUSES)).rowcount > 0


def read_pause(journal: Journal) -> Pause | None:
    """Return the pause, or None where workers may claim batches."""
    if not journal.is_current:
        return None
    rows = journal.query(sa.select(PAUSES.c.paused_at, PAUSES.c.operator))
    return _pause(rows[0].paused_at, rows[0].operator) if rows else None


def require_not_paused(journal: Journal) -> None:
    """Raise BatchUnavailable while the workers are paused."""
    if (pause := read_pause(journal)) is not None:
        raise BatchUnavailable(
            f"the workers are paused since {pause.paused_at:%Y-%m-%d %H:%M} UTC by "
            f"{pause.operator}: run `anybank migrate resume`, then deliver the batch again"
        )


def _pause(paused_at: object, by: object) -> Pause:
    return Pause(datetime.fromisoformat(str(paused_at)), str(by))
