"""Reads the lines of a neutral file in order, and checks each line and the end.

A closing line has the count and the checksum of everything before it. The file of a
migration has one for each time that it was closed, and a complete file ends with one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from attrs import define, field

from ...errors import ConfigurationError
from .seals import InvalidLine, LineKind, Seal

if TYPE_CHECKING:
    from hashlib import _Hash

LONGEST = 1 << 24
"""The most bytes of a line, so that a damaged file is not read into memory as one line."""


@define
class FileTail:
    """The end of the lines that were read or written, and the checksum of all of them."""

    seal: Seal
    offset: int
    number: int = 1
    """How many lines there are."""
    count: int = 0
    """How many of them are customers."""
    is_closed: bool = False
    _sum: _Hash = field(init=False, repr=False)
    """Updated line by line, so that a closing line needs no second read of the file."""

    def __attrs_post_init__(self) -> None:
        self._sum = sha256(self.seal.first)

    def customer(self, plain: bytes) -> bytes:
        """Return the encrypted line of a customer, for the end of the file."""
        return self.seal.line(LineKind.CUSTOMER, self.offset, plain)

    def closing(self) -> bytes:
        """Return the closing line, for the end of the file."""
        return self.seal.line(LineKind.END, self.offset, self._total())

    def advance(self, kind: LineKind, line: bytes) -> None:
        """Move the end past a line that was read or written."""
        self._sum.update(line)
        self.offset += len(line)
        self.number += 1
        self.count += kind is LineKind.CUSTOMER
        self.is_closed = kind is LineKind.END

    def opened(self, line: bytes) -> tuple[LineKind, bytes]:
        """Return the kind and the text of the next line; raises InvalidLine."""
        kind, plain = self.seal.opened(line, self.offset)
        if kind is LineKind.END and plain != self._total():
            raise InvalidLine
        return kind, plain

    def _total(self) -> bytes:
        total = {"customers": self.count, "sha256": self._sum.hexdigest()}
        return json.dumps(total).encode()


def customers_from(
    path: Path, file: BinaryIO, end: FileTail
) -> Iterator[tuple[int, bytes]]:
    """Yield each customer after the known end, with its offset.

    Stops before a last line without a line end, which a crash has cut off or another
    process is writing. Raises ConfigurationError for a damaged line.
    """
    file.seek(end.offset)
    while (line := file.readline(LONGEST)).endswith(b"\n"):
        offset = end.offset
        kind, plain = _opened(path, end, line)
        end.advance(kind, line)
        if kind is LineKind.CUSTOMER:
            yield offset, plain


def _opened(path: Path, end: FileTail, line: bytes) -> tuple[LineKind, bytes]:
    try:
        return end.opened(line)
    except InvalidLine:
        pass
    raise damaged(path, end.number + 1)


def damaged(path: Path, number: int) -> ConfigurationError:
    """Return the error for a line that is not the one that was written there."""
    return ConfigurationError(
        f"{path}, line {number}: was changed, moved or damaged: copy the file again from "
        "its origin"
    )


def cut_off(path: Path, end: FileTail) -> ConfigurationError:
    """Return the error for a file that does not end with a closing line."""
    return ConfigurationError(
        f"{path}, line {end.number + 1}: the file is cut off after {end.count:,} "
        "customers, and its closing line is missing: copy it again from its origin, or "
        "finish the `anybank migrate apply` that was writing it"
    )
