"""Checks that a flow looks at nothing but its question and the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...adapter.base import Adapter
from ...adapter.wire import Request, Response
from ...errors import AnybankError
from .operations import Operation, asked, declared
from .recorder import NotApplicable, require
from .registry import check
from .seals import Reached, sealed
from .subject import Subject

Asked = tuple[Operation, Any, list[Response]]


def _questions(subject: Subject) -> Iterator[Asked]:
    """Yield each declared operation with a question, and how it was answered."""
    found = False
    for operation, stage in declared(subject):
        question, recorder = asked(operation, stage)
        if question is not None:
            found = True
            yield operation, question, [each.response for each in recorder.heard]
    if not found:
        raise NotApplicable("no operation asks the adapter anything")


def requests_of(
    adapter: Adapter, method: str, question: Any, answers: Sequence[Response]
) -> list[Request]:
    """Drive a flow with answers that are known, and return what it asks."""
    made: list[Request] = []
    try:
        flow = getattr(adapter, method)(question)
        made.append(next(flow))
        for answer in answers:
            problem = adapter.problem(answer)
            if problem is None:
                made.append(flow.send(answer))
            else:
                made.append(flow.throw(problem.kind(problem.message)))
    except (StopIteration, AnybankError):
        return made
    flow.close()
    return made


@check()
def the_same_question_is_the_same_request(subject: Subject) -> None:
    """Fresh adapters ask the same of the same question, and look at nothing else."""
    for operation, question, answers in _questions(subject):
        adapter = subject.instance()
        first, *again = (
            requests_of(each, operation.method, question, answers)
            for each in (adapter, adapter, adapter, subject.instance())
        )
        require(
            all(each == first for each in again),
            f"{operation.method} makes different requests of the same question: keep "
            "no state, and take what is random or timed from the question.",
        )


@check()
def flows_are_pure(subject: Subject) -> None:
    """A flow opens no socket and no file, reads no clock, draws no lots, nor prints."""
    for operation, question, answers in _questions(subject):
        adapter = subject.instance()
        requests_of(adapter, operation.method, question, answers)  # imports, once
        used = _reached(adapter, operation.method, question, answers)
        require(
            not used,
            f"{operation.method} calls {', '.join(sorted(used))}: what is random or "
            "timed is in the question already, and the library does all I/O.",
        )


def _reached(
    adapter: Adapter, method: str, question: Any, answers: Sequence[Response]
) -> set[str]:
    with sealed() as reached:
        try:
            requests_of(adapter, method, question, answers)
        except (Reached, Exception):  # noqa: BLE001  # what it reached is kept
            return reached
    return reached
