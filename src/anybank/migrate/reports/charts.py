"""The geometry of a chart over time: heights in pixels, widths in shares of the page.

Nothing here is drawn: a template does that. What is wide is told in percent, so a chart
fits a phone without its letters shrinking.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

from attrs import frozen

from .timelines import EPOCH, Timeline

HEIGHT = 168
"""Of a panel, in pixels."""
_HOUR, _DAY = 60, 24 * 60
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_HOUR * each for each in (1, 2, 3, 6, 12)),
    *(_DAY * each for each in (1, 2, 7, 14, 28, 91, 182, 364)),
)
"""How many minutes may lie between two marks."""
_MOST_TICKS = 7
_MILLION = 1_000_000
_EDGE = 6
"""How near a side, in percent, a label must not be centred."""
_LOWEST = 1.5
"""Of a bar, in pixels: what happened once in an hour of thousands is seen, too."""
_GAP = 0.22
"""The part of a step that its bar leaves free."""


@frozen
class AxisMark:
    """A mark on an axis: where it is, and what is written there."""

    at: float
    label: str
    anchor: str = "middle"
    minor: bool = False


@frozen
class Bar:
    """A bar: percent from the left, percent wide, pixels from the top, pixels high."""

    series: int
    x: float
    width: float
    y: float
    height: float
    told: str


@frozen
class Line:
    """A line through points, in steps of time from the left and pixels from the top."""

    series: int
    points: str


@frozen(kw_only=True)
class Chart:
    """Two panels over one time: the sums so far, and what each step added."""

    names: Sequence[str]
    steps: int
    lines: Sequence[Line]
    sums: Sequence[AxisMark]
    bars: Sequence[Bar]
    counts: Sequence[AxisMark]
    times: Sequence[AxisMark]

    @classmethod
    def of(cls, timeline: Timeline) -> Chart:
        """Lay out a timeline."""
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
    """Return the next of 1, 2, 4, 5, 8, 10, 20, ... that is not less."""
    power = int("1".ljust(len(str(most)), "0"))
    return next(each * power for each in (1, 2, 4, 5, 8, 10) if each * power >= most)


def _heights(top: int) -> Iterator[AxisMark]:
    parts = 5 if str(top)[0] == "5" else min(4, top)
    if top % parts:
        parts = 2
    for part in range(parts + 1):
        value = top * part // parts
        yield AxisMark(_down(value, top), _short(value))


def _short(value: int) -> str:
    """Return a round number in few letters."""
    if value >= _MILLION:
        return f"{value / _MILLION:g} M"
    return f"{value:,}"


def _down(value: float, top: int) -> float:
    return round(HEIGHT * (1 - value / top), 2)


def _lines(timeline: Timeline, top: int) -> Iterator[Line]:
    """Yield a line for each series, from where it leaves nought."""
    for series, counts in enumerate(timeline.series.values()):
        sums = list(accumulate(counts, initial=0))
        first = max(at for at, value in enumerate(sums) if not value)
        points = (f"{at},{_down(sums[at], top):g}" for at in range(first, len(sums)))
        yield Line(series, " ".join(points))


def _bars(timeline: Timeline, top: int) -> Iterator[Bar]:
    """Yield the bars of each step, one upon the other."""
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
                told=f"{count:,} {name}, {time:%d %B %H:%M}",
            )
            below += count


def _times(timeline: Timeline) -> Iterator[AxisMark]:
    """Yield round times; those of a midnight are told as days."""
    span = timeline.end - timeline.start
    for number, time in enumerate(_round_times(timeline.start, timeline.end)):
        at = 100 * ((time - timeline.start) / span)
        anchor = "start" if at < _EDGE else "end" if at > 100 - _EDGE else "middle"
        is_day = (time.hour, time.minute) == (0, 0)
        label = f"{time.day} {time:%b}" if is_day else f"{time:%H:%M}"
        yield AxisMark(round(at, 3), label, anchor, minor=number % 2 == 1)


def _round_times(start: datetime, end: datetime) -> Iterator[datetime]:
    steps = (timedelta(minutes=each) for each in _STEPS)
    few = (each for each in steps if (end - start) / each <= _MOST_TICKS)
    step = next(few, (end - start) / _MOST_TICKS)
    time = EPOCH - (EPOCH - start) // step * step
    while time <= end:
        yield time
        time += step
