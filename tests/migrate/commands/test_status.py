"""The status shows what the workers do, how fast, and when they will have ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve
from tests.migrate.moving import Moving, sonder_to_bond

from anybank import migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.migrate.journal.tables import THROUGHPUT, WORKERS
from anybank.migrate.journal.throughput import minute_of


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal of six, with a limit at the target, of which none is sent."""
    moving: Moving = sonder_to_bond(tmp_path, 6)
    source, target = moving.sides()
    limited = evolve(target, options={**target.options, "rate_limit": 600})
    more: dict[str, Any] = {"ids": moving.ids, "batch": 2, "accept_loss": "all"}
    migrate.plan(source, limited, journal=moving.journal, **more)
    return Path(moving.journal)


def count(path: Path, state: State, number: int, *, started: float) -> None:
    """Let a worker that started some seconds ago have counted records in the last minute."""
    before = minute_of(datetime.now(UTC) - timedelta(minutes=1))
    row = {"minute": before, "state": state, "worker": "w", "count": number}
    with Journal.open_locked(path) as journal, journal.transaction() as connection:
        connection.execute(sa.insert(THROUGHPUT), row)
        connection.execute(sa.delete(WORKERS))
        now = connection.execute(sa.select(journal.store.now)).scalar_one()
        worker = {"name": "w", "concurrency": 1, "status": "working"}
        times = {"started_at": now - started, "heartbeat_at": now}
        connection.execute(sa.insert(WORKERS), {**worker, **times})


def work_of(path: Path) -> migrate.WorkStatus:
    work = migrate.status(journal=path).work
    assert work is not None
    return work


def test_the_rate_is_that_of_the_last_two_minutes(journal: Path) -> None:
    """Between one and two minutes with 60 creates are 30 to 60 a minute."""
    count(journal, State.CREATED, 60, started=3600)
    work = work_of(journal)
    assert 30 <= work.created_per_minute <= 60
    assert work.estimated_end is not None
    left = work.estimated_end - datetime.now(UTC)
    assert timedelta(seconds=4) < left <= timedelta(seconds=12)


def test_a_worker_that_has_just_started_is_not_slow(journal: Path) -> None:
    """The time before the first worker started does not count."""
    count(journal, State.CREATED, 60, started=6)
    assert work_of(journal).created_per_minute > 300


def test_the_share_of_the_limit_counts_creates_and_read_backs(journal: Path) -> None:
    """A create and a read-back are one call each."""
    count(journal, State.IN_FLIGHT, 60, started=3600)
    count(journal, State.VERIFIED, 60, started=3600)
    share = work_of(journal).limit_share
    assert share is not None
    assert 0.1 <= share <= 0.2


def test_a_pause_has_no_estimated_end(journal: Path) -> None:
    """Nobody knows when the workers will be resumed."""
    count(journal, State.CREATED, 60, started=3600)
    migrate.pause(journal=journal)
    assert work_of(journal).estimated_end is None


def test_a_journal_with_batches_is_for_workers(journal: Path) -> None:
    """The next command is `work`, since no apply can run next to workers."""
    summary = migrate.status(journal=journal)
    assert summary.next_command == f"anybank migrate work --journal {journal}"
