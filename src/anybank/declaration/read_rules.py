"""The fields of a value that a vendor never returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import field, frozen


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
