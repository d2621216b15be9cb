"""The fields of a value that a vendor never returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import field, frozen

from ..model.values import item_types


@frozen(kw_only=True)
class ReadRule:
    """The fields of a value that a vendor never returns, each with the reason.

    All other fields are returned, at least for some records. `source` is the vendor's page
    that shows the value.
    """

    source: str
    never: Mapping[str, str] = field(factory=dict, hash=False)


def require_field(kind: Any, name: str) -> None:
    """Raise ValueError for a name that is no field of a value class."""
    names = [field.name for field in attrs.fields(kind)]
    if name not in names:
        raise ValueError(f"{kind.__name__} has no field {name}")


def never_read(kind: type, names: Mapping[type, Sequence[str]]) -> list[str]:
    """Return the names of a type's fields and, after a dot, of the items of its lists."""
    parts = [
        f"{name}.{part}"
        for name, item in item_types(kind).items()
        for part in names.get(item, ())
    ]
    return [*names.get(kind, ()), *parts]


def unreturned(source: str, /, **reasons: str) -> ReadRule:
    """Declare the fields of a value that are never returned, each with the reason.

    >>> unreturned("Acme docs", closed_at="an account has no time of closing").source
    'Acme docs'
    """
    return ReadRule(source=source, never=reasons)
