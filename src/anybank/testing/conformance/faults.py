"""Checks under faults: nothing is doubled, nothing is hidden, reads are repeated."""

from __future__ import annotations

from typing import Any

from ...errors import (
    AnybankError,
    Outcome,
    ProviderError,
    RateLimited,
)
from ...sandbox.simulator import answer_json
from .registry import check
from .subject import (
    NotApplicable,
    Recorder,
    Subject,
    body_of,
    outcome_of,
    require,
)

CREATE, GET, DELETE = "customers.create", "customers.get", "customers.delete"
UNCLEAR = ("lost", "truncated", "malformed", "500", "503", "html")


def _created(subject: Subject, recorder: Recorder) -> Any:
    with subject.bank(recorder) as bank:
        return outcome_of(lambda: bank.customers.create(subject.person))


def _writes(recorder: Recorder) -> int:
    """Count how often the first request was sent."""
    first = body_of(recorder.requests[0])
    return sum(body_of(each) == first for each in recorder.requests)


@check(CREATE)
def a_create_is_never_sent_twice(subject: Subject) -> None:
    """A create whose outcome is unknown is not sent again."""
    if subject.declared.feature(CREATE).idempotency.repeatable:
        raise NotApplicable("customers.create is declared repeatable")
    for fault in UNCLEAR:
        recorder = subject.recorder(fault)
        _created(subject, recorder)
        require(
            _writes(recorder) == 1,
            f"({fault}) The adapter sent it again: never catch an error to repeat a "
            "request, the library does what the declaration allows.",
        )


@check(CREATE)
def an_unclear_create_is_told(subject: Subject) -> None:
    """A create that may have happened raises, with the outcome unknown."""
    if subject.declared.feature(CREATE).idempotency.repeatable:
        raise NotApplicable("customers.create is declared repeatable")
    for fault in UNCLEAR:
        said = _created(subject, subject.recorder(fault))
        unknown = isinstance(said, AnybankError) and said.outcome is Outcome.UNKNOWN
        require(
            unknown,
            f"({fault}) It gave {type(said).__name__}: let the error through, and "
            "read answers with `response.json()`.",
        )


@check(CREATE)
def refusals_are_told(subject: Subject) -> None:
    """What the vendor refuses is raised as an error, whatever its status."""
    for status in (400, 401, 404, 409, 422):
        recorder = subject.recorder()
        recorder.scripted.append(answer_json(status, {}))
        said = _created(subject, recorder)
        require(
            isinstance(said, ProviderError),
            f"HTTP {status} was taken for a success: let `problem` return a Problem, "
            "and catch no error that you cannot explain.",
        )


@check(CREATE)
def too_many_calls_are_waited_for(subject: Subject) -> None:
    """After 429 with Retry-After the same call is made again, once."""
    recorder = subject.recorder()
    recorder.scripted.append(answer_json(429, {}, **{"retry-after": "1"}))
    said = _created(subject, recorder)
    require(
        not isinstance(said, Exception) and _writes(recorder) == 2,
        "429 must become RateLimited: let `problem` go by the status.",
    )


@check(CREATE)
def a_long_wait_is_the_callers(subject: Subject) -> None:
    """A Retry-After beyond a minute is raised as RateLimited, with its seconds."""
    recorder = subject.recorder()
    recorder.scripted.append(answer_json(429, {}, **{"retry-after": "600"}))
    said = _created(subject, recorder)
    told = isinstance(said, RateLimited) and said.retry_after == 600
    require(told, "429 must become RateLimited, and reach the caller.")


@check(CREATE, GET)
def reads_are_repeated(subject: Subject) -> None:
    """A read whose answer was lost is made again."""
    for fault in ("lost", "503"):
        recorder = subject.recorder(None)
        with subject.bank(recorder, retries=0) as bank:
            made = bank.customers.create(subject.person)
        recorder.requests.clear()
        recorder.bank.schedule(fault)  # type: ignore[attr-defined] # it is Faulty
        with subject.bank(recorder) as bank:
            said = outcome_of(lambda: bank.customers.get(made.id))  # noqa: B023  # called at once
        require(
            getattr(said, "id", None) == made.id and _writes(recorder) > 1,
            f"({fault}) customers.get was not made again: declare it SAFE, and catch "
            "no transport error.",
        )


@check(CREATE, DELETE)
def a_delete_goes_by_its_declaration(subject: Subject) -> None:
    """A delete whose answer was lost is repeated if declared so, else not."""
    recorder = subject.recorder()
    with subject.bank(recorder) as bank:
        made = bank.customers.create(subject.person)
        recorder.requests.clear()
        recorder.bank.schedule("lost")  # type: ignore[attr-defined] # it is Faulty
        outcome_of(lambda: bank.customers.delete(made.id))
    repeatable = subject.declared.feature(DELETE).idempotency.repeatable
    require(
        (_writes(recorder) > 1) == repeatable,
        "Repeating is the library's: declare its idempotency, and catch nothing.",
    )


@check(CREATE)
def the_idempotency_key_is_sent(subject: Subject) -> None:
    """A create with an idempotency header sends the question's key in it."""
    header = subject.declared.feature(CREATE).idempotency.header
    if header is None:
        raise NotApplicable("customers.create declares no idempotency header")
    recorder = subject.recorder()
    _created(subject, recorder)
    sent = recorder.requests[0].headers.get(header.lower())
    require(sent, f"It is not sent: put query.idempotency_key into {header}.")
