"""Sonder's envelope, and its failures in every shape that its pages allow (§4, §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from anybank.adapter.wire import Response
from anybank.sandbox.simulator import answer_json, answer_text

Fault: TypeAlias = Callable[[str, int], Response]
"""Makes an answer of a request id and a status."""

API_ERROR = "api_error"
INVALID_REQUEST = "invalid_request"
_DOCUMENTATION = "https://dev.sonderlabs.io/errors"
_TROUBLE = "Something went wrong at our end."


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
    """Return the five keys of every answer, the two ids equal (row 20)."""
    return {
        "data": data,
        "success": error is None,
        "error": error,
        "requestId": request_id,
        "log_ref_id": request_id,
    }


def success(request_id: str, data: Any) -> Response:
    """Answer what was asked for."""
    return answer_json(200, envelope(request_id, data))


def failure(request_id: str, refused: Refused) -> Response:
    """Answer a refusal in shape A."""
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
    "enveloped": _enveloped,  # shape A, §5
    "flat": _flat,  # shape B
    "text": _text,  # shape C
    "html": _html,  # shape D
    "plain": _plain,  # shape D
    "success_false": _success_false,  # 200, whose envelope says no
    "error_set": _error_set,  # 200, with an error and `success` all the same
    "bare": _bare,  # 200, without the envelope
    "malformed": _malformed,  # row 9: the colon is missing after "data"
}
