"""Increase's error responses, and the class of each type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from anybank.adapter.converter import words_of
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
from anybank.adapter.wire import Json, Response
from anybank.declaration import Capabilities
from anybank.errors import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    NotFound,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from anybank.model.customers import NewCustomer

from .identification import WireIdentification

# The twelve types of the schema `error` in the OpenAPI document.
CODES: Mapping[str, Class] = {
    "api_method_not_found_error": UnexpectedResponse,
    # A key of the sandbox used against production, or the other way round.
    "environment_mismatch_error": AuthenticationFailed,
    # The key belongs to another object, whose id is in resource_id.
    "idempotency_key_already_used_error": AlreadyExists,
    # The key is valid, but lacks the permission for this call.
    "insufficient_permissions_error": AuthenticationFailed,
    "internal_server_error": ProviderUnavailable,
    "invalid_api_key_error": AuthenticationFailed,
    # The state of the object forbids the operation.
    "invalid_operation_error": Conflict,
    "invalid_parameters_error": Rejected,
    "malformed_request_error": Rejected,
    "object_not_found_error": NotFound,
    # The feature is not enabled for this account.
    "private_feature_error": AuthenticationFailed,
    "rate_limited_error": RateLimited,
}
"""The class of each of Increase's error types."""

_PERSON = "natural_person"
_IDENTIFICATION = "identification"


def problem(
    response: Response, capabilities: Capabilities, written: type = NewCustomer
) -> Problem | None:
    """Read an error response; return None for a success.

    `written` is the type whose fields the request wrote: a `name` is that of an account
    or of a person.
    """
    if response.ok:
        return None
    body = _object(response)
    # The schema `error` has type, title, status and detail, and by type further
    # members. https://increase.com/documentation/api
    code = token(body.get("type"))
    # Every resource has a `type` too, so an error needs a `title` as well.
    if code is None or "title" not in body:
        return unreadable(response)
    return Problem(
        kind=capabilities.errors.get(code, by_status(response.status)),
        code=code,
        # `detail` is about this request, `title` about the type. Either may be empty.
        message=words(body.get("detail")) or words(body.get("title")) or "",
        field_errors=_field_errors(body.get("errors"), capabilities, written),
        # The body of an error has no request id.
        request_id=response.headers.get("x-request-id"),
        retry_after=_seconds(body.get("retry_after")),
    )


def _object(response: Response) -> Mapping[str, Json]:
    try:
        body = response.json()
    except UnexpectedResponse:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(retry_after: Json) -> float | None:
    # A rate_limited_error has `retry_after` in its body, in addition to the header.
    return max(0.0, float(retry_after)) if type(retry_after) is int else None


def _field_errors(
    errors: Json, capabilities: Capabilities, written: type
) -> FieldErrors:
    """Return the errors by neutral field name."""
    nested: dict[str, Any] = {}
    for path, message in _complaints(errors):
        # The paths are rebuilt as nested objects, the form that `field_errors` maps by
        # the native names of the declaration.
        here = nested
        for name in path[:-1]:
            here = here.setdefault(name, {})
        here.setdefault(path[-1], []).append(message)
    return field_errors(capabilities, written, nested)


def _complaints(errors: Json) -> Iterator[tuple[list[str], str]]:
    # The OpenAPI document leaves the items of `errors` open. Items with a field or path and
    # a message are read; others are left alone.
    items = errors if isinstance(errors, list) else []
    for item in filter(lambda item: isinstance(item, dict), items):
        path = _path(item)
        message = item.get("message") or item.get("detail") or item.get("title")
        if path and isinstance(message, str):
            yield path, message


def _path(error: Mapping[str, Json]) -> list[str]:
    """Return the path of a field, starting inside the person."""
    path = error.get("field") or error.get("path") or ""
    names = path.split(".") if isinstance(path, str) else list(map(str, path))
    names = names[names[:1] == [_PERSON] :]
    if names[:1] != [_IDENTIFICATION]:
        return [name for name in names if name]
    # The details of a document are the parts of a government id. The method and the number
    # are those of the SSN, unless the person has another id.
    methods = words_of(WireIdentification, "kind")
    is_detail = len(names) > 2 and names[1] in methods
    return ["government_ids", "0", *names[2:]] if is_detail else names[:1]
