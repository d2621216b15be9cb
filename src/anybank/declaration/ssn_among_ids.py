"""Move a social security number from the government ids to `ssn`.

Vendors, supplements and crosswalks know the number as `ssn`. Two places for it would mean
two rules, two checks and two values that could differ.
"""

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
    ssns = [document for document in ids if document.kind is GovernmentIdKind.SSN]
    if not ssns:
        return value
    numbers = [document.ssn for document in ssns]
    if value.ssn:
        numbers.insert(0, value.ssn)
    if any(not _is_same(number, numbers[0]) for number in numbers):
        message = "holds another SSN than `ssn`: pass one number"
        issues.append(
            Issue("government_ids", Effect.BLOCKED, "one SSN", "anybank", message)
        )
    others: Any = tuple(
        document for document in ids if document.kind is not GovernmentIdKind.SSN
    )
    if not others and isinstance(value, CustomerChanges):
        others = UNSET  # an empty list would clear the documents at the vendor
    full = next((number for number in numbers if not number.is_masked), numbers[0])
    kind: Any = type(value)
    members = {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    # Without validation: the caller's value has passed it already.
    moved: T = unchecked(kind, {**members, "ssn": full, "government_ids": others})
    return moved


def _is_same(number: Ssn, other: Ssn) -> bool:
    """Return whether two numbers may be equal; of a mask only the end is known."""
    if number.is_masked or other.is_masked:
        return number.agrees_with(other)
    return number == other
