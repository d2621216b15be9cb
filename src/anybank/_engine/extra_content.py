"""Add the headers and body fields of `with_options` or of one call to a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from attrs import evolve

from ..adapter.forms import Form
from ..adapter.wire import Json, Request
from ..errors import ConfigurationError
from ..sensitive import Sensitive

# Headers that identify the caller, frame the message or make a retry safe.
_RESERVED = frozenset(
    {
        *("authorization", "connection", "content-encoding", "content-length"),
        *("content-type", "cookie", "host", "idempotency-key", "transfer-encoding"),
    }
)
_WRITES = ("POST", "PUT", "PATCH")


class ExtraContent(TypedDict, total=False):
    """What one create or update sends besides what the adapter writes.

    For what nobody foresaw: `extra_headers` are added to its requests and `extra_body` to
    the JSON or the form of its writes. Neither replaces anything, and no other bank understands them.
    """

    extra_headers: Mapping[str, str | Sensitive]
    extra_body: Mapping[str, Json]


def checked_headers(headers: object) -> Mapping[str, str | Sensitive]:
    """Return extra headers; raises ConfigurationError for one that anybank sets itself."""
    if not isinstance(headers, Mapping):
        raise ConfigurationError("extra_headers must be a mapping, such as a dict")
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, (str, Sensitive)):
            raise ConfigurationError(
                "extra_headers must have texts as names and values"
            )
        if name.lower() in _RESERVED:
            raise ConfigurationError(
                f"extra_headers: {name.lower()} is set by the library. Omit it"
            )
    return {name.lower(): value for name, value in headers.items()}


def checked_body(body: object) -> Mapping[str, Json]:
    """Return extra body fields; raises ConfigurationError for anything but a mapping."""
    if not isinstance(body, Mapping) or not all(isinstance(name, str) for name in body):
        raise ConfigurationError("extra_body must be a mapping of field names to JSON")
    return dict(body)


UNPORTABLE = "unportable:"
"""How a note about extra content begins."""


def with_note(
    notes: Sequence[str], headers: Mapping[str, object], body: Mapping[str, object]
) -> tuple[str, ...]:
    """Return the notes of a declaration with one about extra content, by names only."""
    others = [note for note in notes if not note.startswith(UNPORTABLE)]
    parts = [("extra_headers", headers), ("extra_body", body)]
    listed = [f"{option} ({', '.join(sorted(its))})" for option, its in parts if its]
    if listed:
        sent = (
            f"{UNPORTABLE} {' and '.join(listed)} mean something to this vendor alone"
        )
        others.append(sent)
    return tuple(others)


def add_extras(
    request: Request, headers: Mapping[str, str | Sensitive], body: Mapping[str, Json]
) -> Request:
    """Return a request with extra headers, and with extra fields in its JSON or form.

    Raises ConfigurationError if the request already has a header or field of that name,
    and for a field of a form that is no text.
    """
    if headers:
        _require_new(headers, request.headers, "extra_headers")
        request = evolve(
            request, query=dict(request.query), headers={**request.headers, **headers}
        )
    if body and request.method in _WRITES:
        written = _with_fields(request.body, body)
        request = evolve(request, query=dict(request.query), body=written)
    return request


def _with_fields(own: Any, extra: Mapping[str, Json]) -> Any:
    """Return a JSON object or a form with more fields, and any other body unchanged."""
    if isinstance(own, dict):
        _require_new(extra, own, "extra_body")
        return {**own, **extra}
    if not isinstance(own, Form):
        return own
    _require_new(extra, own.parts, "extra_body")
    parts = dict(own.parts)
    for name, value in extra.items():
        if not isinstance(value, str | Sensitive):
            raise ConfigurationError(f"extra_body: {name} must be a text in a form")
        parts[name] = value
    return Form(parts)


def _require_new(
    extra: Mapping[str, object], own: Mapping[str, object], option: str
) -> None:
    if taken := sorted(set(extra) & set(own)):
        raise ConfigurationError(
            f"{option}: the request already has {', '.join(taken)}. Omit it"
        )
