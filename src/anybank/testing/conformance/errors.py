"""Checks of error responses: each becomes an error of the right class, without data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from ...adapter.base import Adapter, takes_request
from ...adapter.problems import by_status
from ...adapter.wire import Request, Response
from ...errors import (
    AuthenticationFailed,
    NotFound,
    Outcome,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from ...model.features import Feature
from ...sandbox.simulator import answer_json, answer_text
from .operations import Operation, declared_operations
from .recorder import CheckFailed, NotApplicable, require
from .registry import check
from .response_edits import for_each_object
from .scenarios import OfflineScenario
from .subject import Subject
from .words import parts_of

_UNKNOWN_CODE = "anybank-no-such-code"
# A UUID, since some vendors answer otherwise to an id of another form.
_UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
_CLIENT_ERRORS = (400, 401, 402, 403, 404, 405, 409, 410, 415, 418, 422, 424, 429, 451)
_SERVER_ERRORS = (500, 501, 502, 503, 504, 520, 599)
_FIXED_CLASSES = {401: AuthenticationFailed, 429: RateLimited}
# Every JSON type at the top, and the members that vendors use for errors with the wrong
# types: an adapter must read none of them without a check.
_BODIES: tuple[Any, ...] = (
    *({}, [], None, "text", 7),
    *({"message": None}, {"error": "text"}, {"error": None}),
    *({"message": {"a": [{"b": 1}]}}, {"errors": [None, 1, {}]}, {"code": 4711}),
    *({"error": {"code": 4711, "message": ["a", {"b": None}]}}, [{"code": True}]),
)
_REQUESTS = tuple(
    Request(method="POST", path="/anybank", feature=feature)
    for feature in (Feature.CUSTOMERS_CREATE, Feature.ACCOUNTS_CREATE)
)
"""Requests without a body, as a raw request may be, for two types of fields."""
_STATUSES_WITH_RECORD = (303, 400, 404, 409, 423, 500)
_MARKER = "anybank-of-a-person"
_PERSON: Mapping[str, Any] = {
    "id": _MARKER,
    "first_name": _MARKER,
    "firstName": _MARKER,
    "name": _MARKER,
    "emails": [_MARKER],
    "addresses": [{"street": _MARKER, "line1": _MARKER}],
    "born": _MARKER,
    "dob": _MARKER,
    "ssn": _MARKER,
    "given": _MARKER,
    "family": _MARKER,
}
_RECORDS: Mapping[str, Any] = {
    "a record": _PERSON,
    "a record in `data`": {"data": _PERSON, "success": True, "error": None},
    "a list of records": [_PERSON],
    "a record with a type and a status": {"type": "a", "status": "b", **_PERSON},
    "a record in place of the message": {
        **dict.fromkeys(("message", "Message", "detail", "details", "title"), _PERSON),
        **dict.fromkeys(("code", "type", "error"), _PERSON),
    },
    "a record in `error`": {"error": {"code": _PERSON, "message": _PERSON}},
    "a text": _MARKER,
}
"""Bodies with personal data that an adapter must not copy into an error."""


@check()
def error_codes_map_to_error_classes(subject: Subject) -> None:
    """Every declared code is a text with a ProviderError class; others follow the status."""
    adapter = subject.instance()
    errors: Mapping[Any, Any] = subject.declared.errors
    for code, kind in errors.items():
        require(
            isinstance(kind, type) and issubclass(kind, ProviderError),
            f"`errors` maps the code {code} to something else than a subclass of "
            "ProviderError. Declare the class to raise.",
        )
        require(
            isinstance(code, str),
            f"`errors` has the code {code} as {type(code).__name__}. Declare it as text: "
            f"`'{code}'`.",
        )
        require(
            adapter.problem_kind(400, code) is kind,
            f"`problem_kind` does not return the declared class of the code {code}. Do "
            "not override it, or let it read the declaration.",
        )
    for status in (400, 401, 404, 409, 429, 500):
        require(
            adapter.problem_kind(status, _UNKNOWN_CODE) is by_status(status),
            f"`problem_kind` does not classify an unknown code under HTTP {status} by "
            "its status. Do not override it, or fall back to `by_status`.",
        )


def _responses(status: int) -> Iterator[tuple[str, Response]]:
    for body in _BODIES:
        yield "JSON", answer_json(status, body)
    yield "plain text", answer_text(status, "Something went wrong.")
    yield "HTML", answer_text(status, "<!doctype html><p>no</p>", "text/html")
    yield "an empty body", Response(status=status)
    yield "binary data", Response(status=status, content=b"\xff\xfe\x00")


@check()
def error_statuses_become_provider_errors(subject: Subject) -> None:
    """Every error status, with any body, becomes a ProviderError of its class."""
    adapter = subject.instance()
    for status in (*_CLIENT_ERRORS, *_SERVER_ERRORS):
        for body, response in _responses(status):
            problem = _problem(adapter, response, f"{body} under HTTP {status}")
            _require_class(problem, body, status)
            code = getattr(problem, "code", None)
            require(
                code is None or isinstance(code, str),
                f"`problem` returned the code of {body} as {type(code).__name__}. "
                "Return it as text: `str(code)`.",
            )


def _problem(adapter: Adapter, response: Response, described: str) -> Any:
    """Return the problem of a response that is read alone, and after each operation."""
    problem = _read_problem(adapter, response, (), described)
    if takes_request(type(adapter).problem):
        for request in _REQUESTS:
            situation = f"{described}, with a request without a body"
            _read_problem(adapter, response, (request,), situation)
    return problem


def _read_problem(
    adapter: Adapter, response: Response, request: tuple[Request, ...], described: str
) -> Any:
    try:
        return adapter.problem(response, *request)
    except Exception as error:  # noqa: BLE001  # whatever an adapter does wrong
        raised = type(error).__name__
    raise CheckFailed(
        f"`problem` raised {raised} for {described}. Return `unreadable(response)` for a "
        "body that is not in the vendor's format, and expect of a request its path only."
    )


def _require_class(problem: Any, body: str, status: int) -> None:
    kind = getattr(problem, "kind", None)
    expected = _FIXED_CLASSES.get(status, ProviderError)
    if status >= 500:
        # A 5xx never is a clear no: the write may have taken effect.
        expected = ProviderUnavailable
    if body == "HTML" and expected is AuthenticationFailed:
        expected = UnexpectedResponse  # a proxy may send it, so it is not the vendor's
    require(
        isinstance(kind, type) and issubclass(kind, expected),
        f"`problem` made {getattr(kind, '__name__', 'a success')} of {body} under HTTP "
        f"{status}, which is {expected.__name__}. Call "
        "`self.problem_kind(status, code)`.",
    )


@check()
def errors_never_quote_records(subject: Subject) -> None:
    """An error response whose body is a record contributes nothing to the error."""
    adapter = subject.instance()
    for status in _STATUSES_WITH_RECORD:
        for description, body in _RECORDS.items():
            as_json = answer_json(status, body)
            as_text = answer_text(status, as_json.text)
            for media_type, response in (("JSON", as_json), ("text", as_text)):
                problem = adapter.problem(response)
                require(
                    _MARKER not in repr(problem),
                    f"`problem` copies {description} (as {media_type}) under HTTP "
                    f"{status} into the error, although it may be a customer's record. "
                    "Return `unreadable(response)` for a body that is not in the "
                    "vendor's error format, read its members with `words` and `token`, "
                    "and read errors of fields only under the status for which the "
                    "vendor documents them.",
                )


@check()
def html_404_pages_are_unexpected(subject: Subject) -> None:
    """A 404 in HTML, as a proxy sends it, does not mean that a record does not exist."""
    page = answer_text(404, "<!doctype html><title>404</title>", "text/html")
    for operation, _ in declared_operations(
        subject, lambda operation: operation.verb in ("get", "delete")
    ):
        scenario = OfflineScenario.of(subject)
        scenario.recorder.scripted.append(page)
        outcome = operation.outcome(scenario, retries=0)
        if not scenario.recorder.requests:
            continue  # the id does not have the vendor's form, so nobody was asked
        require(
            isinstance(outcome, UnexpectedResponse)
            and not isinstance(outcome, NotFound),
            f"{operation.name} gave {type(outcome).__name__} for an HTML page under HTTP "
            "404, so a proxy's error would look like a deleted customer. Return "
            "`unreadable(response)` for a body that is not in the vendor's format.",
        )


@check()
def server_errors_have_an_unknown_outcome(subject: Subject) -> None:
    """A write with a 5xx response raises ProviderUnavailable with an unknown outcome."""
    problem = subject.instance().problem(answer_json(503, {}))
    require(
        problem is None or issubclass(problem.kind, ProviderUnavailable),
        "`problem` classifies HTTP 503 as a rejection, which the library overrides. "
        "Classify it by the status, with `by_status`.",
    )
    for operation, scenario in declared_operations(subject, Operation.is_write):
        # More than any flow sends, so no request reaches the simulator.
        scenario.recorder.scripted[:] = [answer_json(503, {})] * 9
        outcome = operation.outcome(scenario, retries=0)
        require(
            isinstance(outcome, ProviderUnavailable)
            and outcome.outcome is Outcome.UNKNOWN,
            f"{operation.name} gave {type(outcome).__name__} for HTTP 503. The write may "
            "have taken effect, so do not catch ProviderUnavailable.",
        )
        scenario.recorder.scripted.clear()


@frozen
class _Rejection:
    """An error response of the simulator, and the code in it."""

    response: Response
    code: str

    def with_code(self, code: Any, status: int | None = None) -> Response:
        """Return the response with another code."""

        def replace(item: dict[str, Any]) -> None:
            for name, value in item.items():
                if str(value) == self.code and not isinstance(value, bool):
                    item[name] = code

        # A vendor may repeat its code in several members or nest it, so every
        # occurrence is replaced.
        tree = for_each_object(json.loads(self.response.content), replace)
        return answer_json(status or self.response.status, tree)


def _rejection(subject: Subject) -> _Rejection:
    """Return an error response of the simulator that contains a code."""
    for operation, _ in declared_operations(
        subject, lambda operation: operation.verb == "get"
    ):
        scenario = OfflineScenario.of(subject, _UNKNOWN_ID)
        outcome = operation.outcome(scenario, retries=0)
        code = getattr(outcome, "code", None)
        responses = [exchange.response for exchange in scenario.recorder.exchanges]
        # The adapter must have read the code from the body: a code that it invents
        # cannot be replaced in a response.
        if code and responses and code.encode() in responses[-1].content:
            return _Rejection(responses[-1], code)
    raise NotApplicable("no error response of the simulator contains a code")


@check()
def declared_codes_become_their_class(subject: Subject) -> None:
    """Every declared code in a response becomes its class, and is preserved as text."""
    adapter, rejection = subject.instance(), _rejection(subject)
    for code, kind in subject.declared.errors.items():
        problem = adapter.problem(rejection.with_code(code, 400))
        require(
            problem is not None
            and issubclass(problem.kind, kind)
            and problem.code == code,
            f"A response with the code {code} became "
            f"{getattr(getattr(problem, 'kind', None), '__name__', 'a success')} instead "
            f"of the declared {kind.__name__}. Call `self.problem_kind` in `problem`, "
            "and pass the code on unchanged.",
        )


@check()
def unknown_codes_follow_the_status(subject: Subject) -> None:
    """An unknown code is preserved as text, and the status decides the class."""
    adapter, rejection = subject.instance(), _rejection(subject)
    for code in (_UNKNOWN_CODE, 271828):
        problem = adapter.problem(rejection.with_code(code, 400))
        require(
            problem is not None and problem.code == str(code),
            f"`problem` loses an unknown code ({type(code).__name__}). Pass the code of "
            "the response to Problem(code=...), as text.",
        )
        require(
            problem is not None and issubclass(problem.kind, by_status(400)),
            "`problem` does not classify an unknown code under HTTP 400 as Rejected. "
            "Call `self.problem_kind`.",
        )


@check()
def simulator_rejections_are_explained(subject: Subject) -> None:
    """The error for an unknown id has the vendor's status, and its message or code."""
    examined = False
    for operation, _ in declared_operations(
        subject, lambda operation: operation.verb == "get"
    ):
        examined = True
        scenario = OfflineScenario.of(subject, _UNKNOWN_ID)
        outcome = operation.outcome(scenario, retries=0)
        if not isinstance(outcome, ProviderError):
            continue
        if not scenario.recorder.exchanges:
            continue
        response = scenario.recorder.exchanges[-1].response
        # A vendor whose error has no body explains nothing but by the status.
        explained = outcome.message or outcome.code or not response.content
        require(
            outcome.status == response.status and explained,
            f"{operation.name} lost the explanation in the response with HTTP "
            f"{response.status}. Pass its message and code to Problem.",
        )
        member = _member_of_code(response)
        require(
            outcome.code is not None or member is None,
            f"{operation.name} lost the code in the member {member} of the response with "
            f"HTTP {response.status}. Pass it to Problem(code=...).",
        )
    require(examined, "No declared operation reads a record by its id.")


def _member_of_code(response: Response) -> str | None:
    """Return the name of the member of an error that has the vendor's code, if any."""
    for name, value in _members(_json_or_none(response)):
        parts = parts_of(name)
        is_code = "code" in parts and not parts & {"status", "http"}
        if is_code and value not in (None, "", response.status, str(response.status)):
            return name
    return None


def _members(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of each text and number in a body."""
    pairs = tree.items() if isinstance(tree, dict) else ()
    items = tree if isinstance(tree, list) else [value for _, value in pairs]
    yield from ((name, it) for name, it in pairs if isinstance(it, (str, int)))
    for item in items:
        yield from _members(item)


def _json_or_none(response: Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None
