"""Vendors' JSON into wire classes, strictly: nothing is coerced.

A wire class is a small frozen attrs class whose fields carry the vendor's own names. An
optional field that is `""` reads as None. Write lists as `list[...]`, objects that are
passed on as `dict`. Require the id alone, and give every other field a default.

`read` reads one record strictly: what does not fit raises UnexpectedResponse with the
path, never with the value. `read_each` reads the records of a listing and `read_created`
the answer to a create: there a field that does not fit is one field, named in the value's
`unreadable`, and the rest is kept.
"""

from __future__ import annotations

from .checks import money, require_text, same_id
from .records import Build, Names, named, read_created, read_each
from .structure import read

__all__ = [
    "Build",
    "Names",
    "money",
    "named",
    "read",
    "read_created",
    "read_each",
    "require_text",
    "same_id",
]
