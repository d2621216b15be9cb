"""Neutral files on the disk: opened and checked as a whole, read by id, and appended to.

A customer is on the disk before `add` returns. A line that a crash cut off was never
reported as written, and the next line overwrites it. Several processes may append: each
first reads the lines that the others have written.
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
"""How many bytes are read at a time to find the end of a line; most lines are shorter."""


class IdExists(Exception):
    """The file has a customer with this id."""


@define
class CustomersFile:
    """An open file of customers, with an index of its lines in a temporary file."""

    path: Path
    _handle: int = field(repr=False)
    _end: FileTail = field(repr=False)
    _offsets: LineOffsets = field(init=False, factory=LineOffsets)

    @classmethod
    def opened(cls, path: Path, key: FileKey, *, receiving: bool = False) -> Self:
        """Open a file and check all of it; raises ConfigurationError.

        A `receiving` file needs no closing line yet, but must be the file of a migration.
        """
        unix_locks()
        handle = _opened(path, os.O_RDWR if receiving else os.O_RDONLY)
        with ExitStack() as unless_good:
            unless_good.callback(os.close, handle)
            seal = Seal.of(path, _line(handle, 0, LONGEST), key)
            if receiving:
                require_growing(path, seal.header)
            opened_file = cls(path, handle, FileTail(seal, len(seal.first)))
            unless_good.callback(opened_file._offsets.close)
            opened_file._offsets.add_all(opened_file._unread())
            if not receiving:
                opened_file._require_closed()
            unless_good.pop_all()
            return opened_file

    @property
    def count(self) -> int:
        """How many customers there are."""
        return self._end.count

    def find(self, identifier: str) -> bytes | None:
        """Return the customer with an id as JSON, or None."""
        # The index holds hashes, so the id of the line is compared.
        for offset in self._offsets.find(identifier):
            _, plain, _ = self._at(offset)
            if json.loads(plain)["id"] == identifier:
                return plain
        return None

    def page(self, offset: int | None, size: int) -> tuple[list[bytes], int | None]:
        """Return customers from an offset on, and the offset of the next page or None."""
        at = len(self._end.seal.first) if offset is None else offset
        customers: list[bytes] = []
        while at < self._end.offset and len(customers) < size:
            kind, plain, at = self._at(at)
            if kind is LineKind.CUSTOMER:
                customers.append(plain)
        return customers, at if at < self._end.offset else None

    def add(self, identifier: str, plain: bytes) -> None:
        """Add a customer durably; raises IdExists for an id that the file has."""
        with self._locked():
            if self.find(identifier) is not None:
                raise IdExists
            offset = self._end.offset
            self._write(LineKind.CUSTOMER, self._end.customer(plain))
            self._offsets.add(identifier, offset)

    def seal(self) -> None:
        """Write the closing line, unless the file ends with one."""
        with self._locked():
            if not self._end.is_closed:
                self._write(LineKind.END, self._end.closing())

    def close(self) -> None:
        """Close the file as it is."""
        os.close(self._handle)
        self._offsets.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # Only for one line: the migration's journal has its own lock, and this one keeps
        # lines of two migrations into one file apart.
        flock(self._handle, str(self.path), shared=False, wait=True)
        try:
            self._catch_up()
            yield
        finally:
            unlock(self._handle)

    def _catch_up(self) -> None:
        """Read the lines that other processes have added."""
        if self._size() != self._end.offset:
            for identifier, offset in self._unread():
                self._offsets.add(identifier, offset)

    def _unread(self) -> Iterator[tuple[str, int]]:
        """Yield the id and the offset of each customer after the last known line."""
        # A duplicate, because closing the file object closes its descriptor.
        with os.fdopen(os.dup(self._handle), "rb") as file:
            for offset, plain in customers_from(self.path, file, self._end):
                yield json.loads(plain)["id"], offset

    def _size(self) -> int:
        return os.fstat(self._handle).st_size

    def _write(self, kind: LineKind, line: bytes) -> None:
        offset = self._end.offset
        try:
            # Removes a line that a crash cut off. A shorter new line would otherwise leave
            # the rest of it behind.
            os.ftruncate(self._handle, offset)
            written = 0
            while written < len(line):  # a full disk accepts a part of the bytes
                written += os.pwrite(self._handle, line[written:], offset + written)
            os.fsync(self._handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._handle, offset)
            raise
        self._end.advance(kind, line)

    def _at(self, offset: int) -> tuple[LineKind, bytes, int]:
        """Return the kind and text of the line at an offset, and the offset of the next."""
        line = _line(self._handle, offset, checked_lines.LONGEST)
        try:
            return *self._end.seal.opened(line, offset), offset + len(line)
        except InvalidLine:
            pass
        raise damaged(self.path, self._number_of(offset))

    def _number_of(self, offset: int) -> int:
        """Return the number of the line that begins at an offset."""
        at, number = 0, 1
        while at < offset:
            at += len(_line(self._handle, at, checked_lines.LONGEST)) or offset
            number += 1
        return number

    def _require_closed(self) -> None:
        if not self._end.is_closed or self._size() > self._end.offset:
            raise cut_off(self.path, self._end)


def _line(handle: int, offset: int, longest: int) -> bytes:
    """Return the line that begins at an offset, up to the longest length."""
    line = b""
    while len(line) < longest:
        chunk = os.pread(handle, _CHUNK, offset + len(line))
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
