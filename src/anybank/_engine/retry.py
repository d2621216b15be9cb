"""When to send again, and how fast to send at all: policies without a clock.

The time is an argument everywhere, in seconds; so is chance, as a number from 0 to 1.
"""

from __future__ import annotations

from attrs import define, field, frozen

from ..errors import (
    AnybankError,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    TransportError,
)

_PASSING = (RateLimited, ProviderUnavailable, TransportError)
_SHORTEST_PAUSE = 1.0
_MOST_DOUBLINGS = 64


@frozen
class RetryPolicy:
    """Exponential backoff with full jitter; a vendor's own Retry-After goes before it.

    A Retry-After beyond `patience` seconds is the caller's to wait for. One of less than
    a second is no invitation to ask without pause: half to all of the backoff is kept.
    """

    retries: int = 2
    base: float = 0.5
    cap: float = 8.0
    patience: float = 60.0

    def delay(self, error: AnybankError, attempt: int, chance: float) -> float | None:
        """Return how long to wait before the next attempt, None to give up."""
        passing = isinstance(error, _PASSING) and error.retryable
        if attempt >= self.retries or not passing:
            return None
        pause = error.retry_after if isinstance(error, ProviderError) else None
        backoff = min(self.cap, self.base * 2.0 ** min(attempt, _MOST_DOUBLINGS))
        if pause is None:
            return chance * backoff
        if pause < _SHORTEST_PAUSE:
            return max(pause, (1 + chance) / 2 * backoff)
        return pause if pause <= self.patience else None


_SUSTAINED = 0.98
_BURST = 0.015


@define
class Throttle:
    """A limit of calls a minute, used to the full and not beyond.

    In no minute do more calls start than the limit: 98 % of it at an even pace, and 1.5 %
    at once; the rest is room for calls that arrive closer together than they left.
    """

    per_minute: int
    _even: float = field(init=False, default=0.0)

    def reserve(self, now: float) -> float:
        """Take the next place and return the seconds until it."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        wait = max(0.0, self._even - (burst - 1) * interval - now)
        self._even = max(self._even, now) + interval
        return wait

    def hold(self, until: float) -> None:
        """Let nobody start before a moment: the vendor asked for a pause."""
        interval = 60.0 / (self.per_minute * _SUSTAINED)
        burst = max(1, int(self.per_minute * _BURST))
        self._even = max(self._even, until + (burst - 1) * interval)
