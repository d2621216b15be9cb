"""The workers of a migration over time: a row of bars for each, on one time axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from ..journal.throughput import WorkerTick
from ..journal.workers import WorkerInfo
from .timelines import Timeline

HEIGHT = 22
"""The height of a row, in pixels."""
MOST_ROWS = 32
"""The most workers that are drawn: those that changed most records."""
_LOWEST = 1.5
_GAP = 0.22
"""The share of a step that its bar leaves empty."""


@frozen
class WorkerBar:
    """A bar: `x` and `width` in percent, `y` (from the top) and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float


@frozen
class WorkerRow:
    """A worker, how many changes of records it wrote, and when."""

    name: str
    status: str
    count: int
    bars: Sequence[WorkerBar]


def worker_rows(
    ticks: Sequence[WorkerTick], timeline: Timeline, workers: Sequence[WorkerInfo]
) -> Sequence[WorkerRow]:
    """Return the rows of the workers, in the order in which they started.

    All rows have the same scale, so that a slow worker looks slow.
    """
    counts: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for tick in ticks:
        step = timeline.step_of(datetime.fromisoformat(tick.minute))
        if step is not None:
            counts[tick.worker][step] += tick.count
    totals = {name: sum(counts[name].values()) for name in counts}
    most = sorted(totals, key=lambda name: -totals[name])[:MOST_ROWS]
    drawn = [worker for worker in workers if worker.name in most]
    top = max((max(counts[worker.name].values()) for worker in drawn), default=1)
    return [
        WorkerRow(
            worker.name,
            "lost" if worker.is_lost else worker.status.value,
            totals[worker.name],
            [
                _bar(step, count, timeline.steps, top)
                for step, count in sorted(counts[worker.name].items())
            ],
        )
        for worker in drawn
    ]


def _bar(step: int, count: int, steps: int, top: int) -> WorkerBar:
    width = 100 / steps
    height = round(max(_LOWEST, HEIGHT * count / top), 2)
    return WorkerBar(
        x=round((step + _GAP / 2) * width, 3),
        width=round((1 - _GAP) * width, 3),
        y=round(HEIGHT - height, 2),
        height=height,
    )
