"""The throughput of a run, in minutes, becomes a chart with a few bars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migrate.reporting import moved, page_of, written

from anybank import migrate
from anybank.migrate.journal.states import State
from anybank.migrate.journal.throughput import Tick
from anybank.migrate.reports.charts import HEIGHT, Chart
from anybank.migrate.reports.timelines import Timeline

START = datetime(2026, 11, 18, 6, 17, tzinfo=UTC)
DAY = 24 * 60


def ticks(
    minutes: Mapping[int, int], state: State = State.CREATED, start: datetime = START
) -> list[Tick]:
    """Return ticks at minutes after a start."""
    return [
        Tick(f"{start + timedelta(minutes=at):%Y-%m-%dT%H:%MZ}", state, count)
        for at, count in minutes.items()
    ]


def timeline_of(result: list[Tick]) -> Timeline:
    """Return the timeline, which must exist."""
    timeline = Timeline.of(result)
    assert timeline
    return timeline


@pytest.mark.parametrize(
    ("minutes", "width"),
    [
        (1, 1),
        (80, 1),
        (81, 5),
        (DAY, 30),
        (3 * DAY, 60),
        (60 * DAY, DAY),
        (3 * 365 * DAY, 14 * DAY),
    ],
)
def test_a_bar_is_as_wide_as_the_run_needs(minutes: int, width: int) -> None:
    """A run of minutes has bars of a minute, and one of years bars of weeks."""
    assert timeline_of(ticks({0: 1, minutes - 1: 1})).width == width


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 10**6), min_size=1))
def test_nothing_is_lost_and_never_too_much_is_drawn(minutes: dict[int, int]) -> None:
    """However long a run is, it has few bars with the sum of all ticks."""
    timeline = timeline_of(ticks(minutes))
    assert timeline.steps <= 80
    assert timeline.totals == {"created": sum(minutes.values())}
    assert timeline.start <= START + timedelta(minutes=min(minutes))
    assert timeline.end > START + timedelta(minutes=max(minutes))


@given(st.dictionaries(st.integers(0, 10**5), st.integers(1, 10**9), min_size=3))
def test_nothing_is_drawn_outside_the_chart(minutes: dict[int, int]) -> None:
    """Bars and marks are within the width and the height of their panel."""
    chart = Chart.of(timeline_of(ticks(minutes)))
    assert all(0 <= bar.x <= bar.x + bar.width <= 100 for bar in chart.bars)
    assert all(item.y > -0.01 and item.height > 0 for item in chart.bars)
    assert all(entry.y + entry.height <= HEIGHT + 0.01 for entry in chart.bars)
    assert all(0 <= time.at <= 100 for time in chart.times)
    assert 1 <= len(chart.times) <= 9


def test_the_bars_of_a_step_are_stacked() -> None:
    """The bars of a step are stacked, so their height is the total."""
    result = ticks({0: 60, 2: 60}) + ticks({0: 40}, State.FAILED)
    new, failed = Chart.of(timeline_of(result)).bars[:2]
    assert failed.y == 0
    assert failed.y + failed.height == new.y
    assert new.y + new.height == HEIGHT


def test_a_line_begins_where_it_leaves_zero() -> None:
    """A line without events yet does not hide the axis."""
    result = ticks({0: 1, 4: 1}) + ticks({3: 1}, State.VERIFIED)
    created, verified = Chart.of(timeline_of(result)).lines
    assert created.points.startswith("0,")
    assert verified.points.startswith("3,")


def test_what_is_rare_is_seen() -> None:
    """One failure among thousands of creates has a visible bar."""
    result = ticks({0: 9000, 5: 9000}) + ticks({0: 1}, State.QUARANTINED)
    assert min(bar.height for bar in Chart.of(timeline_of(result)).bars) >= 1


@pytest.mark.parametrize(("most", "label"), [(7, "8"), (480, "500"), (10**6, "1 M")])
def test_an_axis_ends_at_a_round_number(most: int, label: str) -> None:
    """The highest mark is round and not below the highest value."""
    chart = Chart.of(timeline_of(ticks({0: most, 2: most // 2})))
    assert chart.counts[-1].label == label
    assert chart.counts[-1].at == 0


def test_midnights_are_labelled_with_the_day() -> None:
    """An axis over several days names the days."""
    chart = Chart.of(timeline_of(ticks({0: 1, 3 * DAY: 1})))
    assert {"19 Nov", "20 Nov", "21 Nov"} <= {time.label for time in chart.times}


def test_a_short_run_is_a_sentence(tmp_path: Path) -> None:
    """A run of a minute or two has no chart."""
    page, text = page_of(moved(tmp_path).journal)
    assert "4 created and 4 verified in " in page.text
    assert "<polyline" not in text


def test_a_journal_without_times_says_so(tmp_path: Path) -> None:
    """Nothing is drawn where nothing was sent."""
    page, _ = page_of(written(tmp_path / "move.db", {"b1": State.BLOCKED}))
    assert "Nothing has been sent yet" in page.text


def test_the_minutes_are_there_for_programs(tmp_path: Path) -> None:
    """The values of the report are those of the journal."""
    result = migrate.Report.read(moved(tmp_path).journal).throughput
    new = [item.count for item in result if item.state is State.CREATED]
    assert sum(new) == 4


def test_the_busiest_minute_is_measured_in_calls() -> None:
    """A create and a read-back are one call each; a response is none."""
    result = (
        ticks({1: 5}, State.IN_FLIGHT) + ticks({1: 4}) + ticks({1: 3}, State.VERIFIED)
    )
    timeline = timeline_of(result)
    assert timeline.most_calls.count == 8
    assert timeline.most_created.count == 4
