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

from ..._engine.files import LINE, read_line, reading
from ...errors import ConfigurationError
from .file_layout import MARKS, SEPARATORS, Layout, read_line_of_utf_16, suggest_column
from .null_words import is_null_word
from .row_offsets import RowOffsets

Row: TypeAlias = Mapping[str, object]

_JSON = (".jsonl", ".ndjson", ".json")
_NOT_UTF_8 = "is UTF-16, or has a NUL character: save the file as UTF-8"
_CHUNK = 1 << 20
ID = "source_id"


@define
class RowFile:
    """The rows of a file by `source_id`, of which only their places are in memory."""

    path: Path
    known: Sequence[str]
    """The columns that the file may have beside the id."""
    layout: Layout | None = None
    """How its columns are named and separated; None for a file with commas in UTF-8."""
    knows: Callable[[str], bool] | None = None
    """Tells a column that the file may have; None where all are in `known`."""
    _file: BinaryIO = field(init=False, repr=False)
    _columns: Sequence[str] = field(init=False, factory=tuple)
    _offsets: RowOffsets = field(init=False, factory=RowOffsets)
    _encoding: str = field(init=False, default="utf-8")
    _passed_over: int = field(init=False, default=0)

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

    @property
    def notes(self) -> Iterator[str]:
        """Sentences on what was detected or passed over in the file."""
        mark = self.layout and self.layout.separator
        if mark and mark != "," and not self.is_json:
            yield f"The columns of the supplement are separated by {SEPARATORS[mark]}."
        if self._encoding != "utf-8":
            yield "The supplement is UTF-16."
        if count := self._passed_over:
            yield f"{count} columns of the supplement are ignored."

    def _past_header(self) -> int:
        """Read the header of a CSV, and return how many lines it has."""
        self._past_mark()
        if self.is_json:
            return 0
        start = self._file.tell()
        if self.layout is not None:
            self.layout = self.layout.detected(self._text_of_line(1), ID)
            self._file.seek(start)
        cells, lines = self._cells(1)
        if not lines:
            raise ConfigurationError(f"{self.path} is empty")
        self._columns = self._named(cells, 1)
        return lines

    def _past_mark(self) -> None:
        """Go past a byte-order mark, which tells the encoding."""
        self._file.seek(0)
        begin = self._file.read(len(MARKS[0][0]))
        found = next((each for each in MARKS if begin.startswith(each[0])), (b"", None))
        self._encoding = found[1] or "utf-8"
        if self._encoding != "utf-8" and self.layout is None:
            raise self.wrong(1, None, _NOT_UTF_8)
        self._file.seek(len(found[0]))

    def _named(self, cells: Sequence[str], line: int) -> list[str]:
        """Return the columns of a header by our names, which it must have."""
        text = ",".join(cells)
        if text.lower().startswith("sep="):
            raise self.wrong(line, None, "is a spreadsheet's `sep=` line: remove it")
        if self.layout is None and (problem := separator_of(text)):
            raise self.wrong(line, None, problem)
        if self.layout and (problem := self.layout.missing([*map(str.strip, cells)])):
            raise self.wrong(line, None, problem)
        names = self.layout.named(cells) if self.layout else [*map(str.strip, cells)]
        self._require_columns(names, line)
        return names

    def _require_columns(self, names: Sequence[str], line: int) -> None:
        passed_over = 0
        for column, name in enumerate(names, 1):
            if not self._is_known(name):
                if not (self.layout and self.layout.passes_over(name)):
                    raise self.wrong(line, column, self._unknown(name))
                passed_over += 1
            elif name in names[: column - 1]:
                raise self.wrong(line, name, "is there twice")
        if ID not in names:
            raise self.wrong(line, ID, f"is missing{self._separated()}")
        self._passed_over = max(passed_over, self._passed_over)

    def _is_known(self, name: str) -> bool:
        known = self.knows(name) if self.knows else name in self.known
        return known or name == ID

    def _unknown(self, name: str) -> str:
        """Say that a column is not known, and what seems to be meant, without its text."""
        problem = f"is not one of {', '.join((ID, *self.known))}"
        if self.layout is None:
            return problem
        meant = suggest_column(name, (ID, *self.known))
        way = (
            f'{meant} seems to be meant: --map "ITS NAME={meant}" reads it so'
            if meant
            else '--ignore-columns "ITS NAME" passes over it'
        )
        return f"{problem}; {way}{self._separated()}"

    def _separated(self) -> str:
        mark = self.layout and self.layout.separator
        if self.is_json or mark in (None, ","):
            return ""
        return f" (the columns seem to be separated by {SEPARATORS[str(mark)]})"

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
        return self._row(dict(zip(self._columns, cells, strict=True))), lines

    def _cells(self, line: int) -> tuple[list[str], int]:
        """Return the cells of the next row of CSV, and how many lines it has.

        A quoted cell may go over line ends, but not beyond the largest cell or row.
        """
        texts = _Lines(partial(self._text_of_line, line))
        try:
            cells = next(csv.reader(texts, strict=True, delimiter=self._mark), [])
        except csv.Error:
            cells = None
        if cells is None or texts.is_too_long:
            raise self.wrong(line, None, texts.problem)
        return [cell.strip() for cell in cells], texts.count

    @property
    def _mark(self) -> str:
        return (self.layout and self.layout.separator) or ","

    def _row(self, found: Row) -> Row:
        """Return what a row has of the columns that are known."""
        return {
            name: value
            for name, value in found.items()
            if value not in ("", None) and self._is_known(name)
        }

    def _bytes_of_line(self) -> bytes:
        if self._encoding == "utf-8":
            return read_line(self._file)
        is_big = self._encoding == "utf-16-be"
        return read_line_of_utf_16(self._file, is_big=is_big)

    def _text_of_line(self, line: int) -> str:
        try:
            text = self._bytes_of_line().decode(self._encoding)
        except UnicodeDecodeError:
            problem = f"is not {self._encoding[:6].upper().rstrip('-')}"
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
        names = self.layout.named(list(found)) if self.layout else list(found)
        self._require_columns(names, line)
        return self._row(dict(zip(names, found.values(), strict=True)))

    def _id(self, row: Row, line: int) -> str:
        found = row.get(ID)
        if not isinstance(found, str):
            raise self.wrong(line, ID, "is empty" if found is None else "is not a text")
        if problem := id_problem(found):
            raise self.wrong(line, ID, problem)
        return found

    def _refuse_doubles(self) -> None:
        for one, other in self._offsets.possible_duplicates():
            if self._at(one).get(ID) == self._at(other).get(ID):
                first, second = sorted(1 + self._lines_to(at) for at in (one, other))
                raise self.wrong(second, ID, f"is the same as in line {first}")

    def _at(self, offset: int) -> Row:
        self._file.seek(offset)
        return self._next(0)[0] or {}

    def _lines_to(self, offset: int) -> int:
        self._past_mark()
        lines = 0
        while self._file.tell() < offset and self._bytes_of_line():
            lines += 1
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
    if is_null_word(text):
        return "is a word that programs write for no value"
    if not text.isprintable():
        return "has an invisible character, so it would be nobody's"
    return None


def separator_of(header: str) -> str | None:
    """Say by what a header's columns are separated if not by commas, None for commas."""
    for mark, name in SEPARATORS.items():
        if mark != "," and mark in header:
            return f"has its columns separated by {name}: save the file with commas"
    return None


def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return an object's members; raises ValueError where a name comes twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found
