"""Checks under faults: nothing is doubled or hidden, and repeats are as declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve

from ...errors import (
    AnybankError,
    Outcome,
    RateLimited,
)
from ...sandbox.simulator import answer_json
from .operations import Operation, asked, declared
from .purity import requests_of
from .recorder import Fault, NotApplicable, body_of, outcome_of, require
from .registry import check
from .stages import Stage
from .subject import Subject

CREATE, LIST = "customers.create", "customers.list"
LOST = Fault("lost", "the answer is lost")
BEFORE = Fault("503", "503, and nothing was done", seed=0)
AFTER = Fault("503", "503, and it was done", seed=1)
UNCLEAR = (
    LOST,
    BEFORE,
    AFTER,
    Fault("500", "500"),
    Fault("html", "502 in HTML"),
    Fault("truncated", "the answer is cut"),
    Fault("malformed", "the answer is no JSON"),
)
_LOST = (LOST, BEFORE, AFTER, Fault("truncated", "the answer is cut"))
_KEYED = ("replays", "rejects_duplicate")


def _repeats(subject: Subject, operation: Operation) -> Any:
    return subject.declared.feature(operation.feature).idempotency


def _staged(subject: Subject, operation: Operation, fault: Fault) -> tuple[Stage, Any]:
    """Perform an operation on a fresh stage under a fault; return what came of it."""
    stage = Stage.under(subject, fault)
    operation.prepare(stage)
    stage.recorder.schedule(fault.name)
    return stage, operation.outcome(stage)


def _writes(subject: Subject, *, repeatable: bool) -> Iterator[Operation]:
    """Yield the declared writes that may be repeated, or those that may not."""
    for operation, _ in declared(subject, lambda each: not each.reads()):
        if _repeats(subject, operation).repeatable is repeatable:
            yield operation


@check()
def a_create_is_never_sent_twice(subject: Subject) -> None:
    """A write whose outcome is unknown is not sent again, unless declared so."""
    for operation in _writes(subject, repeatable=False):
        for fault in UNCLEAR:
            stage, _ = _staged(subject, operation, fault)
            require(
                stage.recorder.first_sent == 1,
                f"({fault}) {operation.name} sent it again: never catch an error to "
                "repeat a request, the library does what the declaration allows.",
            )


@check()
def an_unclear_create_is_told(subject: Subject) -> None:
    """A write that may have happened and is not repeated raises: outcome unknown."""
    for operation in _writes(subject, repeatable=False):
        for fault in UNCLEAR:
            _, said = _staged(subject, operation, fault)
            unknown = isinstance(said, AnybankError) and said.outcome is Outcome.UNKNOWN
            require(
                unknown or (fault.name in ("truncated", "malformed") and _sure(said)),
                f"({fault}) {operation.name} gave {type(said).__name__}: let the error "
                "through, and read answers with `response.json()`.",
            )


def _sure(said: Any) -> bool:
    """Tell whether a cut answer was not needed: what it said is nothing."""
    return said is None


@check()
def refusals_are_told(subject: Subject) -> None:
    """What the vendor refuses is raised as an error, whatever its status."""
    for operation, stage in declared(subject):
        if operation.verb == "check":
            continue  # being refused is an answer there
        for status in (400, 401, 403, 404, 409, 422):
            stage.recorder.scripted[:] = [answer_json(status, {})] * 3
            said = operation.outcome(stage, retries=0)
            require(
                isinstance(said, AnybankError),
                f"{operation.name}: HTTP {status} was taken for a success: let "
                "`problem` return a Problem, and catch no error that you cannot "
                "explain.",
            )


@check()
def too_many_calls_are_waited_for(subject: Subject) -> None:
    """After 429 with Retry-After the same call is made again, once."""
    for operation, stage in declared(subject):
        stage.recorder.scripted.append(answer_json(429, {}, **{"retry-after": "1"}))
        said = operation.outcome(stage)
        require(
            not isinstance(said, AnybankError) and stage.recorder.first_sent == 2,
            f"{operation.name}: 429 must become RateLimited: let `problem` go by the "
            "status, with `self.problem_kind`.",
        )


@check()
def a_long_wait_is_the_callers(subject: Subject) -> None:
    """A Retry-After beyond a minute is raised as RateLimited, with its seconds."""
    for operation, stage in declared(subject):
        stage.recorder.scripted.append(answer_json(429, {}, **{"retry-after": "600"}))
        said = operation.outcome(stage)
        told = isinstance(said, RateLimited) and said.retry_after == 600
        require(
            told,
            f"{operation.name}: 429 must become RateLimited and reach the caller: catch "
            "no error that you cannot explain.",
        )


@check()
def reads_are_repeated(subject: Subject) -> None:
    """A read whose answer was lost is made again."""
    for operation, _ in declared(subject, Operation.reads):
        for fault in (LOST, BEFORE):
            stage, said = _staged(subject, operation, fault)
            require(
                not isinstance(said, AnybankError) and stage.recorder.first_sent > 1,
                f"({fault}) {operation.name} was not made again: declare it SAFE, and "
                "catch no transport error.",
            )


@check()
def what_is_repeatable_is_repeated(subject: Subject) -> None:
    """A write that is declared repeatable is sent again, and has one effect."""
    for operation in _writes(subject, repeatable=True):
        for fault in _LOST:
            stage, said = _staged(subject, operation, fault)
            kind = _repeats(subject, operation).kind
            if kind != "natural":
                _one_effect(stage, operation, fault)
            require(
                stage.recorder.first_sent > 1
                and (not isinstance(said, AnybankError) or kind == "rejects_duplicate"),
                f"({fault}) {operation.name} is declared {kind!r}, so it is sent again "
                f"after a lost answer; that gave {type(said).__name__}: catch no "
                "transport error, and read the vendor's answer to a repeat.",
            )


def _one_effect(stage: Stage, operation: Operation, fault: Fault) -> None:
    repeats = _repeats(stage.subject, operation)
    require(
        stage.recorder.effects <= 1,
        f"({fault}) {operation.name} is declared {repeats.kind!r}, and a repeat after a "
        f"lost answer took effect {stage.recorder.effects} times: send the question's "
        f"key as the vendor wants it ({repeats.header or 'in the body'}), the same each "
        "time, or declare `none`.",
    )


@check()
def what_is_natural_has_the_same_effect(subject: Subject) -> None:
    """A write that is declared natural does nothing more when it is repeated."""
    examined = 0
    for operation in _writes(subject, repeatable=True):
        if _repeats(subject, operation).kind != "natural":
            continue
        examined += 1
        stage = Stage.of(subject)
        operation.prepare(stage)
        first, again = operation.outcome(stage), operation.outcome(stage)
        same = _same(first, again) or operation.verb == "delete"
        require(
            not isinstance(first, AnybankError) and same,
            f"{operation.name} is declared natural, and doing it again gave something "
            "else than the first time: declare what the vendor's page says of a "
            "repeat, `none` where it says nothing.",
        )
    if not examined:
        raise NotApplicable("no write is declared natural")


def _same(first: Any, again: Any) -> bool:
    """Tell whether two values are the same thing, whenever it was changed."""
    if getattr(first, "updated_at", None):
        first, again = (evolve(each, updated_at=None) for each in (first, again))
    return bool(first == again)


@check()
def the_idempotency_key_is_sent(subject: Subject) -> None:
    """A write that is declared by key sends the question's own key, where declared."""
    examined = 0
    for operation, stage in declared(subject, lambda each: not each.reads()):
        repeats = _repeats(subject, operation)
        if repeats.kind not in _KEYED and repeats.header is None:
            continue
        require(
            repeats.kind in _KEYED,
            f"{operation.name} is declared {repeats.kind!r} with the header "
            f"{repeats.header}, so a caller's key is refused: declare `replays` or "
            "`rejects_duplicate`, or no header.",
        )
        examined += 1
        question, recorder = asked(operation, stage)
        key = getattr(question, "idempotency_key", None) or getattr(
            getattr(question, "start", None), "idempotency_key", None
        )
        require(
            key is not None,
            f"{operation.name} is declared {repeats.kind!r}, but its question has no "
            "key: declare `natural` or `none`.",
        )
        request = recorder.requests[0]
        place = f"the header {repeats.header}" if repeats.header else "the body"
        sent = (
            request.headers.get(repeats.header.lower())
            if repeats.header
            else body_of(request)
        )
        require(
            str(key) in str(sent or ""),
            f"{operation.name} is declared {repeats.kind!r}, but the question's key is "
            f"not sent: put query.idempotency_key into {place}.",
        )
    if not examined:
        raise NotApplicable("no write is declared `replays` or `rejects_duplicate`")


@check()
def a_used_key_has_no_second_effect(subject: Subject) -> None:
    """The same question sent twice is answered again or refused, and done once."""
    examined = 0
    for operation, stage in declared(subject, lambda each: not each.reads()):
        repeats = _repeats(subject, operation)
        if repeats.kind not in _KEYED:
            continue
        examined += 1
        question, recorder = asked(operation, stage)
        before = recorder.effects
        adapter = subject.instance()
        again = requests_of(adapter, operation.method, question, [])[0]
        answer = recorder(_full(stage, adapter, again))
        refused = not answer.ok
        require(
            recorder.effects == before and refused == (repeats.kind == _KEYED[1]),
            f"{operation.name} is declared {repeats.kind!r}, and its request sent again "
            f"was {'refused' if refused else 'done'} with {recorder.effects} effects in "
            "all: declare what the vendor's page says of a repeated key.",
        )
    if not examined:
        raise NotApplicable("no write is declared `replays` or `rejects_duplicate`")


def _full(stage: Stage, adapter: Any, request: Any) -> Any:
    """Return a request as it leaves: let in, and below the base path."""
    sent = adapter.authenticate(request, adapter.options)
    shown = {
        name: str(value.reveal()) if hasattr(value, "reveal") else value
        for name, value in sent.headers.items()
    }
    return evolve(
        sent,
        path=stage.recorder.base_path + sent.path,
        query=dict(sent.query),
        headers=shown,
        body=sent.encoded(),
    )


@check(CREATE)
def a_lost_create_is_answered_by_its_key(subject: Subject) -> None:
    """A create whose answer was lost is answered again for the key that its error has."""
    repeats = subject.declared.feature(CREATE).idempotency
    if repeats.kind != "replays":
        raise NotApplicable("customers.create is not declared `replays`")
    recorder = subject.recorder("lost")
    with subject.bank(recorder, retries=0) as bank:
        lost = outcome_of(lambda: bank.customers.create(subject.person))
        key = getattr(lost, "idempotency_key", None)
        again = outcome_of(
            lambda: bank.customers.create(subject.person, idempotency_key=key)
        )
    require(
        getattr(again, "id", None) and recorder.effects == 1,
        f"customers.create is declared 'replays', and asking again with the same key "
        f"gave {type(again).__name__} after {recorder.effects} effects: send "
        "query.idempotency_key as the vendor wants it, or declare `none`.",
    )


@check(CREATE, LIST)
def a_lost_create_is_found_by_its_reference(subject: Subject) -> None:
    """A create whose answer was lost is found by its reference, and there once."""
    repeats = subject.declared.feature(CREATE).idempotency
    if repeats.kind != "client_reference":
        raise NotApplicable("customers.create is not declared client_reference")
    name = repeats.reference or "external_id"
    given: dict[str, Any] = {name: "anybank-reference-2"}
    person = evolve(subject.person, **given)
    recorder = subject.recorder("lost")
    with subject.bank(recorder) as bank:
        lost = outcome_of(lambda: bank.customers.create(person))
        found = outcome_of(lambda: bank.customers.resolve(lost, person))
    require(
        getattr(found, name, None) == given[name] and recorder.effects == 1,
        f"customers.create is declared client_reference, and a lost one was not found "
        f"by {name}: read {name} in customers.list, and list every customer.",
    )
