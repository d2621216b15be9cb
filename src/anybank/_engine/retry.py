"""Decide whether a failed request is sent again, and after how many seconds.

The policy has no clock: the random number from 0 to 1 is an argument.
"""

from __future__ import annotations

from attrs import frozen

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
