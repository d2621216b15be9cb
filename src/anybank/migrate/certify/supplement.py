"""The supplement: a user's file of values that the source masks or never returns.

The file is CSV with a header, or JSON Lines, with `source_id` and neutral field names. It
is read once to validate every row, and then one row at a time. Memory holds sixteen bytes
a row and no values. The journal stores the file's path and checksum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from attrs import field, frozen

from ...declaration.consent import without_indexes
from ...errors import ConfigurationError, InvalidInput
from ...model.addresses import Address, AddressKind
from ...model.customers import NewCustomer
from ...model.phones import Phone
from ...sensitive import DocumentLocatorNumber, Ssn, shielded
from .address_columns import is_part, mixes_address_forms
from .file_layout import Layout
from .null_words import AS_WRITTEN, is_null_word
from .row_file import ID, Row, RowFile

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError


def _full_ssn(value: object) -> Ssn:
    ssn = Ssn(_text(value))
    if ssn.is_masked:
        raise ValueError
    return ssn


def _date(value: object) -> date:
    text = _text(value)
    if not _DATE.fullmatch(text):  # fromisoformat also reads 1990-W14
        raise ValueError
    return date.fromisoformat(text)


def _several(value: object) -> tuple[str, ...]:
    """Return the items of a list, or of a text that separates them by semicolons."""
    items = value if isinstance(value, list) else _text(value).split(";")
    return tuple(_text(item).strip() for item in items)


def _emails(value: object) -> Sequence[str]:
    return NewCustomer(emails=_several(value)).emails


def _phones(value: object) -> Sequence[Phone]:
    return tuple(map(Phone, _several(value)))


def _part(name: str, value: object) -> str:
    fields: dict[str, Any] = {name: _text(value)}
    return str(getattr(Address(**fields), name))


def _kind(value: object) -> AddressKind:
    return AddressKind(_text(value).lower())


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return _YES_OR_NO[_text(value).lower()]


_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}
_KINDS = tuple(each.value for each in AddressKind if each is not AddressKind.UNKNOWN)
_INDEXED = re.compile(r"addresses\[[0-9]\]\.")

READERS: Mapping[str, tuple[Callable[[Any], object], str]] = {
    "first_name": (_text, "a text"),
    "middle_name": (_text, "a text"),
    "last_name": (_text, "a text"),
    "preferred_name": (_text, "a text"),
    "date_of_birth": (_date, "a date such as 1997-12-25"),
    "ssn": (_full_ssn, "nine digits, with or without dashes"),
    "document_locator_number": (
        DocumentLocatorNumber,
        "a whole number without a leading zero",
    ),
    "emails": (_emails, "e-mail addresses, separated by semicolons"),
    "phones": (_phones, "numbers such as +15551112222, separated by semicolons"),
    "external_id": (_text, "a text"),
    **{
        f"addresses.{part}": (partial(_part, part), "a text")
        for part in ("line1", "line2", "city", "state", "postal_code")
    },
    "addresses.country": (
        partial(_part, "country"),
        "a two-letter code such as US",
    ),
    "addresses.kind": (_kind, f"one of {', '.join(_KINDS)}"),
    "addresses.primary": (_yes_or_no, "true or false"),
}
"""The reader of each field, and a description of the values that it accepts."""


def is_known(name: str) -> bool:
    """Return True if a supplement may have a column, with or without an address index."""
    return name == AS_WRITTEN or _plain(name) in READERS


def _plain(name: str) -> str:
    return without_indexes(name) if _INDEXED.match(name) else name


@frozen
class Supplement:
    """Fields of customers by source id; raises ConfigurationError for an invalid file."""

    path: Path
    sha256: str
    _rows: RowFile = field(repr=False)

    @classmethod
    def read(cls, path: Path, layout: Layout | None = None) -> Self:
        """Validate every row of a file; errors name the line and column."""
        rows = RowFile(path, (*READERS, AS_WRITTEN), layout or Layout(), is_known)
        with ExitStack() as unless_good:
            unless_good.callback(rows.close)
            for line, row in rows.index():
                _values(rows, row, line)
            unless_good.pop_all()
            return cls(path, rows.sha256(), rows)

    @property
    def location(self) -> str:
        """The absolute path, which the journal stores."""
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

    def require(self, sha256: str) -> None:
        """Raise ConfigurationError if the file has changed since the plan."""
        if self.sha256 != sha256:
            raise ConfigurationError(
                f"the supplement {self.path} has changed since the plan. Plan again, or "
                "restore the file that the plan used"
            )

    def of(self, source_id: str) -> Mapping[str, Any] | None:
        """Return the fields of a customer, or None without a row."""
        row = self._rows.find(source_id)
        return None if row is None else _values(self._rows, row, 0)

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


def _values(rows: RowFile, row: Row, line: int) -> Mapping[str, Any]:
    others = {name: value for name, value in row.items() if name != ID}
    values, problem = read_fields(others)
    if problem:
        raise rows.wrong(line, *problem)
    return values


def read_fields(
    row: Mapping[str, Any],
) -> tuple[Mapping[str, Any], tuple[str, str] | None]:
    """Return a row's values as their types, and the first invalid field's problem."""
    literal, values = _as_written(row.get(AS_WRITTEN)), dict[str, Any]()
    if literal is None or not literal <= row.keys():
        return {}, (AS_WRITTEN, "must name fields of its row, separated by semicolons")
    if mixes_address_forms(row):
        problem = (
            "cannot be combined with columns such as addresses[N].line1: use one form"
        )
        return {}, (next(name for name in row if is_part(name)), problem)
    for name, value in row.items():
        if name == AS_WRITTEN:
            continue
        if error := _problem(name, value, values, is_literal=name in literal):
            return {}, (name, error)
    return values, None


@shielded
def _problem(
    name: str, value: Any, values: dict[str, Any], *, is_literal: bool
) -> str | None:
    """Add a field's value to *values*, or return its problem."""
    if isinstance(value, str) and not is_literal and is_null_word(value):
        return (
            "is a word that programs write for a missing value. Leave the cell empty or, "
            f"if the text is a real value, name this column in the row's column {AS_WRITTEN}"
        )
    converted = read_value(name, value)
    if converted is None:
        return f"must be {READERS[_plain(name)][1]}"
    values[name] = converted
    return None


def _as_written(value: object) -> frozenset[str] | None:
    try:
        return frozenset(_several(value)) if value else frozenset()
    except TypeError:
        return None


@shielded
def read_value(name: str, value: object) -> Any:
    """Return a value as its field's type, or None if it is invalid."""
    try:
        return READERS[_plain(name)][0](value)
    except (InvalidInput, TypeError, LookupError, ValueError, OverflowError):
        return None
