"""Read the headers and body of a webhook delivery from any web framework."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from ..errors import Effect, InvalidInput, Issue, WebhookRejected

Text: TypeAlias = str | bytes
Headers: TypeAlias = Mapping[Any, Any] | Iterable[tuple[Any, Any]]

LARGEST_BODY = 2 * 1024 * 1024
MOST_HEADERS = 256
LARGEST_HEADERS = 64 * 1024


def require_raw_body(body: object) -> bytes:
    """Return the body as bytes; text is rejected, because decoding may have changed it."""
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise invalid_argument("body", "the raw bytes as they were received")
    size = body.nbytes if isinstance(body, memoryview) else len(body)
    if size > LARGEST_BODY:
        raise WebhookRejected(f"the body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


def parse_headers(headers: Headers) -> dict[str, str]:
    """Return the headers by lower-case name; raises InvalidInput or WebhookRejected.

    Different values of a repeated name are joined with a comma, as in HTTP.
    """
    values_by_name: dict[str, list[str]] = {}
    size = 0
    for count, (name, value) in enumerate(_pairs(headers)):
        size += len(name) + len(value)
        if count >= MOST_HEADERS or size > LARGEST_HEADERS:
            raise WebhookRejected(
                f"there are more than {MOST_HEADERS} headers, or the headers have more than "
                f"{LARGEST_HEADERS} characters"
            )
        values = values_by_name.setdefault(name, [])
        if value not in values:
            values.append(value)
    return {name: ", ".join(values) for name, values in values_by_name.items()}


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in _entries(headers):
        values = value if isinstance(value, (list, tuple)) else [value]
        for item in islice(values, MOST_HEADERS + 1):
            if item is not None:  # frameworks use None for an absent header
                yield _text(name).strip().lower(), _text(item)


def _entries(headers: Any) -> Iterator[tuple[Any, Any]]:
    # Not isinstance(headers, Mapping): the headers of http.client are none.
    items = getattr(headers, "items", None)
    listed = items() if callable(items) else headers
    if isinstance(listed, (str, bytes)) or not isinstance(listed, Iterable):
        raise _invalid_headers()
    for entry in listed:
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise _invalid_headers()
        yield entry[0], entry[1]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        # Latin-1 decodes every byte, and is what WSGI servers use for headers.
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    raise _invalid_headers()


def _invalid_headers() -> InvalidInput:
    rule = "a mapping or pairs, with names and values as text or bytes"
    return invalid_argument("headers", rule)


def invalid_argument(name: str, rule: str) -> InvalidInput:
    """Return the error for an argument of the caller; it names the rule, not the value."""
    issue = Issue(name, Effect.BLOCKED, rule, "anybank", f"must be {rule}")
    return InvalidInput([issue])
