"""The report shows the workers of a migration over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.moving import sonder_to_bond
from tests.migrate.reporting import moved, page_of

from anybank import migrate
from anybank.migrate.journal.states import State
from anybank.migrate.journal.throughput import Tick, WorkerTick
from anybank.migrate.journal.workers import WorkerInfo, WorkerStatus
from anybank.migrate.reports.timelines import Timeline
from anybank.migrate.reports.worker_rows import HEIGHT, MOST_ROWS, worker_rows

START = datetime(2026, 11, 18, 6, 17, tzinfo=UTC)


def worker(name: str) -> WorkerInfo:
    return WorkerInfo(
        name=name,
        status=WorkerStatus.WORKING,
        concurrency=16,
        running_for=60.0,
        silent_for=1.0,
        batches=(),
    )


def minute(at: int) -> str:
    return f"{START + timedelta(minutes=at):%Y-%m-%dT%H:%MZ}"


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 5000), st.sampled_from("abc")),
        st.integers(1, 10**6),
        min_size=1,
    )
)
def test_nothing_is_lost_or_drawn_outside(counts: dict[tuple[int, str], int]) -> None:
    """The rows have the counts of all workers, and each bar is within its row."""
    ticks = [
        Tick(minute(at), State.CREATED, count) for (at, _), count in counts.items()
    ]
    by_worker = [WorkerTick(minute(at), name, n) for (at, name), n in counts.items()]
    timeline = Timeline.of(ticks)
    assert timeline
    rows = worker_rows(by_worker, timeline, [worker(name) for name in "abc"])
    assert sum(row.count for row in rows) == sum(counts.values())
    bars = [bar for row in rows for bar in row.bars]
    assert all(0 <= bar.x <= bar.x + bar.width <= 100 for bar in bars)
    assert all(bar.height > 0 and 0 <= bar.y <= HEIGHT for bar in bars)
    assert max(bar.height for bar in bars) == HEIGHT


def test_the_busiest_workers_are_drawn() -> None:
    """A report of very many workers stays short, and keeps their order."""
    names = [f"w{at:02}" for at in range(MOST_ROWS + 5)]
    ticks = [WorkerTick(minute(0), name, 1 + at) for at, name in enumerate(names)]
    timeline = Timeline.of([Tick(minute(0), State.CREATED, 1)])
    assert timeline
    rows = worker_rows(ticks, timeline, [worker(name) for name in names])
    assert [row.name for row in rows] == names[5:]


def test_the_page_has_a_row_for_each_worker(tmp_path: Path) -> None:
    """A worker is shown by the name in `status`, with its changes and its status."""
    moving = sonder_to_bond(tmp_path, 5)
    moving.plan()
    source, target = moving.sides()
    migrate.work(journal=moving.journal, source=source, target=target)
    page, _ = page_of(moving.journal)
    report = migrate.Report.read(moving.journal)
    (tick, *_) = report.worker_throughput
    assert "Workers Changes of records that each worker wrote over" in page.text
    assert f"{tick.worker} 10 ended" in page.text


def test_a_migration_without_workers_shows_none(tmp_path: Path) -> None:
    """The page of an apply has no section about workers."""
    page, _ = page_of(moved(tmp_path).journal)
    assert "Changes of records that each worker wrote" not in page.text
