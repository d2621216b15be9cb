"""Checks under faults: what is retried, what is not, and what the caller learns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import AnybankError, Outcome, RateLimited
from ...sandbox.simulator import answer_json
from .idempotency import idempotency_of
from .operations import Operation, declared_operations
from .recorder import Fault, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

_LOST = Fault("lost", "the response is lost")
# The seeds are those for which the dice choose this order.
_503_BEFORE = Fault("503", "503, without an effect", seed=0)
_503_AFTER = Fault("503", "503, after the effect", seed=1)
_TRUNCATED = Fault("truncated", "the response is truncated")
_UNCLEAR = (
    _LOST,
    _503_BEFORE,
    _503_AFTER,
    Fault("500", "500"),
    Fault("html", "502 in HTML"),
    _TRUNCATED,
    Fault("malformed", "the response is not valid JSON"),
)
"""Faults that leave the outcome of a write unknown."""
_RETRIED = (_LOST, _503_BEFORE, _503_AFTER, _TRUNCATED)


def _run_under(
    subject: Subject, operation: Operation, fault: Fault, after: int = 0
) -> tuple[Scenario, Any]:
    """Run an operation with a fault *after* some requests; return scenario and outcome."""
    scenario = Scenario.under(subject, fault)
    operation.prepare(scenario)
    scenario.recorder.schedule(*[None] * after, fault.name)
    return scenario, operation.outcome(scenario)


def _writes(subject: Subject, *, repeatable: bool) -> Iterator[tuple[Operation, int]]:
    """Yield the declared writes that may be repeated, or those that may not.

    Each one comes with the number of requests that it sends before it writes.
    """
    for operation, scenario in declared_operations(subject, Operation.is_write):
        if idempotency_of(subject, operation).repeatable is repeatable:
            operation.outcome(scenario, retries=0)
            yield operation, scenario.recorder.reads_before_write


@check()
def unknown_outcomes_are_not_retried(subject: Subject) -> None:
    """A write with an unknown outcome is sent once, unless declared repeatable."""
    for operation, reads in _writes(subject, repeatable=False):
        for fault in _UNCLEAR:
            scenario, _ = _run_under(subject, operation, fault, reads)
            require(
                scenario.recorder.times_sent_at(reads) == 1,
                f"{operation.name} sent its request again ({fault}). Do not catch an "
                "error to repeat a request; the library retries what the declaration "
                "allows.",
            )


@check()
def unknown_outcomes_are_reported(subject: Subject) -> None:
    """A write that may have happened and is not retried raises with outcome unknown."""
    for operation, reads in _writes(subject, repeatable=False):
        for fault in _UNCLEAR:
            _, outcome = _run_under(subject, operation, fault, reads)
            is_unknown = (
                isinstance(outcome, AnybankError) and outcome.outcome is Outcome.UNKNOWN
            )
            # A response without content loses nothing when it is cut off.
            has_no_content = (
                fault.name in ("truncated", "malformed") and outcome is None
            )
            require(
                is_unknown or has_no_content,
                f"{operation.name} gave {type(outcome).__name__} ({fault}). Do not catch "
                "the error, and read responses with `response.json()`.",
            )


@check()
def rejections_raise_errors(subject: Subject) -> None:
    """A rejection by the vendor raises an error, whatever its status."""
    for operation, scenario in declared_operations(subject):
        if operation.verb == "check":
            continue  # credentials.check returns a rejection as its result
        for status in (400, 401, 403, 404, 409, 422):
            scenario.recorder.scripted[:] = [answer_json(status, {})] * 3
            outcome = operation.outcome(scenario, retries=0)
            require(
                isinstance(outcome, AnybankError),
                f"{operation.name} returned a result after HTTP {status}. Let `problem` "
                "return a Problem, and catch only errors that have a known meaning.",
            )


@check()
def rate_limited_calls_are_retried(subject: Subject) -> None:
    """A call with status 429 and Retry-After is repeated once the wait is over."""
    for operation, scenario in declared_operations(subject):
        limited = answer_json(429, {}, **{"retry-after": "1"})
        scenario.recorder.scripted.append(limited)
        outcome = operation.outcome(scenario)
        require(
            not isinstance(outcome, AnybankError) and scenario.recorder.times_sent == 2,
            f"{operation.name} was not repeated after 429. Let `problem` classify 429 as "
            "RateLimited, by its status, with `self.problem_kind`.",
        )


@check()
def long_retry_after_reaches_the_caller(subject: Subject) -> None:
    """A Retry-After of more than a minute raises RateLimited with its seconds."""
    for operation, scenario in declared_operations(subject):
        limited = answer_json(429, {}, **{"retry-after": "600"})
        scenario.recorder.scripted.append(limited)
        outcome = operation.outcome(scenario)
        require(
            isinstance(outcome, RateLimited) and outcome.retry_after == 600,
            f"{operation.name} did not raise RateLimited after 429 with a Retry-After of "
            "600 seconds. Catch only errors that have a known meaning.",
        )


@check()
def lost_reads_are_retried(subject: Subject) -> None:
    """A read whose response was lost is repeated."""
    for operation, _ in declared_operations(subject, Operation.is_read):
        for fault in (_LOST, _503_BEFORE):
            scenario, outcome = _run_under(subject, operation, fault)
            require(
                not isinstance(outcome, AnybankError)
                and scenario.recorder.times_sent > 1,
                f"{operation.name} was not repeated ({fault}). Declare it SAFE, and do "
                "not catch transport errors.",
            )


@check()
def repeatable_writes_are_retried(subject: Subject) -> None:
    """A write that is declared repeatable is retried, and takes effect once."""
    for operation, reads in _writes(subject, repeatable=True):
        kind = idempotency_of(subject, operation).kind
        for fault in _RETRIED:
            scenario, outcome = _run_under(subject, operation, fault, reads)
            if kind != "natural":
                _require_one_effect(scenario, operation, fault)
            succeeded = not isinstance(outcome, AnybankError)
            require(
                scenario.recorder.times_sent_at(reads) > 1
                and (succeeded or kind == "rejects_duplicate"),
                f"{operation.name} is declared {kind!r}, so the library repeats it after "
                f"a lost response; that gave {type(outcome).__name__} ({fault}). Do not "
                "catch transport errors, and read the vendor's response to a repeat.",
            )


def _require_one_effect(scenario: Scenario, operation: Operation, fault: Fault) -> None:
    idempotency = idempotency_of(scenario.subject, operation)
    require(
        scenario.recorder.effects <= 1,
        f"{operation.name} is declared {idempotency.kind!r}, but repeating it took "
        f"effect {scenario.recorder.effects} times ({fault}). Send the query's key as "
        f"the vendor expects it ({idempotency.header or 'in the body'}), the same each "
        "time, or declare `none`.",
    )
