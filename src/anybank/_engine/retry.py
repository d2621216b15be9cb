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

_TRANSIENT = (RateLimited, ProviderUnavailable, TransportError)
_SHORTEST_PAUSE = 1.0
_MOST_DOUBLINGS = 64
"""The exponent is bounded, because 2.0 ** 1024 raises OverflowError."""


@frozen
class RetryPolicy:
    """Exponential backoff with full jitter; a vendor's Retry-After takes precedence.

    `base` and `cap` are seconds. A Retry-After above `max_retry_after` seconds is raised
    instead of slept. A Retry-After below one second still waits at least half of the
    backoff, so that a vendor which answers 0 is not hit in a tight loop.
    """

    retries: int = 2
    base: float = 0.5
    cap: float = 8.0
    max_retry_after: float = 60.0

    def delay(self, error: AnybankError, attempt: int, jitter: float) -> float | None:
        """Return the seconds until the next attempt, or None to give up.

        `attempt` counts from 0, `jitter` is a random number from 0 to 1.
        """
        transient = isinstance(error, _TRANSIENT) and error.retryable
        if attempt >= self.retries or not transient:
            return None
        pause = error.retry_after if isinstance(error, ProviderError) else None
        backoff = min(self.cap, self.base * 2.0 ** min(attempt, _MOST_DOUBLINGS))
        if pause is None:
            # Full jitter spreads clients that failed together over the whole backoff.
            # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
            return jitter * backoff
        if pause < _SHORTEST_PAUSE:
            return max(pause, (1 + jitter) / 2 * backoff)
        return pause if pause <= self.max_retry_after else None
