"""Complete the values that an adapter has read with what the declaration knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from attrs import evolve

from ..errors import Issue
from ..model.customers import Customer
from .vocabulary import Capabilities

T = TypeVar("T")


def complete(
    value: T, capabilities: Capabilities | None, issues: Sequence[Issue] = ()
) -> T:
    """Return a value that knows what the vendor never returns, and its issues."""
    if issues and isinstance(value, Customer):
        value = evolve(value, issues=issues)
    names = capabilities.never_returned_by_kind if capabilities else {}
    never = names.get(type(value), ())
    # The value was built by the adapter a moment ago, and nobody else has it: a copy of
    # every record of a page would cost more than reading it.
    if never and hasattr(value, "never_returned"):
        object.__setattr__(value, "never_returned", never)
    return value
