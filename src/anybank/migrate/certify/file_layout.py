"""The layout of a user's file: its column names, its separator and its encoding.

The separator is detected from the header, and the encoding from the byte-order mark. Files
in UTF-16 are read in place, without a converted copy.
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
from ...declaration.diff import EXTRA
from ...errors import ConfigurationError

SEPARATORS: Mapping[str, str] = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
}
_DETECTED = (",", ";", "\t")
"""The separators that are detected; where two fit equally, the first one counts."""
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
    """The options for reading a file: column names, separator, and columns to ignore."""

    columns: Mapping[str, str] = field(factory=dict)
    """Our name of each renamed column, by its name in the file."""
    separator: str | None = None
    """One character, or None to detect it."""
    ignored: Collection[str] = ()
    """The columns to ignore; "all" stands for every unknown column."""

    @classmethod
    def of(
        cls,
        columns: Mapping[str, str] | None = None,
        separator: str | None = None,
        ignored: Collection[str] | str = (),
    ) -> Self:
        """Return a layout; raises ConfigurationError for an unknown separator."""
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
        """Return the layout from its recorded form."""
        return cls.of(**json.loads(text or "{}"))

    @property
    def record(self) -> str:
        """The form that a journal stores, so that later commands read the file alike."""
        return json.dumps(
            {
                "columns": dict(self.columns),
                "separator": self.separator,
                "ignored": list(self.ignored),
            }
        )

    @property
    def is_plain(self) -> bool:
        """True if no option was set."""
        return self == Layout()

    def named(self, cells: Sequence[str]) -> list[str]:
        """Return the columns of a header by our names."""
        return [self.columns.get(name, name) for name in map(str.strip, cells)]

    def ignores(self, name: str) -> bool:
        """Return True if an unknown column is to be ignored."""
        return name in self.ignored or ALL in self.ignored

    def detected(self, header: str, identifier: str) -> Layout:
        """Return the layout with the separator that a header uses.

        That is the separator which yields the column of the ids, or else the one which
        yields the most columns.
        """
        if self.separator is not None:
            return self
        cells = {mark: _split(header, mark) for mark in _DETECTED}
        fitting = [mark for mark in cells if identifier in self.named(cells[mark])]
        most = max(_DETECTED, key=lambda mark: len(cells[mark]))
        return evolve(self, separator=fitting[0] if fitting else most)

    def missing(self, names: Collection[str]) -> str | None:
        """Return the problem if an option names a column that the file does not have."""
        for theirs in sorted(self.columns.keys() - set(names)):
            near = get_close_matches(theirs, names, 1, 0.8)
            hint = f". Did you mean {near[0]!r}?" if near else ""
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
    """Return the known column that resembles a name, or None."""
    plain = re.sub(r"[^a-z0-9.]+", "_", name.lower()).strip("_")
    for column in (_ALIASES.get(plain), EXTRA + plain):
        if column in known:
            return column
    near = get_close_matches(plain, known, 1, 0.75)
    return near[0] if near else None


MARKS: Sequence[tuple[bytes, str]] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""The byte-order marks and their encodings."""


def read_line_of_utf_16(file: BinaryIO, *, is_big: bool) -> bytes:
    """Return the next line of UTF-16; raises OSError if it exceeds the longest line.

    A byte 0x0A ends a line only if it is half of a U+000A.
    """
    line = b""
    while part := file.readline(LINE + 1 - len(line)):
        line += part
        if len(line) > LINE:
            raise OSError(errno.EFBIG, f"it has a line longer than {size(LINE)}")
        if not is_big and len(line) % 2:
            # readline() stops after the byte 0x0A, which little-endian text has first.
            line += file.read(1)
        if line.endswith(b"\0\n" if is_big else b"\n\0") and len(line) % 2 == 0:
            break
    return line
