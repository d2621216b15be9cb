"""Runs `anybank` with a clock that is wrong: `wrong_clock.py SECONDS ARGUMENT...`.

Only the time of day is wrong, as on a machine without NTP; the monotonic clock is right.
"""

from __future__ import annotations

import datetime as dt
import sys
import time


def set_clock_wrong(seconds: float) -> None:
    """Let all modules that are imported later read a time that is wrong by so much."""
    right_time, right = time.time, dt.datetime

    class WrongDatetime(right):  # type: ignore[valid-type,misc] # a class in a variable
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return right.now(tz) + dt.timedelta(seconds=seconds)

    time.time = lambda: right_time() + seconds
    dt.datetime = WrongDatetime  # type: ignore[misc] # of this process alone


if __name__ == "__main__":
    set_clock_wrong(float(sys.argv[1]))
    from anybank.cli import main

    sys.exit(main(sys.argv[2:]))
