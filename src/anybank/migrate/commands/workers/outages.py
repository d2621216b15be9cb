"""Telling the failure of a bank from the failure of a record, and announcing long waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from ...._engine.timing import Timing
from ....errors import (
    AnybankError,
    ConfigurationError,
    ProviderUnavailable,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)

_LONG = 5.0
"""From so many seconds on a wait is announced."""
WHOLE_ANSWER = (None, "$")
"""The path of an answer that cannot be read at all: it is no answer about a customer."""
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smh]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}

Notices: TypeAlias = Callable[[str], None]
"""Takes a line about a long wait: why, and when the next try is."""
Wait: TypeAlias = "float | str | timedelta"
"""How long to wait: seconds, a timedelta, or a text such as 90s, 30m or 2h."""


@frozen(kw_only=True)
class Outage:
    """Why a run stopped that had no fault to find with any record.

    `failures` is how many requests in a row failed at `provider`, the last of them with
    the class `error` and the HTTP `status`; `waited` is for how many seconds it was waited.
    """

    provider: str
    error: str
    status: int | None
    failures: int
    waited: float


def seconds_of(wait: Wait | None) -> float:
    """Return a wait in seconds; raises ConfigurationError for what is none."""
    if isinstance(wait, timedelta):
        return wait.total_seconds()
    match = _DURATION.fullmatch(str(0 if wait is None else wait).strip())
    if match is None:
        raise ConfigurationError(
            f"wait must be a time such as 90s, 30m or 2h: {wait!r}"
        )
    return float(match[1]) * _UNITS[match[2]]


def is_outage(error: AnybankError) -> bool:
    """Tell whether an error is of the bank or the network, and not of a customer."""
    if isinstance(error, UnexpectedResponse):
        return error.path in WHOLE_ANSWER
    return isinstance(error, (ProviderUnavailable, RateLimited, TransportError))


@define
class Waits:
    """Announces long waits, each once however many wait."""

    notices: Notices | None = None
    _until: float = field(init=False, default=float("-inf"))

    def announce(self, timing: Timing, seconds: float, reason: str) -> None:
        """Say why nothing happens for so many seconds, and when the next try is."""
        ends = timing.monotonic() + seconds
        if self.notices is None or seconds < _LONG or ends < self._until + _LONG:
            return
        self._until = ends
        at = datetime.fromtimestamp(timing.wall() + seconds, UTC)
        self.notices(
            f"{reason}: waiting {seconds:.0f} s, next try at {at:%H:%M:%S} UTC"
        )

    def announced_timing(self, timing: Timing, title: str) -> Timing:
        """Return a timing whose long sleeps, such as after Retry-After, are announced."""
        reason = f"{title} limits the rate of requests or asked for a pause"

        async def sleep(seconds: float) -> None:
            self.announce(timing, seconds, reason)
            await timing.async_sleep(seconds)

        return evolve(timing, async_sleep=sleep)
