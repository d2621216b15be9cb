"""Rows of a user's file, CSV or JSON Lines, read one at a time from where they begin.

An error names file, line and column, and never a value.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Self, TypeAlias

from attrs import define, field

from .._files import LINE, read_line, reading
from ..errors import ConfigurationError
from .absences import stands_for_nothing
from .offsets import Offsets

Row: TypeAlias = Mapping[str, object]

_JSON = (".jsonl", ".ndjson", ".json")
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_UTF_8 = "is UTF-16, or has a NUL character: save the file as UTF-8"
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
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
            self._file = reading(self.path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            return
        raise ConfigurationError(f"{self.path} cannot be read: {reason}")

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
        """Yield each row with its line, and note where it begins.

        Raises ConfigurationError where there is none.
        """
        line = 1 + self._past_header()
        start = self._file.tell()
        while lines := (found := self._next(line))[1]:
            if row := found[0]:
                self._offsets.add(self._id(row, line), start)
                yield line, row
            line, start = line + lines, self._file.tell()
        if not len(self):
            raise ConfigurationError(f"{self.path} has no rows")
        self._offsets.sort()
        self._refuse_doubles()

    def find(self, identifier: str) -> Row | None:
        """Return the row of an id, None where there is none."""
        for offset in self._offsets.find(identifier):
            row = self._at(offset)
            if row.get(ID) == identifier:
                return row
        return None

    def __len__(self) -> int:
        return len(self._offsets)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _past_header(self) -> int:
        """Read the header of a CSV, and return how many lines it has."""
        self._file.seek(0)
        begin = self._file.read(len(_BOM))
        if begin.startswith(_UTF_16):
            raise self.wrong(1, None, _NOT_UTF_8)
        self._file.seek(len(_BOM) if begin == _BOM else 0)
        if self.is_json:
            return 0
        cells, lines = self._cells(1)
        if not lines:
            raise ConfigurationError(f"{self.path} is empty")
        self._columns = [name.strip() for name in cells]
        self._require_separator(cells)
        self._require_columns(self._columns, 1)
        return lines

    def _require_separator(self, cells: Sequence[str]) -> None:
        text = ",".join(cells)
        if text.lower().startswith("sep="):
            raise self.wrong(1, None, "is a spreadsheet's `sep=` line: remove it")
        if found := separator_of(text):
            raise self.wrong(1, None, found)

    def _require_columns(self, names: Sequence[str], line: int) -> None:
        for column, name in enumerate(names, 1):
            if name not in (ID, *self.known):
                known = ", ".join(self.known)
                raise self.wrong(line, column, f"is not one of {ID}, {known}")
            if name in names[: column - 1]:
                raise self.wrong(line, name, "is there twice")
        if ID not in names:
            raise self.wrong(line, ID, "is missing")

    def _next(self, line: int) -> tuple[Row | None, int]:
        """Return the next row, None where it is blank, and its lines: 0 at the end."""
        if self.is_json:
            text = self._text_of_line(line)
            return (self._object(text, line) if text.strip() else None), bool(text)
        cells, lines = self._cells(line)
        if not any(cells):
            return None, lines
        if len(cells) != len(self._columns):
            problem = f"has {len(cells)} columns, the header {len(self._columns)}"
            raise self.wrong(line, None, problem)
        return _without_empty(dict(zip(self._columns, cells, strict=True))), lines

    def _cells(self, line: int) -> tuple[list[str], int]:
        """Return the cells of the next row of CSV, and how many lines it has.

        A quoted cell may go over line ends, but not beyond the largest cell or row.
        """
        texts = _Lines(partial(self._text_of_line, line))
        try:
            cells = next(csv.reader(texts, strict=True), [])
        except csv.Error:
            cells = None
        if cells is None or texts.is_too_long:
            raise self.wrong(line, None, texts.problem)
        return [cell.strip() for cell in cells], texts.count

    def _text_of_line(self, line: int) -> str:
        try:
            text = read_line(self._file).decode("utf-8")
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        else:
            if "\0" not in text:
                return text
            problem = _NOT_UTF_8
        raise self.wrong(line, None, problem)

    def _object(self, text: str, line: int) -> Row:
        try:
            found = json.loads(text, object_pairs_hook=once)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.wrong(line, None, "is not a JSON object with each name once")
        self._require_columns(list(found), line)
        return _without_empty(found)

    def _id(self, row: Row, line: int) -> str:
        found = row.get(ID)
        if not isinstance(found, str):
            raise self.wrong(line, ID, "is empty" if found is None else "is not a text")
        if problem := id_problem(found):
            raise self.wrong(line, ID, problem)
        return found

    def _refuse_doubles(self) -> None:
        for one, other in self._offsets.doubles():
            if self._at(one).get(ID) == self._at(other).get(ID):
                first, second = sorted(1 + self._lines_to(at) for at in (one, other))
                raise self.wrong(second, ID, f"is the same as in line {first}")

    def _at(self, offset: int) -> Row:
        self._file.seek(offset)
        return self._next(0)[0] or {}

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


@define
class _Lines:
    """The lines of one row, as csv.reader takes them: counted, and of bounded length."""

    read: Callable[[], str]
    count: int = 0
    is_too_long: bool = False
    _length: int = 0
    _is_at_end: bool = False
    _last: str = ""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        text = self.read()
        self._length += len(text)
        self._is_at_end = not text
        self.is_too_long = self._length > LINE
        if self._is_at_end or self.is_too_long:
            raise StopIteration
        self.count, self._last = self.count + 1, text
        return text

    @property
    def problem(self) -> str:
        """What is wrong with a row that csv.reader does not accept."""
        if self.count > 1 or self._is_at_end or self.is_too_long:
            return "a quotation mark is not closed"
        if "\r" in self._last.rstrip("\r\n"):
            return "has a carriage return where no line ends: save it with LF or CRLF"
        return f"is not CSV, or has a cell of over {csv.field_size_limit()} letters"


def id_problem(text: str) -> str | None:
    """Say why a text is no id of a customer, None where it may be one."""
    if stands_for_nothing(text):
        return "is a word that programs write for no value"
    if not text.isprintable():
        return "has an invisible character, so it would be nobody's"
    return None


def separator_of(header: str) -> str | None:
    """Say by what a header's columns are separated if not by commas, None for commas."""
    for mark, name in _SEPARATORS.items():
        if mark in header:
            return f"has its columns separated by {name}: save the file with commas"
    return None


def _without_empty(row: Row) -> Row:
    return {name: value for name, value in row.items() if value not in ("", None)}


def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return an object's members; raises ValueError where a name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
