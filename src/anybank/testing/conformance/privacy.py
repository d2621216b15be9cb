"""Checks that no person's data leaves by a URL, a header, a log, a text or an error."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import traceback
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from ..._engine.redact import personal_texts
from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...sandbox.simulator import answer_json, answer_text
from ...sensitive import Sensitive
from .operations import Operation, asked, declared
from .recorder import body_of, require
from .registry import check
from .rules import bases
from .stages import Stage
from .subject import Subject

_SHORTEST = 5
_BY_CHANCE = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b0x[0-9a-f]+", re.IGNORECASE
)
"""A key that is minted, a place in memory: any digits may be in them."""
_OURS = ("anybank.testing", "_pytest", "pytest", "pluggy", "hypothesis", "__main__")


def canaries(*values: Any) -> frozenset[str]:
    """Return the texts by which a person would be known again."""
    return frozenset(
        text
        for text in personal_texts(list(values))
        if len(text) >= _SHORTEST and len(set(text)) > 1
    )


def canaries_of(subject: Subject) -> frozenset[str]:
    """Return the texts of everybody whom the operations are about."""
    return canaries(*bases(subject).values(), *subject.people)


@frozen
class Seen:
    """One declared operation, what came of it, and what it sent on the way."""

    operation: Operation
    value: Any
    requests: Sequence[Request]


def _live(subject: Subject) -> Iterator[Seen]:
    for operation, stage in declared(subject):
        value = operation.outcome(stage)
        yield Seen(operation, value, stage.recorder.requests)


def _clean(known: frozenset[str], text: str, remedy: str) -> None:
    said = _BY_CHANCE.sub("", text)
    require(not any(each in said for each in known), remedy)


@check()
def nothing_personal_is_in_a_url(subject: Subject) -> None:
    """No path and no query holds a person's data."""
    known = canaries_of(subject)
    for seen in _live(subject):
        for each in seen.requests:
            _clean(
                known,
                unquote(f"{each.path} {each.query}"),
                f"{seen.operation.name} has it in its URL: put it into the body, URLs "
                "are logged.",
            )


@check()
def nothing_personal_is_in_a_header(subject: Subject) -> None:
    """No header holds a person's data."""
    known = canaries_of(subject)
    for seen in _live(subject):
        for each in seen.requests:
            for name, value in each.headers.items():
                _clean(
                    known,
                    unquote(str(value)),
                    f"{seen.operation.name} has it in the header {name}: put it into "
                    "the body, headers are logged.",
                )


@check()
def nothing_personal_is_logged(subject: Subject) -> None:
    """No log holds a person's data, at DEBUG either."""
    with _logs() as heard:
        for _ in _live(subject):
            pass
        for _ in _failures(subject):
            pass
    _clean(
        canaries_of(subject),
        heard.getvalue(),
        "An adapter does not log: the library does.",
    )


@check()
def nothing_personal_is_printed(subject: Subject) -> None:
    """Nothing is written to standard output or error."""
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        for _ in _live(subject):
            pass
    _clean(canaries_of(subject), heard.getvalue(), "Remove the print.")


@check()
def nothing_personal_is_in_a_repr(subject: Subject) -> None:
    """No repr and no str of what is read holds a person's data."""
    known = canaries_of(subject)
    for seen in _live(subject):
        items = seen.value if isinstance(seen.value, list) else [seen.value]
        for each in items:
            _clean(
                known,
                f"{each!r} {each}",
                f"{seen.operation.name} returns a {type(each).__name__} that shows it: "
                "return the library's own values.",
            )


@check()
def questions_and_requests_are_masked(subject: Subject) -> None:
    """A request shows no person's data, and its SSN is Sensitive until it leaves."""
    known = canaries_of(subject)
    for operation, stage in declared(subject):
        question, _ = asked(operation, stage)
        if question is None:
            continue
        request = next(getattr(subject.instance(), operation.method)(question))
        _clean(
            known,
            f"{request!r} {request}",
            f"{operation.method}: the repr of its request shows it.",
        )
        require(
            not any(number in str(request.body) for number in _numbers(subject)),
            f"{operation.method} writes the SSN as a plain text: put the Sensitive "
            "value into the body as it is, it is encoded when the request leaves.",
        )


def _numbers(subject: Subject) -> frozenset[str]:
    people = [*subject.people, *bases(subject).values()]
    held = [getattr(each, "ssn", None) for each in people]
    return frozenset(
        text for ssn in held if isinstance(ssn, Sensitive) for text in ssn.forms()
    )


@check()
def nothing_personal_is_in_an_error(subject: Subject) -> None:
    """No error holds a person's data: not its text, chain, attributes or locals."""
    known = canaries_of(subject)
    for operation, what, said in _failures(subject):
        _clean(
            known,
            _everything(said),
            f"({what}) {operation.name} raised a {type(said).__name__} that holds it: "
            "put no value into an error, name the path; raise it `from None`.",
        )


def _failures(subject: Subject) -> Iterator[tuple[Operation, str, AnybankError]]:
    """Yield the errors of each operation under answers that repeat what was sent."""
    for operation, stage in declared(subject):
        operation.outcome(stage)
        sent = [body_of(each).split(" ", 3)[-1] for each in stage.recorder.requests]
        for what, answer in _echoes(sent):
            again = Stage(stage.subject, stage.recorder, dict(stage.made))
            again.recorder.scripted[:] = [answer] * 3
            said = operation.outcome(again, retries=0)
            if isinstance(said, AnybankError):
                yield operation, what, said
        stage.recorder.scripted.clear()


def _echoes(sent: Sequence[str]) -> Iterator[tuple[str, Response]]:
    text = "\n".join(sent)
    told = {"message": text, "error": {"message": text, "code": text}, "Message": text}
    for status in (200, 400, 409, 422, 500):
        yield str(status), answer_json(status, told)
    yield "a list", answer_json(200, [text, _json(sent)])
    yield "text", answer_text(400, text)
    yield "not JSON", answer_text(200, f"{{{text}")


def _json(sent: Sequence[str]) -> Any:
    for each in sent:
        with contextlib.suppress(ValueError):
            return json.loads(each)
    return None


def _everything(error: BaseException) -> str:
    """Return all that a tracker would show of an error, locals of ours excepted."""
    shown = traceback.TracebackException.from_exception(error)
    texts = ["".join(shown.format())]
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None:
            continue
        texts += [repr(each), repr(vars(each)), repr(each.args)]
        texts += _locals(each)
        todo += [each.__cause__, each.__context__]
    return "\n".join(texts)


def _locals(error: BaseException) -> Iterator[str]:
    """Yield the locals of every frame but the kit's own, which holds the person."""
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__"))
        if not module.startswith(_OURS):
            yield repr(step.tb_frame.f_locals)
        step = step.tb_next


@contextlib.contextmanager
def _logs() -> Iterator[io.StringIO]:
    """Hear all that is logged, at DEBUG."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
