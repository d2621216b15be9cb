"""A social security number among government ids: it is written as `ssn`."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from ..errors import Effect, Issue
from ..model._fields import unchecked
from ..model.customers import CustomerChanges, NewCustomer
from ..model.government_ids import GovernmentIdKind
from ..model.unset import UNSET
from ..sensitive import Ssn

T = TypeVar("T")


def move_ssn(value: T, issues: list[Issue]) -> T:
    """Return a customer whose SSN is in `ssn`, wherever the caller passed it.

    Two different numbers are reported, because one of them would be lost.
    """
    if not isinstance(value, (NewCustomer, CustomerChanges)):
        return value
    ids = value.government_ids or ()
    own = [each for each in ids if each.kind is GovernmentIdKind.SSN]
    if not own:
        return value
    numbers = [each.ssn for each in own]
    if value.ssn:
        numbers.insert(0, value.ssn)
    if any(not _is_same(number, numbers[0]) for number in numbers):
        message = "holds another SSN than `ssn`: pass one number"
        issues.append(
            Issue("government_ids", Effect.BLOCKED, "one SSN", "anybank", message)
        )
    others: Any = tuple(each for each in ids if each.kind is not GovernmentIdKind.SSN)
    if not others and isinstance(value, CustomerChanges):
        others = UNSET
    full = next((each for each in numbers if not each.is_masked), numbers[0])
    kind: Any = type(value)
    members = {each.name: getattr(value, each.name) for each in attrs.fields(kind)}
    moved: T = unchecked(kind, {**members, "ssn": full, "government_ids": others})
    return moved


def _is_same(number: Ssn, other: Ssn) -> bool:
    """Tell whether two numbers may be the same one; of a mask only the end is known."""
    if number.is_masked or other.is_masked:
        return number.agrees_with(other)
    return number == other
