"""Checks that no personal data reaches a URL, header, log, repr, output or error."""

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

import attrs
from attrs import frozen

from ..._engine.redact import personal_texts
from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...sandbox.simulator import answer_json, answer_text
from ...sensitive import Sensitive
from .operations import Operation, capture_query, declared_operations
from .recorder import body_of, require
from .registry import check
from .rule_cases import base_values
from .scenarios import Scenario
from .subject import Subject

# Shorter texts, such as a state, occur in ordinary output by chance.
_MIN_LENGTH = 5
_COINCIDENCES = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b0x[0-9a-f]+", re.IGNORECASE
)
"""Generated keys and memory addresses, which may contain any digits."""
# The frames of the kit and of pytest hold the values that were sent.
_OUR_MODULES = (
    *("anybank.testing", "_pytest", "pytest", "pluggy", "hypothesis", "__main__"),
)


def personal_markers(*values: Any) -> frozenset[str]:
    """Return the texts in some values that would identify a person."""
    return frozenset(
        text
        for text in personal_texts(list(values))
        # A text of one repeated character is no mark of anybody.
        if len(text) >= _MIN_LENGTH and len(set(text)) > 1
    )


def _markers_of(subject: Subject) -> frozenset[str]:
    """Return the personal texts of all values that the operations use."""
    return personal_markers(*base_values(subject).values(), *subject.people)


@frozen
class Capture:
    """A declared operation with its outcome and its requests."""

    operation: Operation
    outcome: Any
    requests: Sequence[Request]


def _captures(subject: Subject) -> Iterator[Capture]:
    for operation, scenario in declared_operations(subject):
        outcome = operation.outcome(scenario)
        yield Capture(operation, outcome, scenario.recorder.requests)


def _require_absent(markers: frozenset[str], text: str, message: str) -> None:
    searched = _COINCIDENCES.sub("", text)
    require(not any(marker in searched for marker in markers), message)


@check()
def urls_hold_no_personal_data(subject: Subject) -> None:
    """No URL contains personal data."""
    markers = _markers_of(subject)
    for capture in _captures(subject):
        for request in capture.requests:
            _require_absent(
                markers,
                unquote(f"{request.path} {request.query}"),
                f"The URL of {capture.operation.name} contains personal data. Send it in "
                "the body, because URLs are logged.",
            )


@check()
def headers_hold_no_personal_data(subject: Subject) -> None:
    """No header contains personal data."""
    markers = _markers_of(subject)
    for capture in _captures(subject):
        for request in capture.requests:
            for name, value in request.headers.items():
                _require_absent(
                    markers,
                    unquote(str(value)),
                    f"The header {name} of {capture.operation.name} contains personal "
                    "data. Send it in the body, because headers are logged.",
                )


@check()
def logs_hold_no_personal_data(subject: Subject) -> None:
    """No log record contains personal data, even at level DEBUG."""
    with _captured_logs() as logs:
        for _ in _captures(subject):
            pass
        for _ in _failures(subject):
            pass
    _require_absent(
        _markers_of(subject),
        logs.getvalue(),
        "The adapter logs personal data. Remove the logging; the library logs each call.",
    )


@check()
def nothing_is_printed(subject: Subject) -> None:
    """Personal data is never written to standard output or standard error."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        for _ in _captures(subject):
            pass
    _require_absent(
        _markers_of(subject),
        output.getvalue(),
        "The adapter prints personal data. Remove the print.",
    )


@check()
def reprs_hold_no_personal_data(subject: Subject) -> None:
    """The repr and str of a returned value contain no personal data."""
    markers = _markers_of(subject)
    for capture in _captures(subject):
        outcome = capture.outcome
        for item in outcome if isinstance(outcome, list) else [outcome]:
            _require_absent(
                markers,
                f"{item!r} {item}",
                f"{capture.operation.name} returns a {type(item).__name__} whose repr "
                f"shows personal data{_foreign_types(item)}. Return the library's own "
                "types.",
            )


def _foreign_types(item: Any) -> str:
    """Name the fields of a value whose class is not the library's, such as a wire class."""
    if not attrs.has(type(item)):
        return ""
    holders = [
        f"{field.name} holds a {type(part).__name__}"
        for field in attrs.fields(type(item))
        if field.repr
        for part in _parts(getattr(item, field.name, None))
        if attrs.has(type(part)) and not type(part).__module__.startswith("anybank.")
    ]
    return f": {', '.join(dict.fromkeys(holders))}" if holders else ""


def _parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


@check()
def requests_are_masked(subject: Subject) -> None:
    """The repr of a request shows no personal data, and its SSN stays Sensitive."""
    markers = _markers_of(subject)
    for operation, scenario in declared_operations(subject):
        query, _ = capture_query(operation, scenario)
        if query is None:
            continue
        request = next(getattr(subject.instance(), operation.method)(query))
        _require_absent(
            markers,
            f"{request!r} {request}",
            f"The repr of the request of {operation.method} shows personal data. Build "
            "it with the functions of anybank.adapter.wire.",
        )
        require(
            not any(number in str(request.body) for number in _ssn_texts(subject)),
            f"{operation.method} writes the SSN as plain text. Put the Sensitive value "
            "into the body unchanged; the library encodes it when it sends the request.",
        )


def _ssn_texts(subject: Subject) -> frozenset[str]:
    people = [*subject.people, *base_values(subject).values()]
    ssns = [getattr(person, "ssn", None) for person in people]
    return frozenset(
        text for ssn in ssns if isinstance(ssn, Sensitive) for text in ssn.forms()
    )


@check()
def errors_hold_no_personal_data(subject: Subject) -> None:
    """No error contains personal data in its text, chain, attributes or locals."""
    markers = _markers_of(subject)
    for operation, response, error in _failures(subject):
        _require_absent(
            markers,
            _everything_in(error),
            f"{operation.name} raised a {type(error).__name__} that contains personal "
            f"data after a response with {response}. Name the path of a field in an "
            "error, never its value, and raise the error `from None`.",
        )


def _failures(subject: Subject) -> Iterator[tuple[Operation, str, AnybankError]]:
    """Yield the errors of each operation when the vendor echoes what was sent."""
    for operation, scenario in declared_operations(subject):
        operation.outcome(scenario)
        # The part after method, path and query, which `body_of` puts in front.
        bodies = [
            body_of(request).split(" ", 3)[-1] for request in scenario.recorder.requests
        ]
        for description, response in _echoes(bodies):
            again = Scenario(scenario.subject, scenario.recorder, dict(scenario.ids))
            again.recorder.scripted[:] = [response] * 3
            outcome = operation.outcome(again, retries=0)
            if isinstance(outcome, AnybankError):
                yield operation, description, outcome
        scenario.recorder.scripted.clear()


def _echoes(bodies: Sequence[str]) -> Iterator[tuple[str, Response]]:
    text = "\n".join(bodies)
    echo = {"message": text, "error": {"message": text, "code": text}, "Message": text}
    # A vendor that quotes the request in its error: the usual way by which a customer's
    # data reaches a log.
    for status in (200, 400, 409, 422, 500):
        yield f"status {status}", answer_json(status, echo)
    yield "a JSON list", answer_json(200, [text, _first_json(bodies)])
    yield "plain text", answer_text(400, text)
    yield "invalid JSON", answer_text(200, f"{{{text}")


def _first_json(bodies: Sequence[str]) -> Any:
    for body in bodies:
        with contextlib.suppress(ValueError):
            return json.loads(body)
    return None


def _everything_in(error: BaseException) -> str:
    """Return everything that an error tracker would show of an error."""
    formatted = traceback.TracebackException.from_exception(error)
    texts = ["".join(formatted.format())]
    remaining: list[BaseException | None] = [error]
    while remaining:
        current = remaining.pop()
        if current is None:
            continue
        # What a tracker collects: texts, attributes, arguments, and below the locals.
        texts += [repr(current), repr(vars(current)), repr(current.args)]
        texts += _locals(current)
        remaining += [current.__cause__, current.__context__]
    return "\n".join(texts)


def _locals(error: BaseException) -> Iterator[str]:
    """Yield the locals of every frame except the kit's own, which hold the values sent."""
    step = error.__traceback__
    while step is not None:
        module = str(step.tb_frame.f_globals.get("__name__"))
        if not module.startswith(_OUR_MODULES):
            yield repr(step.tb_frame.f_locals)
        step = step.tb_next


@contextlib.contextmanager
def _captured_logs() -> Iterator[io.StringIO]:
    """Capture everything that is logged, from level DEBUG."""
    logs = io.StringIO()
    # The root logger, so that records of httpx and of other libraries count as well.
    handler = logging.StreamHandler(logs)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield logs
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
