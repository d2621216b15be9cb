"""Building values from what a vendor tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from ._fields import unchecked

P = ParamSpec("P")
T = TypeVar("T")


def told(kind: Callable[P, T], /, *_: P.args, **fields: P.kwargs) -> T:
    """Build a value as a vendor told it: nothing is checked, nothing refused.

    The fields are those of the value's constructor, by keyword.
    """
    value: T = unchecked(kind, fields)
    return value
