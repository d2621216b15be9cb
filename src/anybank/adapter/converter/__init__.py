"""Conversion of vendors' JSON to wire classes, without any coercion.

A wire class is a small frozen attrs class whose fields have the vendor's own names. An
optional field that is `""` reads as None. `native` declares a field whose name Python does
not allow. Annotate lists as `list[...]` and objects that are passed on as `dict`. Require
only the id, and give every other field a default.

`read` reads one record strictly: a misfit raises UnexpectedResponse with the path, never
with the value. `read_each` reads the records of a listing, and `read_created` the response
to a create. There, a field that does not fit is named in the value's `unreadable`, and all
other fields are read.
"""

from __future__ import annotations

from .checks import decimal_money, money, require_text, same_id, signed
from .neutral import constant, neutral, neutral_id, separate
from .neutral_values import build, write
from .reader import Reader
from .records import Build, Names, named, read_created, read_each
from .structure import native, read
from .tables import members_by_word, word_tables, words_by_member, words_of
from .wire_rules import read_rules_of, reads, rules_of, writes

__all__ = [
    "Build",
    "Names",
    "Reader",
    "build",
    "constant",
    "decimal_money",
    "members_by_word",
    "money",
    "named",
    "native",
    "neutral",
    "neutral_id",
    "read",
    "read_created",
    "read_each",
    "read_rules_of",
    "reads",
    "require_text",
    "rules_of",
    "same_id",
    "separate",
    "signed",
    "word_tables",
    "words_by_member",
    "words_of",
    "write",
    "writes",
]
