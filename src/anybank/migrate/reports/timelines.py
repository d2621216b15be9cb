"""The course of a migration over time, aggregated from minutes into a few bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from attrs import frozen

from ..journal.states import TARGET_CALLS, State
from ..journal.throughput import Tick

SERIES: Mapping[str, frozenset[State]] = {
    "created": frozenset({State.CREATED}),
    "verified": frozenset({State.VERIFIED}),
    "failed or in doubt": frozenset(
        {
            State.FAILED,
            State.DENIED,
            State.QUARANTINED,
            State.AMBIGUOUS,
            State.MISMATCHED,
        }
    ),
}
"""The series of the chart, and the states that each one counts."""

_MOST_BARS = 80
_HOUR, _DAY = 60, 24 * 60
_WIDTHS = (1, 5, 15, 30, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY)
"""The possible widths of a bar, in minutes."""
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
"""A Monday, from which whole weeks, days and hours are counted.

Bars then begin at round times, and a report of tomorrow has the same bars.
"""


@frozen
class Peak:
    """The busiest minute (UTC) and its count."""

    minute: datetime
    count: int


@frozen(kw_only=True)
class Timeline:
    """Counts of records in equal steps of time from `start` (UTC).

    `width` is the length of a step in minutes, and `series` has a count for each step.
    `active` is the number of minutes in which any record changed.
    """

    start: datetime
    width: int
    series: Mapping[str, Sequence[int]]
    active: int
    most_created: Peak
    most_calls: Peak

    @classmethod
    def of(cls, ticks: Sequence[Tick]) -> Self | None:
        """Aggregate ticks into at most 80 steps; return None if nothing was sent yet."""
        drawn = [tick for tick in ticks if _series_of(tick.state)]
        if not drawn:
            return None
        minutes = [_time(tick.minute) for tick in drawn]
        width = _width(min(minutes), max(minutes))
        start = _step(min(minutes), width)
        steps = _steps(start, max(minutes), width)
        series = {name: [0] * steps for name in SERIES}
        for tick, minute in zip(drawn, minutes, strict=True):
            at = _steps(start, minute, width) - 1
            series[_series_of(tick.state)][at] += tick.count
        return cls(
            start=start,
            width=width,
            series={name: counts for name, counts in series.items() if any(counts)},
            active=len(set(minutes)),
            most_created=_peak(ticks, SERIES["created"]),
            most_calls=_peak(ticks, TARGET_CALLS),
        )

    @property
    def steps(self) -> int:
        """The number of steps."""
        return max(map(len, self.series.values()))

    @property
    def times(self) -> Sequence[datetime]:
        """The time at which each step begins."""
        step = timedelta(minutes=self.width)
        return [self.start + at * step for at in range(self.steps)]

    def step_of(self, minute: datetime) -> int | None:
        """Return the step that contains a minute, None outside of the timeline."""
        step = _steps(self.start, minute, self.width) - 1
        return step if 0 <= step < self.steps else None

    @property
    def end(self) -> datetime:
        """The time at which the last step ends."""
        return self.start + timedelta(minutes=self.width * self.steps)

    @property
    def totals(self) -> Mapping[str, int]:
        """The total of each series."""
        return {name: sum(counts) for name, counts in self.series.items()}


def _series_of(state: State) -> str:
    return next((name for name, states in SERIES.items() if state in states), "")


def _time(minute: str) -> datetime:
    return datetime.fromisoformat(minute)


def _width(first: datetime, last: datetime) -> int:
    """Return the smallest width that needs no more than the most bars."""
    few = (
        width
        for width in _WIDTHS
        if _steps(_step(first, width), last, width) <= _MOST_BARS
    )
    return next(few, _whole_weeks(first, last))


def _whole_weeks(first: datetime, last: datetime) -> int:
    # For one bar less than the most: the first bar may begin before the first minute.
    week = _WIDTHS[-1]
    return week * -(-_steps(_step(first, week), last, week) // (_MOST_BARS - 1))


def _step(time: datetime, width: int) -> datetime:
    """Return the start of the step that contains a time."""
    step = timedelta(minutes=width)
    return EPOCH + (time - EPOCH) // step * step


def _steps(start: datetime, last: datetime, width: int) -> int:
    return (last - start) // timedelta(minutes=width) + 1


def _peak(ticks: Sequence[Tick], states: frozenset[State]) -> Peak:
    counts: Counter[str] = Counter()
    for tick in ticks:
        counts[tick.minute] += tick.count if tick.state in states else 0
    minute, count = counts.most_common(1)[0]
    return Peak(_time(minute), count)
