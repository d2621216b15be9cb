"""Checks that no person's data leaves by a URL, a log, a text or an error."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ...model.customers import NewCustomer
from ...sandbox.simulator import answer_json
from .registry import check
from .subject import NotApplicable, Recorder, Subject, outcome_of, require

CREATE, GET = "customers.create", "customers.get"
_SHORTEST = 4
_OURS = ("anybank", "_pytest", "pytest", "hypothesis", "attr")


def canaries(person: NewCustomer) -> list[str]:
    """Return the texts by which a person would be known again."""
    number = person.ssn.reveal() if person.ssn else None
    dashed = number and f"{number[:3]}-{number[3:5]}-{number[5:]}"
    told = [number, dashed, *person.emails, *(each.number for each in person.phones)]
    told += [person.last_name, *(each.line1 for each in person.addresses)]
    return [each for each in told if each and len(each) >= _SHORTEST]


def _clean(person: NewCustomer, text: str, remedy: str) -> None:
    require(not any(each in text for each in canaries(person)), remedy)


def _live(subject: Subject, recorder: Recorder) -> list[Any]:
    """Create, read, list and be refused; return what came of it."""
    with subject.bank(recorder) as bank:
        made = outcome_of(lambda: bank.customers.create(subject.person))
        out = [made]
        if subject.supports(GET) and hasattr(made, "id"):
            out.append(outcome_of(lambda: bank.customers.get(made.id)))
    return out


@check(CREATE)
def nothing_personal_is_in_a_url(subject: Subject) -> None:
    """No path and no query holds a person's data."""
    recorder = subject.recorder()
    _live(subject, recorder)
    for each in recorder.requests:
        text = unquote(f"{each.path} {each.query}")
        _clean(subject.person, text, "Put it into the body: URLs are logged.")


@check(CREATE)
def nothing_personal_is_logged(subject: Subject) -> None:
    """No log holds a person's data, at DEBUG either."""
    with _logs() as heard:
        _live(subject, subject.recorder())
    text = heard.getvalue()
    _clean(subject.person, text, "An adapter does not log: the library does.")


@check(CREATE)
def nothing_personal_is_printed(subject: Subject) -> None:
    """Nothing is written to standard output or error."""
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        _live(subject, subject.recorder())
    _clean(subject.person, heard.getvalue(), "Remove the print.")


@check(CREATE)
def nothing_personal_is_in_a_repr(subject: Subject) -> None:
    """No repr and no str of what is read holds a person's data."""
    for each in _live(subject, subject.recorder()):
        text = f"{each!r} {each}"
        _clean(subject.person, text, "Return the library's own values.")


@check(CREATE)
def nothing_personal_is_in_an_error(subject: Subject) -> None:
    """No error holds a person's data: not its text, chain or attributes."""
    for status in (200, 400, 409, 422, 500):
        for body in _echoes(subject):
            recorder = subject.recorder()
            recorder.scripted.append(answer_json(status, body))
            for said in _live(subject, recorder):
                if isinstance(said, Exception):
                    _clean(
                        subject.person,
                        _everything(said),
                        f"({status}) Put no value into an error: name the path.",
                    )


def _echoes(subject: Subject) -> Iterator[Any]:
    recorder = subject.recorder()
    _live(subject, recorder)
    sent = recorder.requests[0].encoded() or b""
    if not sent:
        raise NotApplicable("customers.create has no body")
    yield {"message": sent.decode(), "error": {"message": sent.decode()}}
    yield [json.loads(sent)]


def _everything(error: BaseException) -> str:
    """Return all that a tracker would show of an error, locals of ours included."""
    shown = traceback.TracebackException.from_exception(error)
    texts = ["".join(shown.format()), repr(error), repr(vars(error))]
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__"))
        if not module.startswith(_OURS):
            texts.append(repr(step.tb_frame.f_locals))
        step = step.tb_next
    return "\n".join(texts)


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
