"""The check that the error responses of the vendor's documentation read as they must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from ...adapter.base import Adapter, takes_request
from ...adapter.problems import Problem
from ...adapter.wire import Request
from ...model.features import Feature
from ...sandbox.simulator import answer_json
from .recorder import NotApplicable, require
from .registry import check
from .subject import Subject

PRINTED_ERRORS = "errors"
"""The key of `samples` for error responses that the vendor's documentation prints."""


@frozen(kw_only=True)
class PrintedError:
    """An error response that the vendor's documentation shows, and what it must read as.

    `problem` has the class of the error, and each text, id and field error that the
    response names. `feature` is the operation that was refused, for a response whose
    field names depend on it.
    """

    status: int
    body: Any
    problem: Problem
    headers: Mapping[str, str] = attrs.field(factory=dict)
    feature: str = "customers.create"


@check()
def printed_errors_are_read(subject: Subject) -> None:
    """The errors that the vendor's documentation prints read as it explains them."""
    printed: Sequence[PrintedError] = subject.samples.get(PRINTED_ERRORS, ())
    if not printed:
        raise NotApplicable(
            f"set samples[{PRINTED_ERRORS!r}] to PrintedError values with the error "
            "responses that the vendor's documentation prints or describes, and the "
            "problems that they must read as: a refusal may read as another error"
        )
    adapter = subject.instance()
    for error in printed:
        problem, expected = _read(adapter, error), error.problem
        described = f"The printed {expected.kind.__name__} under HTTP {error.status}"
        require(
            problem is not None,
            f"{described} reads as a success. Let `problem` recognise it, although the "
            "status is one of a success.",
        )
        kind = getattr(problem, "kind", None)
        require(
            kind is expected.kind,
            f"{described} reads as {getattr(kind, '__name__', kind)}. Classify it as the "
            "vendor's page explains it: declare its code in `errors`, or read the status.",
        )
        wrong = _differing(problem, expected)
        require(
            not wrong,
            f"{described} reads its {', '.join(wrong)} differently. Let `problem` read "
            "each from the member or the header in which the vendor sends it, and "
            "translate every name with `field_errors`.",
        )


def _read(adapter: Adapter, error: PrintedError) -> Problem | None:
    response = answer_json(error.status, error.body, **error.headers)
    request = Request(method="POST", path="/anybank", feature=Feature(error.feature))
    if takes_request(type(adapter).problem):
        return adapter.problem(response, request)
    return adapter.problem(response)


def _differing(problem: Any, expected: Problem) -> list[str]:
    """Return the names of what is expected and reads differently."""
    return [
        field.name
        for field in attrs.fields(Problem)
        if (value := getattr(expected, field.name)) not in (None, "", {})
        and getattr(problem, field.name) != value
    ]
