"""Unit's error responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anybank.adapter.problems import (
    Class,
    FieldErrors,
    Problem,
    by_status,
    pointer_errors,
    token,
    unreadable,
    words,
)
from anybank.adapter.wire import Json, Response
from anybank.declaration import Capabilities
from anybank.errors import UnexpectedResponse
from anybank.model.customers import NewCustomer

# The schema UnitError has a `code`, and no page lists the codes: the status decides.
CODES: Mapping[str, Class] = {}

# The attributes that are a part of one of our fields.
_PARTS: Mapping[str, str] = {
    "phones[0].countryCode": "phones[0].number",
    "passport": "government_ids[0].number",
    "nationality": "government_ids[0].country",
    "fullName": "first_name",
    "tags": "external_id",
}
_MOST = 50
_LONGEST = 10
"""The number of messages that become the message of the error."""


def problem(response: Response, capabilities: Capabilities) -> Problem | None:
    """Read an error response; return None for a success."""
    if response.ok:
        return None
    errors = _errors(response)
    if not errors:
        return unreadable(response)
    meta = errors[0].get("meta")
    support = meta.get("supportId") if isinstance(meta, dict) else None
    messages = dict.fromkeys(filter(None, map(_message, errors[:_LONGEST])))
    return Problem(
        kind=by_status(response.status),
        code=token(errors[0].get("code")),
        message="; ".join(messages),
        field_errors=_field_errors(errors, capabilities),
        request_id=token(support),
    )


def _errors(response: Response) -> list[dict[str, Json]]:
    try:
        body = response.json()
    except UnexpectedResponse:
        return []
    errors = body.get("errors") if isinstance(body, dict) else None
    items = errors[:_MOST] if isinstance(errors, list) else []
    # An error of the schema UnitError has a title and a status; a resource has neither.
    return [item for item in items if isinstance(item, dict) and "title" in item]


def _message(error: Mapping[str, Json]) -> str | None:
    return words(error.get("detail")) or words(error.get("title"))


def _field_errors(errors: list[Any], capabilities: Capabilities) -> FieldErrors:
    """Return the errors by neutral field name, from their JSON pointers."""
    fields = pointer_errors(capabilities, NewCustomer, _pointers(errors))
    ours: dict[str, tuple[str, ...]] = {}
    for name, messages in fields.items():
        part = _PARTS.get(name, name)
        ours[part] = (*ours.get(part, ()), *messages)
    return ours


def _pointers(errors: list[Any]) -> Iterator[tuple[str, str]]:
    for error in errors:
        source = error.get("source")
        pointer = source.get("pointer") if isinstance(source, dict) else None
        message = _message(error)
        if isinstance(pointer, str) and message:
            yield pointer, message
