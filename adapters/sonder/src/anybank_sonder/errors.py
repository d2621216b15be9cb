"""Sonder's error responses: four shapes, and the class of both error types."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from anybank.adapter.problems import Class, Problem, by_status, token, unreadable, words
from anybank.adapter.wire import Response
from anybank.errors import (
    ProviderError,
    ProviderUnavailable,
    Rejected,
    UnexpectedResponse,
)


class ErrorType(StrEnum):
    """The two types that "Errors" lists.

    Source: https://dev.sonderlabs.io/errors
    """

    API_ERROR = "api_error"
    INVALID_REQUEST = "invalid_request"


TYPES: Mapping[str, Class] = {
    ErrorType.API_ERROR: ProviderUnavailable,
    ErrorType.INVALID_REQUEST: Rejected,
}
"""The class of each of Sonder's error types. "Errors" lists no codes."""


def problem(response: Response) -> Problem | None:
    """Read an error response of any of Sonder's shapes; return None for a success."""
    body = _object(response)
    # Text or HTML comes from a gateway. With status 2xx it is no error response: the
    # adapter then fails to read the envelope, and the outcome is unknown.
    if body is None:
        return None if response.ok else unreadable(response)
    if response.ok and not _is_failure(body):
        return None
    error = _error(body)
    return Problem(
        kind=_kind(response, body, error),
        message=words(error.get("message")) or "",
        code=token(error.get("code")),
        type=token(error.get("type")),
        request_id=token(body.get("requestId")),
        # All samples show the same value in requestId and log_ref_id.
        log_reference=token(body.get("log_ref_id")),
    )


def request_id(response: Response) -> str | None:
    """Return the request id, which Sonder's envelope has in the body."""
    body = _object(response)
    return None if body is None else token(body.get("requestId"))


def foreign(error: ProviderError) -> UnexpectedResponse:
    """Return the error for a refusal that did not come from Sonder's API."""
    message = "the response is not one of Sonder's errors; check base_url and any proxy"
    return UnexpectedResponse(message, status=error.status, path="$.error.type")


def _object(response: Response) -> Mapping[str, Any] | None:
    try:
        body = response.json()
    except UnexpectedResponse:
        return None
    return body if isinstance(body, dict) else None


def _is_failure(body: Mapping[str, Any]) -> bool:
    # A customer could have a `type` too, so a flat error has no `data`.
    is_flat = "data" not in body and body.get("type") in TYPES
    return body.get("success") is False or body.get("error") is not None or is_flat


def _error(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object with the type and the message."""
    # https://dev.sonderlabs.io/customers, https://dev.sonderlabs.io/errors
    # "Customers" has a member `error` in its envelope, always null. "Errors" names a type
    # and a message and does not mention the envelope. So the error may be an object or a
    # word in the envelope, or the body itself.
    error = body.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {"type": error, "message": error}
    return body


def _kind(
    response: Response, body: Mapping[str, Any], error: Mapping[str, Any]
) -> Class:
    """Return the class of an error by its status, or by its type under a 2xx."""
    if not response.ok:
        return by_status(response.status)
    # A response that reports both success and an error leaves the outcome unknown.
    if body.get("success") is True:
        return UnexpectedResponse
    # A 2xx whose envelope reports a failure: the status says nothing, the type decides.
    return TYPES.get(str(error.get("type")), Rejected)
