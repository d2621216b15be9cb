"""The lines of a neutral file, in order: reading them checks them all, and their end.

A closing line has the count and the checksum of everything before it. A file that
a migration adds to has one for each time that it was closed; the last line of a whole
file is one.
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
"""How many bytes one customer may take: a damaged file is not read into memory."""


@define
class FileTail:
    """The end of what was read or written, and the sum of all before it."""

    seal: Seal
    place: int
    number: int = 1
    """How many lines there are."""
    count: int = 0
    """How many of them are customers."""
    is_closed: bool = False
    _sum: _Hash = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._sum = sha256(self.seal.first)

    def customer(self, plain: bytes) -> bytes:
        """Return the line of a customer, to be written here."""
        return self.seal.line(LineKind.CUSTOMER, self.place, plain)

    def closing(self) -> bytes:
        """Return the closing line, to be written here."""
        return self.seal.line(LineKind.END, self.place, self._total())

    def take(self, kind: LineKind, line: bytes) -> None:
        """Go past a line."""
        self._sum.update(line)
        self.place += len(line)
        self.number += 1
        self.count += kind is LineKind.CUSTOMER
        self.is_closed = kind is LineKind.END

    def opened(self, line: bytes) -> tuple[LineKind, bytes]:
        """Return what the next line holds; raises Broken."""
        kind, plain = self.seal.opened(line, self.place)
        if kind is LineKind.END and plain != self._total():
            raise InvalidLine
        return kind, plain

    def _total(self) -> bytes:
        total = {"customers": self.count, "sha256": self._sum.hexdigest()}
        return json.dumps(total).encode()


def customers_from(
    path: Path, file: BinaryIO, end: FileTail
) -> Iterator[tuple[int, bytes]]:
    """Yield each customer from the end of what is known on, with its place.

    Stops before a last line that is not whole. Raises ConfigurationError.
    """
    file.seek(end.place)
    while (line := file.readline(LONGEST)).endswith(b"\n"):
        place = end.place
        kind, plain = _opened(path, end, line)
        end.take(kind, line)
        if kind is LineKind.CUSTOMER:
            yield place, plain


def _opened(path: Path, end: FileTail, line: bytes) -> tuple[LineKind, bytes]:
    try:
        return end.opened(line)
    except InvalidLine:
        pass
    raise damaged(path, end.number + 1)


def damaged(path: Path, number: int) -> ConfigurationError:
    """Return the complaint about a line that is not the one written there."""
    return ConfigurationError(
        f"{path}, line {number}: was changed, moved or damaged: take the file again from "
        "where it was written"
    )


def cut_off(path: Path, end: FileTail) -> ConfigurationError:
    """Return the complaint about a file that does not end with a closing line."""
    return ConfigurationError(
        f"{path}, line {end.number + 1}: the file is cut off after {end.count:,} "
        "customers, and its closing line is missing: take it again from where it was "
        "written, or run the `anybank migrate apply` that was writing it to its end"
    )
