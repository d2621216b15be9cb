"""A webhook delivery in a file: headers, an empty line and the body, as HTTP sends them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
from attrs import field, frozen

from .._engine.files import DOCUMENT, read_bytes, read_up_to

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rb"[A-Z]+ \S+ HTTP/[0-9.]+")


@frozen
class DeliveryFile:
    """The headers and the body of a delivery."""

    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)


def read_delivery(path: str) -> DeliveryFile:
    """Read the delivery in a file, or from stdin for `-`.

    Raises OSError, and UsageError for a file without headers; neither shows the content.
    """
    if path == "-":
        content = read_up_to(sys.stdin.buffer, DOCUMENT)
    else:
        content = read_bytes(Path(path))
    head, separator, body = _split(content)
    headers = [_header(line) for line in head.splitlines() if line]
    if not separator or None in headers:
        raise click.UsageError(
            "the file is not a delivery: it must have one header a line (Name: value), "
            "an empty line, and the body exactly as it arrived"
        )
    return DeliveryFile([header for header in headers if header], body)


def _split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the headers without the request line, the empty line, and the body."""
    match = _EMPTY_LINE.search(content)
    if match is None:
        return content, b"", b""
    head, body = content[: match.start()], content[match.end() :]
    first, _, rest = head.partition(b"\n")
    if _REQUEST_LINE.fullmatch(first.rstrip(b"\r")):
        head = rest
    return head, match[0], body


def _header(line: bytes) -> tuple[str, str] | None:
    name, colon, value = line.decode("latin-1").partition(":")
    return (name.strip(), value.strip()) if colon and name.strip() else None
