"""How long a run waits for a bank, and the announcement of each long wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from attrs import define, evolve, field

from ...._engine.timing import Timing
from ....errors import ConfigurationError

_LONG = 5.0
"""A wait of at least this many seconds is announced."""
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}

Notices: TypeAlias = Callable[[str], None]
"""A callback for one line about a long wait: its reason and the time of the next try."""
Wait: TypeAlias = "float | str | timedelta"
"""How long to wait: seconds, a timedelta, or a text such as 90s, 30m or 2h."""


def parse_wait(wait: Wait | None) -> float:
    """Return a wait in seconds, 0 for None.

    Raises ConfigurationError for a text that is not a duration.
    """
    if isinstance(wait, timedelta):
        return wait.total_seconds()
    match = _DURATION.fullmatch(str(0 if wait is None else wait).strip())
    if match is None:
        raise ConfigurationError(
            f"wait must be a time such as 90s, 30m or 2h: {wait!r}"
        )
    return float(match[1]) * _SECONDS[match[2]]


@define
class WaitAnnouncer:
    """Announces long waits: one line per wait, however many workers share it."""

    notices: Notices | None = None
    _announced_until: float = field(init=False, default=float("-inf"))

    def announce(self, timing: Timing, seconds: float, reason: str) -> None:
        """Announce a wait of so many seconds, its reason and the time of the next try."""
        end = timing.monotonic() + seconds
        # Sixteen workers wait for the same limit and end at almost the same time: a wait
        # that ends close to an announced one is the same wait.
        if (
            self.notices is None
            or seconds < _LONG
            or end < self._announced_until + _LONG
        ):
            return
        self._announced_until = end
        next_try = datetime.fromtimestamp(timing.wall() + seconds, UTC)
        self.notices(
            f"{reason}: waiting {seconds:.0f} s, next try at {next_try:%H:%M:%S} UTC"
        )

    def announced_timing(self, timing: Timing, title: str) -> Timing:
        """Return a timing that announces its long sleeps, such as after Retry-After."""
        reason = f"{title} limits the rate of requests or asked for a pause"

        async def sleep(seconds: float) -> None:
            self.announce(timing, seconds, reason)
            await timing.async_sleep(seconds)

        return evolve(timing, async_sleep=sleep)
