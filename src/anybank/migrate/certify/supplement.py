"""The supplement: a user's file of values that the source masks or never returns.

The file is CSV with a header, or JSON Lines, with `source_id` and neutral field names. It
is read once to validate every row, and then one row at a time. A temporary file holds an
index of the rows, without ids and values. The journal stores the file's path and checksum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs
from attrs import frozen

from ...declaration.consent import without_indexes
from ...declaration.vocabulary import Capabilities
from ...errors import ConfigurationError, InvalidInput
from ...model._fields import CHECK, spelling_of
from ...model.customers import NewCustomer
from ...model.spellings import Spelling, read_texts
from .extras_columns import extras_columns
from .file_layout import Layout
from .null_words import AS_WRITTEN, is_null_word
from .part_columns import PARTS, column_of_mixed_forms
from .row_file import ID, Row, RowFile

_INDEXED = re.compile(rf"({'|'.join(PARTS)})\[[0-9]\]\.")


def _columns() -> Iterator[tuple[str, Spelling]]:
    """Yield the column of each field that has a spelling, with the parts of its items."""
    for field in attrs.fields(NewCustomer):
        if spelling := spelling_of(field):
            yield field.name, spelling
    for name, kind in PARTS.items():
        for field in attrs.fields(kind):
            if spelling := spelling_of(field):
                yield f"{name}.{field.name}", _validated(field, spelling)


def _validated(field: Any, spelling: Spelling) -> Spelling:
    """Return the spelling of a part of an item, which the check of the field validates."""

    def read(value: object) -> object:
        part = spelling.read(value)
        if (check := field.metadata.get(CHECK)) and check(part):
            raise ValueError
        return part

    return Spelling(read, spelling.description)


COLUMNS: Mapping[str, Spelling] = dict(_columns())
"""The columns that a supplement may have for any target, with their spellings."""


def columns_for(target: Capabilities) -> Mapping[str, Spelling]:
    """Return the columns that a supplement may have for a target, with their spellings."""
    return {**COLUMNS, **extras_columns(target)}


def is_known(columns: Mapping[str, Spelling], name: str) -> bool:
    """Return True if a supplement may have a column, with or without an address index."""
    return name == AS_WRITTEN or _plain(name) in columns


def _plain(name: str) -> str:
    return without_indexes(name) if _INDEXED.match(name) else name


@frozen
class Supplement:
    """Fields of customers by source id; raises ConfigurationError for an invalid file."""

    path: Path
    sha256: str
    _rows: RowFile = attrs.field(repr=False)
    _columns: Mapping[str, Spelling] = attrs.field(repr=False)

    @classmethod
    def read(
        cls,
        path: Path,
        layout: Layout | None = None,
        columns: Mapping[str, Spelling] = COLUMNS,
    ) -> Self:
        """Validate every row of a file; errors name the line and column."""
        rows = _rows(path, layout or Layout(), columns)
        with ExitStack() as unless_good:
            unless_good.callback(rows.close)
            for line, row in rows.index():
                _values(rows, columns, row, line)
            unless_good.pop_all()
            return cls(path, rows.sha256(), rows, columns)

    @classmethod
    def reopen(
        cls,
        path: Path,
        layout: Layout,
        sha256: str,
        columns: Mapping[str, Spelling] = COLUMNS,
    ) -> Self:
        """Open a file that `read` has validated; refuse one with another checksum."""
        rows = _rows(path, layout, columns)
        with ExitStack() as unless_good:
            unless_good.callback(rows.close)
            if rows.sha256() != sha256:
                raise ConfigurationError(
                    f"the supplement {path} has changed since the plan. Plan again, or "
                    "restore the file that the plan used"
                )
            rows.index_again()
            unless_good.pop_all()
            return cls(path, sha256, rows, columns)

    @property
    def location(self) -> str:
        """The absolute path, which the journal stores: later commands may run elsewhere."""
        return str(self.path.resolve())

    @property
    def layout(self) -> Layout:
        """The layout of the file, which the journal stores."""
        return self._rows.layout or Layout()

    @property
    def notes(self) -> Iterator[str]:
        """Sentences about what was detected and ignored in the file."""
        yield from self._rows.notes

    def prepare(self, source_ids: Sequence[str]) -> None:
        """Do nothing: a file needs no preparation."""

    def of(self, source_id: str) -> Mapping[str, Any] | None:
        """Return the fields of a customer, or None without a row."""
        row = self._rows.find(source_id)
        return None if row is None else _values(self._rows, self._columns, row, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close()

    def __len__(self) -> int:
        return len(self._rows)


def _rows(path: Path, layout: Layout, columns: Mapping[str, Spelling]) -> RowFile:
    return RowFile(path, (*columns, AS_WRITTEN), layout, partial(is_known, columns))


def _values(
    rows: RowFile, columns: Mapping[str, Spelling], row: Row, line: int
) -> Mapping[str, Any]:
    others = {name: value for name, value in row.items() if name != ID}
    values, problem = read_fields(columns, others)
    if problem:
        raise rows.wrong(line, *problem)
    return values


def read_fields(
    columns: Mapping[str, Spelling],
    row: Mapping[str, Any],
) -> tuple[Mapping[str, Any], tuple[str, str] | None]:
    """Return a row's values as their types, and the first invalid field's problem."""
    literal, values = _as_written(row.get(AS_WRITTEN)), dict[str, Any]()
    # A name that its row does not have is a mistake, and would consent to something else.
    if literal is None or not literal <= row.keys():
        return {}, (AS_WRITTEN, "must name fields of its row, separated by semicolons")
    if mixed := column_of_mixed_forms(row):
        problem = (
            "cannot be combined with columns such as addresses[N].line1: use one form"
        )
        return {}, (mixed, problem)
    for name, value in row.items():
        if name == AS_WRITTEN:
            continue
        spelling, is_literal = columns[_plain(name)], name in literal
        if error := _problem(name, value, spelling, values, is_literal=is_literal):
            return {}, (name, error)
    return values, None


def _problem(
    name: str,
    value: Any,
    spelling: Spelling,
    values: dict[str, Any],
    *,
    is_literal: bool,
) -> str | None:
    """Add a field's value to *values*, or return its problem."""
    if isinstance(value, str) and not is_literal and is_null_word(value):
        return (
            "is a word that programs write for a missing value. Leave the cell empty or, "
            f"if the text is a real value, name this column in the row's column {AS_WRITTEN}"
        )
    converted = _read_value(spelling, value)
    if converted is None:
        return f"must be {spelling.description}"
    values[name] = converted
    return None


def _as_written(value: object) -> frozenset[str] | None:
    try:
        return frozenset(read_texts(value)) if value else frozenset()
    except TypeError:
        return None


def _read_value(spelling: Spelling, value: object) -> Any:
    """Return a value as its field's type, or None if it is invalid."""
    try:
        return spelling.read(value)
    except (InvalidInput, TypeError, LookupError, ValueError, OverflowError):
        return None
