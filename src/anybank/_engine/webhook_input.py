"""What a web framework hands over of a delivery, as plain headers and bytes."""

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


def raw_body(body: object) -> bytes:
    """Return the raw bytes; a text was decoded by somebody, and perhaps changed."""
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise blocked_argument("body", "the raw bytes, as they were received")
    size = body.nbytes if isinstance(body, memoryview) else len(body)
    if size > LARGEST_BODY:
        raise WebhookRejected(f"the body is larger than {LARGEST_BODY} bytes")
    return bytes(body)


def plain_headers(headers: Headers) -> dict[str, str]:
    """Return headers by their names in lower case; raises InvalidInput, WebhookRejected.

    A name that comes twice has both values, with a comma between, as HTTP joins them.
    """
    found: dict[str, list[str]] = {}
    size = 0
    for count, (name, value) in enumerate(_pairs(headers)):
        size += len(name) + len(value)
        if count >= MOST_HEADERS or size > LARGEST_HEADERS:
            raise WebhookRejected(
                f"there are more than {MOST_HEADERS} headers, or more than "
                f"{LARGEST_HEADERS} characters of them"
            )
        values = found.setdefault(name, [])
        if value not in values:
            values.append(value)
    return {name: ", ".join(values) for name, values in found.items()}


def _pairs(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in _entries(headers):
        values = value if isinstance(value, (list, tuple)) else [value]
        for each in islice(values, MOST_HEADERS + 1):
            if each is not None:  # a framework's way to say that there is none
                yield _text(name).strip().lower(), _text(each)


def _entries(headers: Any) -> Iterator[tuple[Any, Any]]:
    items = getattr(headers, "items", None)  # http.client's headers are no Mapping
    listed = items() if callable(items) else headers
    if isinstance(listed, (str, bytes)) or not isinstance(listed, Iterable):
        raise _not_headers()
    for entry in listed:
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise _not_headers()
        yield entry[0], entry[1]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    raise _not_headers()


def _not_headers() -> InvalidInput:
    rule = "a mapping or pairs, with names and values as text or bytes"
    return blocked_argument("headers", rule)


def blocked_argument(name: str, rule: str) -> InvalidInput:
    """Return the refusal of a caller's argument, with the rule and not the value."""
    issue = Issue(name, Effect.BLOCKED, rule, "anybank", f"must be {rule}")
    return InvalidInput([issue])
