"""Bond's error answers: seven shapes, keys in either case (bond.md §8.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anybank.adapter.problems import (
    Class,
    FieldErrors,
    Problem,
    by_status,
    field_errors,
    token,
    unreadable,
    words,
)
from anybank.adapter.wire import Response
from anybank.declaration import Capabilities
from anybank.errors import (
    AlreadyExists,
    NotFound,
    ProviderError,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.customers import NewCustomer

_MESSAGE = ("message", "error", "details")
_CODE = ("code", "error_code")
_TYPE = ("type", "status")
_KNOWN = {*_MESSAGE, *_CODE, *_TYPE}
_ALIASES = {"phone_country_code": "phones[0]"}
_NESTS = ("names", "applicant")
"""Objects in the vendor's bodies whose fields are plain ones of ours."""


def problem(capabilities: Capabilities, response: Response) -> Problem | None:
    """Read an error answer of any of Bond's shapes; None for a success."""
    if response.ok:
        return None
    said = _object(response)
    if said is None:
        return unreadable(response)
    lowered = {str(name).lower(): value for name, value in said.items()}
    complaint = _first(lowered, _MESSAGE) if _KNOWN & set(lowered) else said
    fields = _fields(capabilities, complaint)
    if not fields and not _KNOWN & set(lowered):
        return unreadable(response)
    code = token(_first(lowered, _CODE))
    return Problem(
        kind=_kind(capabilities, response.status, code, fields),
        message="" if fields else words(complaint) or "",
        code=code,
        type=token(_first(lowered, _TYPE)),
        field_errors=fields,
    )


def foreign(error: ProviderError) -> UnexpectedResponse:
    """Return the error of a refusal that is not Bond's own: it lets nobody in."""
    message = "the answer is not an error of Bond's"
    return UnexpectedResponse(message, status=error.status, path="$.Code")


def _object(response: Response) -> Mapping[str, Any] | None:
    try:
        said = response.json()
    except UnexpectedResponse:
        return None
    return said if isinstance(said, dict) else None


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next(
        (said[name] for name in names if said.get(name) not in (None, {})), None
    )


def _fields(capabilities: Capabilities, complaint: Any) -> FieldErrors:
    """Return field errors by our names; `Message` is text in some answers (row 9)."""
    if not isinstance(complaint, dict) or not all(map(_complains, complaint.values())):
        return {}
    flat: dict[str, Any] = {}
    for name, said in complaint.items():
        flat.update(said if name in _NESTS and isinstance(said, dict) else {name: said})
    ours: dict[str, tuple[str, ...]] = {}
    for name, texts in field_errors(capabilities, NewCustomer, flat).items():
        field = _ALIASES.get(name, name)
        ours[field] = (*ours.get(field, ()), *texts)
    return ours


def _complains(said: Any) -> bool:
    """Tell whether a member is a complaint: lists of texts, at any depth (shapes A, D).

    A record has texts that stand alone: one of them, and the object is no complaint.
    """
    if isinstance(said, dict):
        return all(map(_complains, said.values()))
    return isinstance(said, list) and all(
        _complains(each) if isinstance(each, dict) else isinstance(each, str)
        for each in said
    )


def _kind(
    capabilities: Capabilities, status: int, code: str | None, fields: FieldErrors
) -> Class:
    """Return the class by code, else by status; the status goes before a 4xx code.

    A complaint about the caller's reference alone means that it is taken (row 11).
    """
    if status >= 500 or status in (401, 429):
        return by_status(status)
    if status == 400 and set(fields) == {"external_id"}:
        return AlreadyExists
    kind = capabilities.errors.get(code or "", by_status(status))
    # What is wrong with a request is not what is wrong with an id: `webhooks_err` is both.
    return NotFound if status == 404 and kind is Rejected else kind
