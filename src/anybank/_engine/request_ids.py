"""Read the id of a request from a response: the vendor's support needs it."""

from __future__ import annotations

import re

from ..adapter.wire import Response

_HEADERS = (
    "x-request-id",
    "request-id",
    "x-requestid",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-ms-request-id",
    "x-vcap-request-id",
    "x-correlation-id",
    "correlation-id",
    "x-trace-id",
    "cf-ray",
)
"""Common header names; the first that is present is used."""

_ID = re.compile(r"(?![0-9-]{9,11}\Z)[A-Za-z0-9_.:/=+-]{1,100}")
"""The form of an id: no spaces, no @, and not digits in the length of an SSN or a date."""


def header_request_id(response: Response) -> str | None:
    """Return the request id in a response's headers, or None."""
    for name in _HEADERS:
        value = response.headers.get(name)
        if value is not None and is_request_id(value):
            return value
    return None


def is_request_id(value: object) -> bool:
    """Return whether a value has the form of a request id."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))
