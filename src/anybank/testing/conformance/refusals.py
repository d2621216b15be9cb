"""Checks of errors: every answer that is no success is one, of the right class."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from ...adapter.problems import by_status
from ...adapter.wire import Response
from ...errors import (
    AuthenticationFailed,
    NotFound,
    Outcome,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from ...sandbox.simulator import answer_json, answer_text
from .answers import each
from .operations import declared
from .recorder import NotApplicable, require
from .registry import check
from .stages import Paper
from .subject import Subject

_UNKNOWN = "anybank-no-such-code"
_STATUSES = (400, 401, 402, 403, 404, 405, 409, 410, 415, 418, 422, 424, 429, 451)
_FAILURES = (500, 501, 502, 503, 504, 520, 599)
_FIXED = {401: AuthenticationFailed, 429: RateLimited}
_BODIES: tuple[Any, ...] = (
    *({}, [], None, "text", 7),
    *({"message": None}, {"error": "text"}, {"error": None}),
    *({"message": {"a": [{"b": 1}]}}, {"errors": [None, 1, {}]}, {"code": 4711}),
    *({"error": {"code": 4711, "message": ["a", {"b": None}]}}, [{"code": True}]),
)


_RECORDED = (303, 400, 404, 409, 423, 500)
_MARK = "anybank-of-a-person"
_PERSON: Mapping[str, Any] = {
    "id": _MARK,
    "first_name": _MARK,
    "firstName": _MARK,
    "name": _MARK,
    "emails": [_MARK],
    "addresses": [{"street": _MARK, "line1": _MARK}],
    "born": _MARK,
    "dob": _MARK,
    "ssn": _MARK,
    "given": _MARK,
    "family": _MARK,
}
_RECORDS: Mapping[str, Any] = {
    "a record": _PERSON,
    "a record in `data`": {"data": _PERSON, "success": True, "error": None},
    "a list of records": [_PERSON],
    "a record with a type and a status": {"type": "a", "status": "b", **_PERSON},
    "a record for the message": {
        **dict.fromkeys(("message", "Message", "detail", "details", "title"), _PERSON),
        **dict.fromkeys(("code", "type", "error"), _PERSON),
    },
    "a record in `error`": {"error": {"code": _PERSON, "message": _PERSON}},
    "a text": _MARK,
}
"""Bodies that hold a person: with none of them an adapter may explain its error."""


@check()
def error_codes_have_classes(subject: Subject) -> None:
    """Every declared code is a ProviderError, and another code goes by its status."""
    adapter = subject.instance()
    errors: Mapping[Any, Any] = subject.declared.errors
    for code, kind in errors.items():
        require(
            isinstance(kind, type) and issubclass(kind, ProviderError),
            f"the error code {code} is not given a subclass of ProviderError.",
        )
        require(
            isinstance(code, str),
            f"the error code {code} is no text: codes are texts, `'{code}'`.",
        )
        require(
            adapter.problem_kind(400, code) is kind,
            f"the error code {code} does not become its declared class: leave "
            "`problem_kind` as it is, or let it read the declaration.",
        )
    for status in (400, 401, 404, 409, 429, 500):
        require(
            adapter.problem_kind(status, _UNKNOWN) is by_status(status),
            f"an unknown code under HTTP {status} does not go by its status.",
        )


def _answers(status: int) -> Iterator[tuple[str, Response]]:
    for body in _BODIES:
        yield "JSON", answer_json(status, body)
    yield "plain text", answer_text(status, "Something went wrong.")
    yield "HTML", answer_text(status, "<!doctype html><p>no</p>", "text/html")
    yield "nothing", Response(status=status)
    yield "bytes", Response(status=status, content=b"\xff\xfe\x00")


@check()
def every_refusal_is_an_error(subject: Subject) -> None:
    """Every status, with JSON, text, HTML or nothing, is a ProviderError of its class."""
    adapter = subject.instance()
    for status in (*_STATUSES, *_FAILURES):
        for shape, response in _answers(status):
            try:
                problem = adapter.problem(response)
            except Exception as error:  # noqa: BLE001  # whatever an adapter does wrong
                raised = type(error).__name__
            else:
                raised = ""
            require(
                not raised,
                f"`problem` raised {raised} at {shape} under HTTP {status}: return "
                "`unreadable(response)` for what is not the vendor's own shape.",
            )
            kind = getattr(problem, "kind", None)
            wanted = _FIXED.get(status, ProviderError)
            wanted = ProviderUnavailable if status >= 500 else wanted
            if shape == "HTML" and wanted is AuthenticationFailed:
                wanted = UnexpectedResponse  # a proxy's word is not the vendor's
            require(
                isinstance(kind, type) and issubclass(kind, wanted),
                f"{shape} under HTTP {status} became "
                f"{getattr(kind, '__name__', 'a success')}, where {wanted.__name__} is "
                "due: let `problem` go by `self.problem_kind(status, code)`.",
            )
            code = getattr(problem, "code", None)
            require(
                code is None or isinstance(code, str),
                f"`problem` gave the code of {shape} as {type(code).__name__}: codes "
                "are texts, `str(code)`.",
            )


@check()
def a_record_is_not_an_error(subject: Subject) -> None:
    """An error answer whose body is a record says nothing of the record."""
    adapter = subject.instance()
    for status in _RECORDED:
        for shape, body in _RECORDS.items():
            response = answer_json(status, body)
            for what, answer in (
                (shape, response),
                (f"{shape} as text", answer_text(status, response.text)),
            ):
                problem = adapter.problem(answer)
                require(
                    _MARK not in repr(problem),
                    f"`problem` repeats the body of {what} under HTTP {status}: an error "
                    "answer to a read may be anybody's record. Return "
                    "`unreadable(response)` for what is not the vendor's own shape, and "
                    "read its members with `words` and `token`.",
                )


@check()
def a_page_of_html_is_not_the_vendors(subject: Subject) -> None:
    """A proxy's 404 in HTML does not say that a customer is not there."""
    page = answer_text(404, "<!doctype html><title>404</title>", "text/html")
    for operation, _ in declared(subject, lambda each: each.verb in ("get", "delete")):
        paper = Paper.of(subject)
        paper.recorder.scripted.append(page)
        said = operation.outcome(paper, retries=0)
        require(
            isinstance(said, UnexpectedResponse) and not isinstance(said, NotFound),
            f"{operation.name}: a page of HTML under 404 became {type(said).__name__}, "
            "so a proxy's mistake would pass for a customer who is gone: return "
            "`unreadable(response)` for what is not the vendor's own shape.",
        )


@check()
def a_failure_of_the_vendor_is_unclear(subject: Subject) -> None:
    """A write that is answered by 5xx has an outcome that is unknown."""
    problem = subject.instance().problem(answer_json(503, {}))
    require(
        problem is None or issubclass(problem.kind, ProviderUnavailable),
        "`problem` calls HTTP 503 a refusal: the library does not believe it, and loses "
        "the class. Let the status decide there, with `by_status`.",
    )
    for operation, stage in declared(subject, lambda each: not each.reads()):
        stage.recorder.scripted[:] = [answer_json(503, {})] * 9
        said = operation.outcome(stage, retries=0)
        require(
            isinstance(said, ProviderUnavailable) and said.outcome is Outcome.UNKNOWN,
            f"{operation.name}: HTTP 503 gave {type(said).__name__}: it may have "
            "happened, so let ProviderUnavailable through.",
        )
        stage.recorder.scripted.clear()


@frozen
class _Coded:
    """A real refusal of the vendor's: where in it the code stands."""

    response: Response
    code: str

    def saying(self, code: Any, status: int | None = None) -> Response:
        """Return the refusal with another code."""

        def act(found: dict[str, Any]) -> None:
            for name, value in found.items():
                if str(value) == self.code and not isinstance(value, bool):
                    found[name] = code

        tree = each(json.loads(self.response.content), act)
        return answer_json(status or self.response.status, tree)


def _coded(subject: Subject) -> _Coded:
    """Return a refusal that the simulator gives, with its code in it."""
    for operation, _ in declared(subject, lambda each: each.verb == "get"):
        paper = Paper.of(subject, "00000000-0000-4000-8000-000000000000")
        said = operation.outcome(paper, retries=0)
        code = getattr(said, "code", None)
        answers = [heard.response for heard in paper.recorder.heard]
        if code and answers and code.encode() in answers[-1].content:
            return _Coded(answers[-1], code)
    raise NotApplicable("no refusal of the simulator's has a code that is told")


@check()
def every_code_becomes_its_class(subject: Subject) -> None:
    """Every declared code in an answer becomes its class, with the code as text."""
    adapter, coded = subject.instance(), _coded(subject)
    for code, kind in subject.declared.errors.items():
        problem = adapter.problem(coded.saying(code, 400))
        require(
            problem is not None
            and issubclass(problem.kind, kind)
            and problem.code == code,
            f"an answer with the code {code} became "
            f"{getattr(getattr(problem, 'kind', None), '__name__', 'a success')}, "
            f"declared is {kind.__name__}: let `problem` use `self.problem_kind`, and "
            "give the code as it is.",
        )


@check()
def new_codes_go_by_their_status(subject: Subject) -> None:
    """A code that is new at the vendor is told as text, and the status decides."""
    adapter, coded = subject.instance(), _coded(subject)
    for code in (_UNKNOWN, 271828):
        problem = adapter.problem(coded.saying(code, 400))
        require(
            problem is not None and problem.code == str(code),
            f"a code that is new at the vendor ({type(code).__name__}) is lost: give "
            "Problem(code=...) what the answer says, as text.",
        )
        require(
            problem is not None and issubclass(problem.kind, by_status(400)),
            "a code that is new at the vendor under HTTP 400 is not Rejected: let "
            "`self.problem_kind` decide.",
        )


@check()
def what_the_simulator_refuses_is_told(subject: Subject) -> None:
    """What the simulator refuses by itself is told with status, and words or a code."""
    found = False
    for operation, _ in declared(subject, lambda each: each.verb == "get"):
        found = True
        paper = Paper.of(subject, "00000000-0000-4000-8000-000000000000")
        said = operation.outcome(paper, retries=0)
        if not isinstance(said, ProviderError):
            continue
        answer = paper.recorder.heard[-1].response
        require(
            said.status == answer.status and (said.message or said.code),
            f"{operation.name}: a refusal lost what the vendor says of it: give "
            "Problem its message and code.",
        )
    require(found, "nothing is looked up by its id.")
