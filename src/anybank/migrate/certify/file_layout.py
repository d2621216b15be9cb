"""How the columns of a user's file are named, separated and encoded.

A separator is detected where the header leaves no doubt, an encoding by its byte-order
mark. A file is read where it lies, UTF-16 too: no copy of it is made.
"""

from __future__ import annotations

import csv
import errno
import json
import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import BinaryIO, Self

from attrs import evolve, field, frozen

from ..._engine.files import LINE, size
from ...declaration.consent import ALL
from ...errors import ConfigurationError

SEPARATORS: Mapping[str, str] = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
}
_DETECTED = (",", ";", "\t")
_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|"}
_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("id", "customer_id", "customer", "client_id"), "source_id"),
    **dict.fromkeys(("social_security_number", "tax_id", "social"), "ssn"),
    **dict.fromkeys(("dob", "birth_date", "birthday", "birthdate"), "date_of_birth"),
    **dict.fromkeys(("surname", "family_name"), "last_name"),
    **dict.fromkeys(("given_name", "forename"), "first_name"),
    **dict.fromkeys(("street", "address", "street_address"), "addresses.line1"),
    **dict.fromkeys(("zip", "zip_code", "postcode"), "addresses.postal_code"),
    "email": "emails",
    "phone": "phones",
}


@frozen(kw_only=True)
class Layout:
    """What a user says of a file: names of columns, separator, columns to pass over."""

    columns: Mapping[str, str] = field(factory=dict)
    """Our name of a column, by its name in the file."""
    separator: str | None = None
    """One character; None where it is to be detected."""
    ignored: Collection[str] = ()
    """Columns of the file that are passed over; "all" for each that is not known."""

    @classmethod
    def of(
        cls,
        columns: Mapping[str, str] | None = None,
        separator: str | None = None,
        ignored: Collection[str] | str = (),
    ) -> Self:
        """Return a layout; raises ConfigurationError for a separator that is none."""
        mark = separator and _WORDS.get(separator.lower(), separator)
        if mark is not None and mark not in SEPARATORS:
            raise ConfigurationError(
                "separator must be one of: comma, semicolon, tab, bar (or the character)"
            )
        names = (ignored,) if isinstance(ignored, str) else ignored
        return cls(
            columns=dict(columns or {}), separator=mark, ignored=tuple(sorted(names))
        )

    @classmethod
    def recorded(cls, text: str | None) -> Self:
        """Return the layout that a journal records."""
        return cls.of(**json.loads(text or "{}"))

    @property
    def record(self) -> str:
        """What a journal keeps, so that later commands read the file the same way."""
        return json.dumps(
            {
                "columns": dict(self.columns),
                "separator": self.separator,
                "ignored": list(self.ignored),
            }
        )

    @property
    def is_plain(self) -> bool:
        """Whether nothing was said."""
        return self == Layout()

    def named(self, cells: Sequence[str]) -> list[str]:
        """Return the columns of a header by our names."""
        return [self.columns.get(name, name) for name in map(str.strip, cells)]

    def passes_over(self, name: str) -> bool:
        """Tell whether a column that is not known was to be ignored."""
        return name in self.ignored or ALL in self.ignored

    def detected(self, header: str, identifier: str) -> Layout:
        """Return the layout with the separator of a header.

        It is the one by which a cell is the column of the ids; of none, the one that
        parts most.
        """
        if self.separator is not None:
            return self
        cells = {mark: _split(header, mark) for mark in _DETECTED}
        fitting = [mark for mark in cells if identifier in self.named(cells[mark])]
        most = max(_DETECTED, key=lambda mark: len(cells[mark]))
        return evolve(self, separator=fitting[0] if fitting else most)

    def missing(self, names: Collection[str]) -> str | None:
        """Return what is wrong with a mapping of columns, given those of the file."""
        for theirs in sorted(self.columns.keys() - set(names)):
            near = get_close_matches(theirs, names, 1, 0.8)
            hint = f"; {near[0]!r} seems to be meant" if near else ""
            return f"has no column {theirs!r}, which --map names{hint}"
        for theirs in sorted(set(self.ignored) - {ALL} - set(names)):
            return f"has no column {theirs!r}, which --ignore-columns names"
        return None


def _split(header: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=mark, strict=True), [])
    except csv.Error:
        return []


def suggest_column(name: str, known: Collection[str]) -> str | None:
    """Return the known column that a name seems to mean, None where it resembles none."""
    plain = re.sub(r"[^a-z0-9.]+", "_", name.lower()).strip("_")
    if (alias := _ALIASES.get(plain)) in known:
        return alias
    near = get_close_matches(plain, known, 1, 0.75)
    return near[0] if near else None


MARKS: Sequence[tuple[bytes, str]] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""The byte-order marks, and the encoding that each stands for."""


def read_line_of_utf_16(file: BinaryIO, *, is_big: bool) -> bytes:
    """Return the next line of UTF-16; raises OSError where it is longer than a line may be.

    A byte 0x0A ends a line only as the half of a U+000A.
    """
    line = b""
    while part := file.readline(LINE + 1 - len(line)):
        line += part
        if len(line) > LINE:
            raise OSError(errno.EFBIG, f"it has a line longer than {size(LINE)}")
        if not is_big and len(line) % 2:
            line += file.read(1)
        if line.endswith(b"\0\n" if is_big else b"\n\0") and len(line) % 2 == 0:
            break
    return line
