"""Increase's error responses, by the types of its OpenAPI document (increase.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anybank.adapter.wire import Response
from anybank.sandbox.simulator import answer_json

_TITLES = {
    "api_method_not_found_error": (404, "There is no such method."),
    "environment_mismatch_error": (403, "The key is of another environment."),
    "idempotency_key_already_used_error": (409, "The idempotency key is in use."),
    "insufficient_permissions_error": (403, "The key has too few permissions."),
    "internal_server_error": (500, "Something went wrong."),
    "invalid_api_key_error": (401, "The API key is not valid."),
    "invalid_operation_error": (409, "The object does not allow this now."),
    "invalid_parameters_error": (400, "Some parameters are not valid."),
    "malformed_request_error": (400, "The body is not JSON."),
    "object_not_found_error": (404, "There is no such object."),
    "private_feature_error": (403, "This is not open to you."),
    "rate_limited_error": (429, "Too many requests."),
}


class Refused(Exception):
    """A request that Increase refuses: the type of the error, and its further members."""

    def __init__(self, kind: str, detail: str | None = None, **more: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.more = more

    def answer(self) -> Response:
        """Return the error response; the body of a 429 has `retry_after`."""
        status, title = _TITLES[self.kind]
        problem = {"type": self.kind, "title": title, "status": status}
        return answer_json(status, {**problem, "detail": self.detail, **self.more})


def invalid(complaints: Iterable[tuple[str, str]]) -> Refused:
    """Return the refusal of parameters, with a path and a message for each (row 3)."""
    errors = [{"field": place, "message": message} for place, message in complaints]
    return Refused("invalid_parameters_error", "See `errors`.", errors=errors)


KINDS = tuple(_TITLES)
"""The types that the simulator can return."""
