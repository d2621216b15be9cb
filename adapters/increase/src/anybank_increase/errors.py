"""Increase's problems: type, title, status, detail (increase.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anybank.adapter.problems import (
    FieldErrors,
    Problem,
    by_status,
    field_errors,
    token,
    unreadable,
    words,
)
from anybank.adapter.wire import Json, Response
from anybank.declaration import Capabilities
from anybank.errors import UnexpectedResponse
from anybank.model.customers import NewCustomer

_PERSON = "natural_person"
_NUMBER = "identification"


def problem(response: Response, capabilities: Capabilities) -> Problem | None:
    """Read an answer that is no success; what is not Increase's own goes by its status."""
    if response.ok:
        return None
    said = _object(response)
    code = token(said.get("type"))
    if code is None or "title" not in said:  # every resource has a type, too
        return unreadable(response)
    return Problem(
        kind=capabilities.errors.get(code, by_status(response.status)),
        code=code,
        message=words(said.get("detail")) or words(said.get("title")) or "",
        field_errors=_field_errors(said.get("errors"), capabilities),
        request_id=response.headers.get("x-request-id"),
        retry_after=_seconds(said.get("retry_after")),
    )


def _object(response: Response) -> Mapping[str, Json]:
    try:
        said = response.json()
    except UnexpectedResponse:
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(said: Json) -> float | None:
    """Return when to come back: Increase says it in the body of a 429, too (§5)."""
    return max(0.0, float(said)) if type(said) is int else None


def _field_errors(errors: Json, capabilities: Capabilities) -> FieldErrors:
    """Translate what was wrong with each parameter (row 3)."""
    nested: dict[str, Any] = {}
    for path, message in _complaints(errors):
        here = nested
        for name in path[:-1]:
            here = here.setdefault(name, {})
        here.setdefault(path[-1], []).append(message)
    return field_errors(capabilities, NewCustomer, nested)


def _complaints(errors: Json) -> Iterator[tuple[list[str], str]]:
    listed = errors if isinstance(errors, list) else []
    for each in filter(lambda item: isinstance(item, dict), listed):
        path = _path(each)
        message = each.get("message") or each.get("detail") or each.get("title")
        if path and isinstance(message, str):
            yield path, message


def _path(error: Mapping[str, Json]) -> list[str]:
    """Return where an error is, from the person on; a number has no parts of ours."""
    given = error.get("field") or error.get("path") or ""
    names = given.split(".") if isinstance(given, str) else list(map(str, given))
    names = names[names[:1] == [_PERSON] :]
    return names[:1] if names[:1] == [_NUMBER] else [name for name in names if name]
