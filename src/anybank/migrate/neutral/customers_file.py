"""Neutral files on the disk: opened and checked whole, read by id, and added to.

What is added is on the disk before anybody is told so. A line that a crash cut off was
never told of, and makes room for the next. Several processes may add: each takes in first
what the others have written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from attrs import define, field

from ..._engine.files import open_regular
from ...errors import ConfigurationError
from ..journal.file_lock import flock, unix_locks, unlock
from . import checked_lines
from .checked_lines import FileTail, customers_from, cut_off, damaged
from .headers import LONGEST, require_growing
from .keys import FileKey
from .line_offsets import LineOffsets
from .seals import InvalidLine, LineKind, Seal

_CHUNK = 1 << 12
"""How many bytes are read at once to find the end of a line: as a rule one has fewer."""


class IdExists(Exception):
    """The file has a customer of this id."""


@define
class CustomersFile:
    """A file of customers, open; in memory are places in it, sixteen bytes a line."""

    path: Path
    _handle: int = field(repr=False)
    _end: FileTail = field(repr=False)
    _places: LineOffsets = field(init=False, factory=LineOffsets)

    @classmethod
    def opened(cls, path: Path, key: FileKey, *, receiving: bool = False) -> Self:
        """Open a file and check all of it; raises ConfigurationError.

        One that is `receiving` need not be closed yet, and must be a migration's own.
        """
        unix_locks()
        handle = _opened(path, os.O_RDWR if receiving else os.O_RDONLY)
        with ExitStack() as unless_good:
            unless_good.callback(os.close, handle)
            seal = Seal.of(path, _line(handle, 0, LONGEST), key)
            if receiving:
                require_growing(path, seal.header)
            opened_file = cls(path, handle, FileTail(seal, len(seal.first)))
            opened_file._places.add_all(opened_file._unread())
            if not receiving:
                opened_file._require_closed()
            unless_good.pop_all()
            return opened_file

    @property
    def count(self) -> int:
        """How many customers there are."""
        return self._end.count

    def find(self, identifier: str) -> bytes | None:
        """Return the customer of an id as JSON, None where there is none."""
        for place in self._places.find(identifier):
            _, plain, _ = self._at(place)
            if json.loads(plain)["id"] == identifier:
                return plain
        return None

    def page(self, place: int | None, size: int) -> tuple[list[bytes], int | None]:
        """Return customers from a place on, and where the next are, None for the end."""
        at = len(self._end.seal.first) if place is None else place
        customers: list[bytes] = []
        while at < self._end.place and len(customers) < size:
            kind, plain, at = self._at(at)
            if kind is LineKind.CUSTOMER:
                customers.append(plain)
        return customers, at if at < self._end.place else None

    def add(self, identifier: str, plain: bytes) -> None:
        """Add a customer durably; raises Taken where the id is there already."""
        with self._alone():
            if self.find(identifier) is not None:
                raise IdExists
            place = self._end.place
            self._write(LineKind.CUSTOMER, self._end.customer(plain))
            self._places.add(identifier, place)

    def seal(self) -> None:
        """Write the closing line, if there is none at the end."""
        with self._alone():
            if not self._end.is_closed:
                self._write(LineKind.END, self._end.closing())

    def close(self) -> None:
        """Close the file as it is."""
        os.close(self._handle)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        flock(self._handle, str(self.path), shared=False, wait=True)
        try:
            self._catch_up()
            yield
        finally:
            unlock(self._handle)

    def _catch_up(self) -> None:
        """Take in what others have added beyond the end that is known."""
        if self._size() != self._end.place:
            for identifier, place in self._unread():
                self._places.add(identifier, place)

    def _unread(self) -> Iterator[tuple[str, int]]:
        """Yield the id and the place of each customer beyond that end."""
        with os.fdopen(os.dup(self._handle), "rb") as file:
            for place, plain in customers_from(self.path, file, self._end):
                yield json.loads(plain)["id"], place

    def _size(self) -> int:
        return os.fstat(self._handle).st_size

    def _write(self, kind: LineKind, line: bytes) -> None:
        place = self._end.place
        try:
            os.ftruncate(self._handle, place)
            written = 0
            while written < len(line):
                written += os.pwrite(self._handle, line[written:], place + written)
            os.fsync(self._handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._handle, place)
            raise
        self._end.take(kind, line)

    def _at(self, place: int) -> tuple[LineKind, bytes, int]:
        """Return what the line at a place holds, and where the next begins."""
        line = _line(self._handle, place, checked_lines.LONGEST)
        try:
            return *self._end.seal.opened(line, place), place + len(line)
        except InvalidLine:
            pass
        raise damaged(self.path, self._number_of(place))

    def _number_of(self, place: int) -> int:
        """Return the number of the line that begins at a place."""
        at, number = 0, 1
        while at < place:
            at += len(_line(self._handle, at, checked_lines.LONGEST)) or place
            number += 1
        return number

    def _require_closed(self) -> None:
        if not self._end.is_closed or self._size() > self._end.place:
            raise cut_off(self.path, self._end)


def _line(handle: int, place: int, longest: int) -> bytes:
    """Return the line that begins at a place, no longer than it may be."""
    line = b""
    while len(line) < longest:
        chunk = os.pread(handle, _CHUNK, place + len(line))
        whole, newline, _ = chunk.partition(b"\n")
        line += whole + newline
        if newline or not chunk:
            break
    return line


def _opened(path: Path, flags: int) -> int:
    try:
        return open_regular(path, flags)
    except OSError as error:
        reason = error.strerror
    raise ConfigurationError(f"{path} cannot be opened: {reason}")
