"""Sonder's envelope, and errors in every shape that its pages allow (sonder.md §4, §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from anybank.adapter.wire import Response
from anybank.sandbox.simulator import answer_json, answer_text

Fault: TypeAlias = Callable[[str, int], Response]
"""Builds a response from a request id and a status."""

API_ERROR = "api_error"
INVALID_REQUEST = "invalid_request"
_DOCUMENTATION = "https://dev.sonderlabs.io/errors"
_TROUBLE = "Something went wrong on our side."


class Refused(Exception):
    """A request that Sonder answers with an error; no value is in its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def error_object(kind: str, message: str) -> dict[str, str]:
    """Return the three members that all errors have (§5)."""
    return {"type": kind, "message": message, "documentation_url": _DOCUMENTATION}


def envelope(request_id: str, data: Any, error: Any = None) -> dict[str, Any]:
    """Return the five keys of every response, of which two are the same id (row 20)."""
    return {
        "data": data,
        "success": error is None,
        "error": error,
        "requestId": request_id,
        "log_ref_id": request_id,
    }


def success(request_id: str, data: Any) -> Response:
    """Return a success with its data."""
    return answer_json(200, envelope(request_id, data))


def failure(request_id: str, refused: Refused) -> Response:
    """Return a refusal in the shape "enveloped"."""
    error = error_object(INVALID_REQUEST, refused.message)
    return answer_json(refused.status, envelope(request_id, None, error))


def _enveloped(request_id: str, status: int) -> Response:
    error = error_object(API_ERROR, _TROUBLE)
    return answer_json(status, envelope(request_id, None, error))


def _flat(_request_id: str, status: int) -> Response:
    return answer_json(status, error_object(API_ERROR, _TROUBLE))


def _text(request_id: str, status: int) -> Response:
    return answer_json(status, envelope(request_id, None, API_ERROR))


def _html(_request_id: str, status: int) -> Response:
    page = "<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>"
    return answer_text(status, page, "text/html; charset=utf-8")


def _plain(_request_id: str, status: int) -> Response:
    return answer_text(status, "upstream connect error")


def _success_false(request_id: str, _status: int) -> Response:
    return _enveloped(request_id, 200)


def _error_set(request_id: str, _status: int) -> Response:
    error = error_object(API_ERROR, _TROUBLE)
    answer = {**envelope(request_id, {}, error), "success": True}
    return answer_json(200, answer)


def _bare(_request_id: str, _status: int) -> Response:
    return answer_json(200, {})


def _malformed(request_id: str, _status: int) -> Response:
    whole = success(request_id, {}).text
    return answer_text(200, whole.replace('"data":', '"data"'), "application/json")


FAULTS: Mapping[str, Fault] = {
    # "Errors" names a type, a message and documentation_url, and does not show where
    # they stand: inside the envelope, instead of it, or as a word in it.
    "enveloped": _enveloped,
    "flat": _flat,
    "text": _text,
    # A gateway in front of the API answers without JSON.
    "html": _html,
    "plain": _plain,
    # Status 200, and yet no success: the envelope decides.
    "success_false": _success_false,
    # Status 200 with a success and an error: the outcome is unknown.
    "error_set": _error_set,
    # Status 200 without the envelope.
    "bare": _bare,
    # Row 9: the sample of "Retrieve A Customer" lacks a colon after "data".
    "malformed": _malformed,
}
