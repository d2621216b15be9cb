"""The retry policy's delays and the throttle's slots."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    AnybankError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Rejected,
)
from anybank._engine.retry import RetryPolicy
from anybank._engine.throttle import Throttle

LIMITS = st.integers(1, 3000)


@pytest.mark.parametrize("kind", [RateLimited, ProviderUnavailable])
def test_transient_errors_are_retried(kind: type[AnybankError]) -> None:
    """A rate limit and an unavailable vendor are retried."""
    assert RetryPolicy().delay(kind(retryable=True), 0, 1.0) == 0.5
    assert RetryPolicy().delay(kind(retryable=False), 0, 1.0) is None


@pytest.mark.parametrize("kind", [NotSent, OutcomeUnknown])
def test_a_network_that_failed_is_tried_again(kind: type[AnybankError]) -> None:
    """A retryable network failure is retried."""
    assert RetryPolicy().delay(kind(retryable=True), 0, 1.0) is not None
    assert RetryPolicy().delay(kind(retryable=False), 0, 1.0) is None


@pytest.mark.parametrize("kind", [NotFound, Rejected, AnybankError])
def test_a_plain_no_is_not_repeated(kind: type[AnybankError]) -> None:
    """A refusal is not retried."""
    assert RetryPolicy().delay(kind(retryable=True), 0, 1.0) is None


@given(st.integers(0, 60), st.floats(0, 1))
def test_a_delay_lies_between_nothing_and_the_cap(attempt: int, luck: float) -> None:
    """Full jitter: the delay is the random number times the bound of the attempt."""
    policy = RetryPolicy(retries=100, base=0.5, cap=8.0)
    delay = policy.delay(NotSent(retryable=True), attempt, luck)
    assert delay == luck * min(8.0, 0.5 * 2**attempt)


@pytest.mark.parametrize(
    ("request_lines", "delay"),
    [(0.0, 0.375), (1.0, 1.0), (60.0, 60.0), (60.1, None)],
)
def test_the_vendors_pause_goes_first_within_patience(
    request_lines: float, delay: float | None
) -> None:
    """A Retry-After replaces the backoff; above the maximum the error is raised."""
    error = RateLimited(retry_after=request_lines, retryable=True)
    assert RetryPolicy().delay(error, 0, 0.5) == delay


def starts(limit: int, seconds: float) -> list[float]:
    """Return when calls that wait in one queue start."""
    throttle, now, result = Throttle(limit), 0.0, []
    while now < seconds:
        now += throttle.reserve(now)
        result.append(now)
    return result


def most_in_a_minute(times: list[float]) -> int:
    """Count the calls of the busiest minute."""
    first = 0
    most = 0
    for last, moment in enumerate(times):
        while times[first] <= moment - 60.0:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(LIMITS)
def test_no_minute_exceeds_the_limit_and_almost_all_of_it_is_used(limit: int) -> None:
    """Under steady load at least 97 % of the limit is used, and never more than 100 %."""
    times = starts(limit, 200.0)
    assert most_in_a_minute(times) <= limit
    steady = [moment for moment in times if 60 <= moment < 180]
    assert len(steady) >= int(0.97 * 2 * limit)


@given(LIMITS, st.lists(st.floats(0, 90), min_size=1, max_size=60))
def test_no_minute_exceeds_the_limit_however_calls_arrive(
    limit: int, pauses: list[float]
) -> None:
    """Idle time does not allow more calls than the limit afterwards."""
    throttle, now, times = Throttle(limit), 0.0, []
    for pause in pauses:
        now += pause
        for _ in range(min(limit, 40)):
            now += throttle.reserve(now)
            times.append(now)
    assert most_in_a_minute(times) <= limit


@given(LIMITS, st.integers(1, 400))
def test_simultaneous_callers_are_spread(limit: int, callers: int) -> None:
    """Simultaneous callers get slots that keep the limit."""
    throttle = Throttle(limit)
    times = sorted(throttle.reserve(0.0) for _ in range(callers))
    assert most_in_a_minute(times) <= limit


def test_slots_are_reserved_in_order() -> None:
    """Calls start in the order in which they reserved their slots."""
    throttle = Throttle(60)
    waits = [throttle.reserve(0.0) for _ in range(9)]
    assert all(a < b for a, b in itertools.pairwise(waits))
    assert waits[0] == 0.0


@given(LIMITS, st.floats(0, 100), st.floats(0.1, 60))
def test_no_call_starts_during_a_hold(limit: int, now: float, pause: float) -> None:
    """The next call starts when a hold ends, and the limit is kept afterwards."""
    throttle = Throttle(limit)
    throttle.reserve(now)
    throttle.hold(now + pause)
    times = [now + throttle.reserve(now) for _ in range(min(limit + 5, 50))]
    assert times[0] >= now + pause - 1e-6
    assert most_in_a_minute(times) <= limit


def test_a_hold_does_not_shorten_a_longer_wait() -> None:
    """A hold that ends before the next free slot changes nothing."""
    throttle = Throttle(1)
    throttle.reserve(0.0)
    throttle.hold(5.0)
    assert throttle.reserve(0.0) > 60


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 30), st.floats(0, 1))
def test_a_retry_after_of_zero_still_waits(
    request_lines: float, attempt: int, luck: float
) -> None:
    """A Retry-After of 0 still waits for half of the backoff."""
    policy = RetryPolicy(retries=31, base=1.0, cap=60.0)
    error = RateLimited(retry_after=request_lines, retryable=True)
    delay = policy.delay(error, attempt, luck)
    assert delay is not None
    assert delay >= min(60.0, 2.0**attempt) / 2
