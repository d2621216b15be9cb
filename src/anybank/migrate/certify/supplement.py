"""What the source masks or never tells, from the user's own store.

CSV with a header, or JSON Lines: `source_id` and neutral field names. The file is read
once to check every row, then a row at a time: in memory are places in the file, sixteen
bytes a row, never its values. The journal keeps the file's path and checksum.
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
    """Read a list, or a text in which a semicolon parts one item from the next."""
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
_PLACE = re.compile(r"addresses\[[0-9]\]\.")

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
    "emails": (_emails, "e-mail addresses, a semicolon between them"),
    "phones": (_phones, "numbers such as +15551112222, a semicolon between them"),
    "external_id": (_text, "a text"),
    **{
        f"addresses.{part}": (partial(_part, part), "a text")
        for part in ("line1", "line2", "city", "state", "postal_code")
    },
    "addresses.country": (
        partial(_part, "country"),
        "a code of two letters such as US",
    ),
    "addresses.kind": (_kind, f"one of {', '.join(_KINDS)}"),
    "addresses.primary": (_yes_or_no, "true or false"),
}
"""How each field is read, and what it must be."""


def is_known(name: str) -> bool:
    """Tell whether a supplement may have a column; an address may be named by its place."""
    return name == AS_WRITTEN or _plain(name) in READERS


def _plain(name: str) -> str:
    return without_indexes(name) if _PLACE.match(name) else name


@frozen
class Supplement:
    """Fields of customers by the source's id; raises ConfigurationError on a bad file."""

    path: Path
    sha256: str
    _rows: RowFile = field(repr=False)

    @classmethod
    def read(cls, path: Path, layout: Layout | None = None) -> Self:
        """Check every row of a file; what is wrong is named by line and column."""
        rows = RowFile(path, (*READERS, AS_WRITTEN), layout or Layout(), is_known)
        with ExitStack() as unless_good:
            unless_good.callback(rows.close)
            for line, row in rows.index():
                _values(rows, row, line)
            unless_good.pop_all()
            return cls(path, rows.sha256(), rows)

    @property
    def place(self) -> str:
        """Where it is: what a journal keeps, to find it again."""
        return str(self.path.resolve())

    @property
    def layout(self) -> Layout:
        """How it was read: what a journal keeps, to read it the same way."""
        return self._rows.layout or Layout()

    @property
    def notes(self) -> Iterator[str]:
        """Sentences on what was detected or passed over in the file."""
        yield from self._rows.notes

    def prepare(self, source_ids: Sequence[str]) -> None:
        """Do nothing: a file answers at once."""

    def require(self, sha256: str) -> None:
        """Refuse the file where it has changed since the plan."""
        if self.sha256 != sha256:
            raise ConfigurationError(
                f"the supplement {self.path} has changed since the plan: plan again with "
                "it, or put back the one that was planned with"
            )

    def of(self, source_id: str) -> Mapping[str, Any] | None:
        """Return the fields given for a customer, None where there is no row."""
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
    given: Mapping[str, Any],
) -> tuple[Mapping[str, Any], tuple[str, str] | None]:
    """Return the fields as their types, and what is wrong with the first that is none."""
    meant, values = _as_written(given.get(AS_WRITTEN)), dict[str, Any]()
    if meant is None or not meant <= given.keys():
        return {}, (AS_WRITTEN, "must name fields of its row, a semicolon between them")
    if mixes_address_forms(given):
        said = "cannot stand in one file with addresses[N].line1 and such: use one form"
        return {}, (next(name for name in given if is_part(name)), said)
    for name, value in given.items():
        if name == AS_WRITTEN:
            continue
        if problem := _problem(name, value, values, is_meant=name in meant):
            return {}, (name, problem)
    return values, None


@shielded
def _problem(
    name: str, value: Any, values: dict[str, Any], *, is_meant: bool
) -> str | None:
    """Add a value to those that were read, or say what is wrong with it."""
    if isinstance(value, str) and not is_meant and is_null_word(value):
        return (
            "is a word that programs write for no value: leave it empty, or write the "
            f"name of this column into a column {AS_WRITTEN} of its row"
        )
    read = read_value(name, value)
    if read is None:
        return f"must be {READERS[_plain(name)][1]}"
    values[name] = read
    return None


def _as_written(value: object) -> frozenset[str] | None:
    try:
        return frozenset(_several(value)) if value else frozenset()
    except TypeError:
        return None


@shielded
def read_value(name: str, given: object) -> Any:
    """Return a value as its field's type, None where it is not one."""
    try:
        return READERS[_plain(name)][0](given)
    except (InvalidInput, TypeError, LookupError, ValueError, OverflowError):
        return None
