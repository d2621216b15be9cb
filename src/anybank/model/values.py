"""Building values from what a vendor tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import attrs

from ._fields import unchecked

P = ParamSpec("P")
T = TypeVar("T")


def told(kind: Callable[P, T], /, *_: P.args, **fields: P.kwargs) -> T:
    """Build a value as a vendor told it: nothing is checked, nothing refused.

    The fields are those of the value's constructor, by keyword.
    """
    value: T = unchecked(kind, fields)
    return value


def with_unreadable(value: T, names: Sequence[str]) -> T:
    """Return a value that names its unreadable fields; one without such a field as it is."""
    kind: Any = type(value)
    fields = {each.name: getattr(value, each.name) for each in attrs.fields(kind)}
    if "unreadable" not in fields:
        return value
    marked: T = unchecked(kind, {**fields, "unreadable": tuple(names)})
    return marked
