"""The geometry of a chart over time, which a template draws.

Heights are in pixels and widths in percent, so that a chart fits a phone without shrinking
its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from attrs import frozen

from .timelines import EPOCH, Timeline

HEIGHT = 168
"""The height of a panel, in pixels."""
_HOUR, _DAY = 60, 24 * 60
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 364)),
)
"""The possible distances between two marks on the time axis, in minutes."""
_MOST_TICKS = 7
_MILLION = 1_000_000
_EDGE = 6
"""The distance from either side, in percent, within which a label is not centred."""
_LOWEST = 1.5
"""The least height of a bar, in pixels, so that a single event stays visible."""
_GAP = 0.22
"""The share of a step that its bar leaves empty."""


@frozen
class AxisMark:
    """A mark on an axis, with its position and its label."""

    at: float
    label: str
    anchor: str = "middle"
    minor: bool = False


@frozen
class Bar:
    """A bar: `x` and `width` in percent, `y` (from the top) and `height` in pixels."""

    series: int
    x: float
    width: float
    y: float
    height: float
    label: str


@frozen
class Line:
    """A line through points: steps of time from the left, pixels from the top."""

    series: int
    points: str


@frozen(kw_only=True)
class Chart:
    """Two panels over the same time: the running totals, and the counts of each step."""

    names: Sequence[str]
    steps: int
    lines: Sequence[Line]
    sums: Sequence[AxisMark]
    bars: Sequence[Bar]
    counts: Sequence[AxisMark]
    times: Sequence[AxisMark]

    @classmethod
    def of(cls, timeline: Timeline) -> Chart:
        """Return the chart of a timeline."""
        top = _ceiling(max(timeline.totals.values()))
        tallest = _ceiling(max(map(sum, _by_step(timeline))))
        return cls(
            names=tuple(timeline.series),
            steps=timeline.steps,
            lines=tuple(_lines(timeline, top)),
            sums=tuple(_heights(top)),
            bars=tuple(_bars(timeline, tallest)),
            counts=tuple(_heights(tallest)),
            times=tuple(_times(timeline)),
        )


def _by_step(timeline: Timeline) -> Sequence[Sequence[int]]:
    return list(zip(*timeline.series.values(), strict=True))


def _ceiling(most: int) -> int:
    """Return the smallest of 1, 2, 4, 5, 8, 10, 20, ... that is at least *most*."""
    # In integers: a logarithm of 1000 may be 2.9999999999999996.
    power = int("1".ljust(len(str(most)), "0"))
    steps = (step * power for step in (1, 2, 4, 5, 8, 10))
    return next(step for step in steps if step >= most)


def _heights(top: int) -> Iterator[AxisMark]:
    parts = 5 if str(top)[0] == "5" else min(4, top)
    if top % parts:
        parts = 2
    for part in range(parts + 1):
        value = top * part // parts
        yield AxisMark(_down(value, top), _short(value))


def _short(value: int) -> str:
    """Return a round number in short form."""
    if value >= _MILLION:
        return f"{value / _MILLION:g} M"
    return f"{value:,}"


def _down(value: float, top: int) -> float:
    return round(HEIGHT * (1 - value / top), 2)


def _lines(timeline: Timeline, top: int) -> Iterator[Line]:
    """Yield a line for each series, from the step before its first event."""
    for series, counts in enumerate(timeline.series.values()):
        sums = list(accumulate(counts, initial=0))
        # A line along the axis before the first event would hide the axis.
        first = max(at for at, value in enumerate(sums) if not value)
        points = (f"{at},{_down(sums[at], top):g}" for at in range(first, len(sums)))
        yield Line(series, " ".join(points))


def _bars(timeline: Timeline, top: int) -> Iterator[Bar]:
    """Yield the stacked bars of each step."""
    step = 100 / timeline.steps
    for at, (time, counts) in enumerate(
        zip(timeline.times, _by_step(timeline), strict=True)
    ):
        below = 0
        for series, (name, count) in enumerate(
            zip(timeline.series, counts, strict=True)
        ):
            if not count:
                continue
            foot = _down(below, top)
            y = min(_down(below + count, top), foot - _LOWEST)
            yield Bar(
                series=series,
                x=round((at + _GAP / 2) * step, 3),
                width=round((1 - _GAP) * step, 3),
                y=y,
                height=round(foot - y, 2),
                label=f"{count:,} {name}, {time:%d %B %H:%M}",
            )
            below += count


def _times(timeline: Timeline) -> Iterator[AxisMark]:
    """Yield marks at round times; midnights are labelled with the day."""
    span = timeline.end - timeline.start
    for number, time in enumerate(_round_times(timeline.start, timeline.end)):
        at = 100 * ((time - timeline.start) / span)
        anchor = "start" if at < _EDGE else "end" if at > 100 - _EDGE else "middle"
        is_day = (time.hour, time.minute) == (0, 0)
        label = f"{time.day} {time:%b}" if is_day else f"{time:%H:%M}"
        yield AxisMark(round(at, 3), label, anchor, minor=number % 2 == 1)


def _round_times(start: datetime, end: datetime) -> Iterator[datetime]:
    steps = (timedelta(minutes=minutes) for minutes in _STEPS)
    few = (step for step in steps if (end - start) / step <= _MOST_TICKS)
    step = next(few, (end - start) / _MOST_TICKS)
    # The difference is negative and floor division rounds it away from zero, so the first
    # mark is not before the start.
    time = EPOCH - (EPOCH - start) // step * step
    while time <= end:
        yield time
        time += step
