"""Sonder's envelope, and its error answers of four shapes (sonder.md §4, §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.problems import Class, Problem, by_status, token, unreadable, words
from anybank.adapter.wire import Json, Response
from anybank.errors import ProviderUnavailable, Rejected, UnexpectedResponse

API_ERROR = "api_error"
INVALID_REQUEST = "invalid_request"
_BY_TYPE: Mapping[str, Class] = {
    API_ERROR: ProviderUnavailable,
    INVALID_REQUEST: Rejected,
}
ERROR_TYPES = frozenset(_BY_TYPE)
"""The two types of error that the page names."""


@frozen(kw_only=True)
class WireEnvelope:
    """What surrounds every result."""

    data: dict[str, Any]
    success: bool


def data(response: Response) -> Json:
    """Return the result inside the envelope; raises UnexpectedResponse without one."""
    return read(response.json(), WireEnvelope).data


def require_removal(response: Response, identifier: str) -> None:
    """Require the envelope that the page shows after a delete, about nothing else.

    The page shows an empty `data` ("Delete A Customer").
    """
    ids = {data(response).get(name) for name in ("customerId", "accountId")}
    if not ids <= {None, identifier}:
        raise UnexpectedResponse("the answer is about another id", path="$.data")


def problem(response: Response) -> Problem | None:
    """Read a failure: by status, by `success`, by `error`, in that order (§5)."""
    said = _object(response)
    if said is None:
        return None if response.ok else unreadable(response)
    if response.ok and not _failed(said):
        return None
    error = _error(said)
    kind = by_status(response.status)
    if response.ok:
        kind = _of_success(said, error)
    return Problem(
        kind=kind,
        message=words(error.get("message")) or "",
        code=token(error.get("code")),
        type=token(error.get("type")),
        request_id=token(said.get("requestId")),
        log_reference=token(said.get("log_ref_id")),
    )


def _object(response: Response) -> Mapping[str, Any] | None:
    try:
        said = response.json()
    except UnexpectedResponse:
        return None
    return said if isinstance(said, dict) else None


def _failed(said: Mapping[str, Any]) -> bool:
    flat = "data" not in said and said.get("type") in _BY_TYPE
    return said.get("success") is False or said.get("error") is not None or flat


def _error(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return type and message, whether they are in the envelope, flat, or a word."""
    error = said.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"type": error, "message": error}
    return said


def _of_success(said: Mapping[str, Any], error: Mapping[str, Any]) -> Class:
    """Return the class of a failure under a 2xx; one that says both is not believed."""
    if said.get("success") is True:
        return UnexpectedResponse
    return _BY_TYPE.get(str(error.get("type")), Rejected)
