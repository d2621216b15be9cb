"""How much of a vendor's rate limit is used, on a simulated clock."""

from __future__ import annotations

import sys
from collections import deque

from benchmarks.tables import Row, report

from anybank._engine.throttle import Throttle

LIMIT = 1000
MINUTES = 10


def starts() -> list[float]:
    """Return when each call of ten minutes starts, in seconds."""
    throttle, now, moments = Throttle(LIMIT), 0.0, []
    while now < MINUTES * 60:
        now += throttle.reserve(now)
        moments.append(now)
    return moments


def busiest_minute(moments: list[float]) -> int:
    """Return the most calls that start within any sixty seconds."""
    window: deque[float] = deque()
    most = 0
    for moment in moments:
        window.append(moment)
        # A call exactly sixty seconds ago is in the minute before.
        while window[0] <= moment - 60:
            window.popleft()
        most = max(most, len(window))
    return most


def main(argv: list[str]) -> None:
    """Run this benchmark."""
    moments = starts()
    used = len(moments) / (LIMIT * MINUTES)
    most = busiest_minute(moments)
    rows = [
        Row(f"used of {LIMIT} calls per minute", f"{used:.1%}", used, 0.97, least=True),
        Row("calls in the busiest minute / limit", str(most), most / LIMIT, 1.0),
    ]
    report("Rate limit", rows, argv)


if __name__ == "__main__":
    main(sys.argv[1:])
