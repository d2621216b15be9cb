"""Rows of a user's file, CSV or JSON Lines, read one at a time from where they begin.

An error names file, line and column, and never a value.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, TypeAlias

from attrs import define, field

from ..errors import ConfigurationError
from .offsets import Offsets

Row: TypeAlias = Mapping[str, object]

_JSON = (".jsonl", ".ndjson", ".json")
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 20
ID = "source_id"


@define
class Rows:
    """The rows of a file by `source_id`, of which only their places are in memory."""

    path: Path
    known: Sequence[str]
    """The columns that the file may have beside the id."""
    _file: BinaryIO = field(init=False, repr=False)
    _columns: Sequence[str] = field(init=False, factory=tuple)
    _offsets: Offsets = field(init=False, factory=Offsets)

    def __attrs_post_init__(self) -> None:
        try:
            self._file = self.path.open("rb")
        except OSError as error:
            said = error.strerror
        else:
            if self._file.seekable():
                return
            self._file.close()
            said = "it is a pipe, and is read more than once: name a file"
        raise ConfigurationError(f"{self.path} cannot be read: {said}")

    @property
    def is_json(self) -> bool:
        """Tell JSON Lines by the file's name; anything else is CSV."""
        return self.path.suffix.lower() in _JSON

    def sha256(self) -> str:
        """Return the checksum of the file."""
        digest = sha256()
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    def index(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with its line, and note where it begins."""
        start = self._past_header()
        line = 1 + self._lines_to(start)
        while text := self._text_of_row(line):
            start = self._file.tell() - len(text.encode())
            if text.strip():
                row = self._parsed(text, line)
                self._offsets.add(self._id(row, line), start)
                yield line, row
            line += text.count("\n")
        self._offsets.sort()
        self._refuse_doubles()

    def find(self, identifier: str) -> Row | None:
        """Return the row of an id, None where there is none."""
        for offset in self._offsets.find(identifier):
            row = self._at(offset)
            if row[ID] == identifier:
                return row
        return None

    def __len__(self) -> int:
        return len(self._offsets)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _past_header(self) -> int:
        """Read the header of a CSV, and return where the first row begins."""
        self._file.seek(0)
        begin = len(_BOM) if self._file.read(len(_BOM)) == _BOM else 0
        self._file.seek(begin)
        if not self.is_json:
            names = [name.strip() for name in self._fields(self._text_of_row(1), 1)]
            self._require_columns(names, 1)
            self._columns = names
        return self._file.tell()

    def _require_columns(self, names: Sequence[str], line: int) -> None:
        for column, name in enumerate(names, 1):
            if name not in (ID, *self.known):
                known = ", ".join(self.known)
                raise self.wrong(line, column, f"is not one of {ID}, {known}")
            if name in names[: column - 1]:
                raise self.wrong(line, name, "is there twice")
        if ID not in names:
            raise self.wrong(line, ID, "is missing")

    def _text_of_row(self, line: int) -> str:
        """Read a row whole: a quoted cell of CSV may go over line ends."""
        text = self._text_of_line(line)
        while not self.is_json and text.count('"') % 2:
            more = self._text_of_line(line)
            if not more:
                raise self.wrong(line, None, "a quotation mark is not closed")
            text += more
        return text

    def _text_of_line(self, line: int) -> str:
        try:
            return self._file.readline().decode("utf-8")
        except UnicodeDecodeError:
            pass
        raise self.wrong(line, None, "is not UTF-8")

    def _parsed(self, text: str, line: int) -> Row:
        row = self._object(text, line) if self.is_json else self._cells(text, line)
        return {name: value for name, value in row.items() if value not in ("", None)}

    def _object(self, text: str, line: int) -> Row:
        try:
            found = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.wrong(line, None, "is not a JSON object with each name once")
        self._require_columns(list(found), line)
        return found

    def _cells(self, text: str, line: int) -> Row:
        cells = [cell.strip() for cell in self._fields(text, line)]
        if len(cells) != len(self._columns):
            said = f"has {len(cells)} columns, the header {len(self._columns)}"
            raise self.wrong(line, None, said)
        return dict(zip(self._columns, cells, strict=True))

    def _fields(self, text: str, line: int) -> list[str]:
        try:
            return next(csv.reader([text], strict=True), [])
        except csv.Error:
            pass
        most = csv.field_size_limit()
        raise self.wrong(
            line, None, f"is not CSV, or has a cell of over {most} letters"
        )

    def _id(self, row: Row, line: int) -> str:
        found = row.get(ID)
        if not isinstance(found, str):
            raise self.wrong(line, ID, "is empty" if found is None else "is not a text")
        return found

    def _refuse_doubles(self) -> None:
        for one, other in self._offsets.doubles():
            if self._at(one)[ID] == self._at(other)[ID]:
                first, second = sorted(1 + self._lines_to(at) for at in (one, other))
                raise self.wrong(second, ID, f"is the same as in line {first}")

    def _at(self, offset: int) -> Row:
        self._file.seek(offset)
        return self._parsed(self._text_of_row(0), 0)

    def _lines_to(self, offset: int) -> int:
        self._file.seek(0)
        lines, left = 0, offset
        while chunk := self._file.read(min(left, _CHUNK)):
            lines, left = lines + chunk.count(b"\n"), left - len(chunk)
        self._file.seek(offset)
        return lines

    def wrong(
        self, line: int, column: str | int | None, said: str
    ) -> ConfigurationError:
        """Return the complaint about a place in the file."""
        place = "" if column is None else f", column {column}"
        return ConfigurationError(f"{self.path}, line {line}{place}: {said}")


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name that comes twice: one of the two would be dropped in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
