"""A user's file of rows, CSV or JSON Lines, which is read one row at a time.

A file may have millions of rows with SSNs, so neither the file nor a decrypted copy is ever
in memory as a whole. Errors name the file, line and column, and never a value.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self, TypeAlias

from attrs import define, field

from ..._engine.files import LINE, read_line, reading
from ...errors import ConfigurationError
from .file_layout import MARKS, SEPARATORS, Layout, read_line_of_utf_16, suggest_column
from .null_words import is_null_word
from .row_offsets import BUFFERED, RowOffsets

Row: TypeAlias = Mapping[str, object]

_JSON = (".jsonl", ".ndjson", ".json")
_NOT_UTF_8 = "is UTF-16, or has a NUL character: save the file as UTF-8"
_CHUNK = 1 << 20
ID = "source_id"


@define
class RowFile:
    """The rows of a file by `source_id`; neither rows nor offsets are held in memory."""

    path: Path
    known: Sequence[str]
    """The columns that the file may have in addition to the id."""
    layout: Layout | None = None
    """The layout of the file; None for commas and UTF-8 only."""
    knows: Callable[[str], bool] | None = None
    """Returns True for a column that the file may have; None to look in `known`."""
    _file: BinaryIO = field(init=False, repr=False)
    _columns: Sequence[str] = field(init=False, factory=tuple)
    _recognised: frozenset[str] = field(init=False, factory=frozenset)
    """The names in the header, or in the last object, that are not ignored."""
    _offsets: RowOffsets = field(init=False, factory=RowOffsets)
    _encoding: str = field(init=False, default="utf-8")
    _ignored: int = field(init=False, default=0)

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
        """True for JSON Lines, by the file's suffix; any other file is CSV."""
        return self.path.suffix.lower() in _JSON

    def sha256(self) -> str:
        """Return the checksum of the file."""
        digest = sha256()
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    def index(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with its line number, and index its offset.

        Raises ConfigurationError if the file has no rows.
        """
        line = 1 + self._read_header()
        start = self._file.tell()
        while lines := (read := self._next(line))[1]:
            if row := read[0]:
                self._offsets.add(self._id(row, line), start)
                yield line, row
            line, start = line + lines, self._file.tell()
        if not len(self):
            raise ConfigurationError(f"{self.path} has no rows")
        self._offsets.sort()
        self._reject_duplicates()

    def index_again(self) -> None:
        """Index the offsets of a file that is unchanged since `index` has validated it."""
        self._read_header()
        starts = self._starts_of_objects() if self.is_json else self._starts_of_cells()
        while some := list(islice(starts, BUFFERED)):
            self._offsets.extend(some)
        self._offsets.sort()

    def _starts_of_objects(self) -> Iterator[tuple[str, int]]:
        start = self._file.tell()
        while text := self._text_of_line(0):
            if text.strip():
                yield self._id(self._object(text, 0), 0), start
            start = self._file.tell()

    def _starts_of_cells(self) -> Iterator[tuple[str, int]]:
        """Yield the id and the offset of each CSV row.

        One reader serves all rows. It asks for a line only when it needs one, so the end of
        the last line is where the next row begins.
        """
        column, end = self._columns.index(ID), self._file.tell()

        def lines() -> Iterator[str]:
            nonlocal end
            while raw := self._bytes_of_line():
                end += len(raw)
                yield raw.decode(self._encoding)

        start = end
        for cells in csv.reader(lines(), strict=True, delimiter=self._mark):
            if any(cells):
                yield cells[column].strip(), start
            start = end

    def find(self, identifier: str) -> Row | None:
        """Return the row of an id, or None."""
        for offset in self._offsets.find(identifier):
            row = self._at(offset)
            if row.get(ID) == identifier:
                return row
        return None

    def __len__(self) -> int:
        return len(self._offsets)

    def close(self) -> None:
        """Close the file, and remove its index."""
        self._file.close()
        self._offsets.close()

    @property
    def notes(self) -> Iterator[str]:
        """Sentences about what was detected and ignored in the file."""
        mark = self.layout and self.layout.separator
        if mark and mark != "," and not self.is_json:
            yield f"The columns of the supplement are separated by {SEPARATORS[mark]}."
        if self._encoding != "utf-8":
            yield "The supplement is UTF-16."
        if count := self._ignored:
            yield f"{count} columns of the supplement are ignored."

    def _read_header(self) -> int:
        """Read the header of a CSV file, and return its number of lines."""
        self._skip_mark()
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

    def _skip_mark(self) -> None:
        """Skip the byte-order mark, and set the encoding by it."""
        self._file.seek(0)
        start = self._file.read(len(MARKS[0][0]))
        matches = (pair for pair in MARKS if start.startswith(pair[0]))
        mark, encoding = next(matches, (b"", "utf-8"))
        self._encoding = encoding
        # Only a supplement has a layout; a crosswalk or a file of ids must be UTF-8.
        if self._encoding != "utf-8" and self.layout is None:
            raise self.wrong(1, None, _NOT_UTF_8)
        self._file.seek(len(mark))

    def _named(self, cells: Sequence[str], line: int) -> list[str]:
        """Return the columns of a header by our names, after validating them."""
        text = ",".join(cells)
        if text.lower().startswith("sep="):  # Excel writes and reads such a line
            raise self.wrong(line, None, "is a spreadsheet's `sep=` line: remove it")
        if self.layout is None and (problem := separator_of(text)):
            raise self.wrong(line, None, problem)
        if self.layout and (problem := self.layout.missing([*map(str.strip, cells)])):
            raise self.wrong(line, None, problem)
        names = self.layout.named(cells) if self.layout else [*map(str.strip, cells)]
        self._require_columns(names, line)
        return names

    def _require_columns(self, names: Sequence[str], line: int) -> None:
        ignored, self._recognised = 0, frozenset(filter(self._is_known, names))
        for column, name in enumerate(names, 1):
            if name not in self._recognised:
                if not (self.layout and self.layout.ignores(name)):
                    raise self.wrong(line, column, self._unknown(name))
                ignored += 1
            elif name in names[: column - 1]:
                raise self.wrong(line, name, "appears twice")
        if ID not in names:
            raise self.wrong(line, ID, f"is missing{self._separated()}")
        self._ignored = max(ignored, self._ignored)

    def _is_known(self, name: str) -> bool:
        known = self.knows(name) if self.knows else name in self.known
        return known or name == ID

    def _unknown(self, name: str) -> str:
        """Return the problem of an unknown column, with a suggestion, without its name."""
        problem = f"is not one of {', '.join((ID, *self.known))}"
        if self.layout is None:
            return problem
        similar = suggest_column(name, (ID, *self.known))
        hint = (
            f'If it means {similar}, pass --map "ITS NAME={similar}"'
            if similar
            else 'To ignore it, pass --ignore-columns "ITS NAME"'
        )
        return f"{problem}. {hint}{self._separated()}"

    def _separated(self) -> str:
        mark = self.layout and self.layout.separator
        if self.is_json or mark in (None, ","):
            return ""
        return f" (the columns seem to be separated by {SEPARATORS[str(mark)]})"

    def _next(self, line: int) -> tuple[Row | None, int]:
        """Return the next row (None if blank) and its number of lines (0 at the end)."""
        if self.is_json:
            text = self._text_of_line(line)
            return (self._object(text, line) if text.strip() else None), bool(text)
        cells, lines = self._cells(line)
        if not any(cells):
            return None, lines
        if len(cells) != len(self._columns):
            problem = (
                f"has {len(cells)} columns, but the header has {len(self._columns)}"
            )
            raise self.wrong(line, None, problem)
        return self._row(dict(zip(self._columns, cells, strict=True))), lines

    def _cells(self, line: int) -> tuple[list[str], int]:
        """Return the cells of the next CSV row, and its number of lines.

        A quoted cell may contain line ends, within the limits of a cell and a row. Each row
        gets a reader of its own, because a reader of the whole file reads ahead and the
        offset of the row would be lost.
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

    def _row(self, cells: Row) -> Row:
        """Return the known columns of a row that have a value."""
        return {
            name: value
            for name, value in cells.items()
            if value not in ("", None) and name in self._recognised
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
            members = json.loads(text, object_pairs_hook=once)
        except (ValueError, RecursionError):
            members = None
        if not isinstance(members, dict):
            raise self.wrong(line, None, "is not a JSON object with unique names")
        names = self.layout.named(list(members)) if self.layout else list(members)
        self._require_columns(names, line)
        return self._row(dict(zip(names, members.values(), strict=True)))

    def _id(self, row: Row, line: int) -> str:
        text = row.get(ID)
        if not isinstance(text, str):
            raise self.wrong(line, ID, "is empty" if text is None else "is not a text")
        if problem := id_problem(text):
            raise self.wrong(line, ID, problem)
        return text

    def _reject_duplicates(self) -> None:
        # The index holds hashes, so the ids themselves are read and compared.
        for one, other in self._offsets.possible_duplicates():
            if self._at(one).get(ID) == self._at(other).get(ID):
                first, second = sorted(1 + self._lines_to(at) for at in (one, other))
                raise self.wrong(second, ID, f"is the same as in line {first}")

    def _at(self, offset: int) -> Row:
        self._file.seek(offset)
        return self._next(0)[0] or {}

    def _lines_to(self, offset: int) -> int:
        self._skip_mark()
        lines = 0
        while self._file.tell() < offset and self._bytes_of_line():
            lines += 1
        return lines

    def wrong(
        self, line: int, column: str | int | None, problem: str
    ) -> ConfigurationError:
        """Return an error that names the file, line and column."""
        position = "" if column is None else f", column {column}"
        return ConfigurationError(f"{self.path}, line {line}{position}: {problem}")


@define
class _Lines:
    """The lines of one row for csv.reader, counted and limited in length."""

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
        """The problem of a row that csv.reader rejects."""
        if self.count > 1 or self._is_at_end or self.is_too_long:
            return "a quotation mark is not closed"
        if "\r" in self._last.rstrip("\r\n"):
            return "has a carriage return within a line: save the file with LF or CRLF"
        return f"is not CSV, or has a cell over {csv.field_size_limit()} characters"


def id_problem(text: str) -> str | None:
    """Return why a text cannot be a customer's id, or None."""
    if is_null_word(text):
        return "is a word that programs write for a missing value"
    if not text.isprintable():
        return "has an invisible character, so it would match no customer"
    return None


def separator_of(header: str) -> str | None:
    """Return the problem of a header that is not separated by commas, or None."""
    for mark, name in SEPARATORS.items():
        if mark != "," and mark in header:
            return f"has its columns separated by {name}: save the file with commas"
    return None


def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return an object's members; raises ValueError if a name appears twice.

    Python's parser would silently use the last of them.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError
    return members
