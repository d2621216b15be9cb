"""What an answer must be beyond its shape: an amount, and the record that was asked for."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TypeVar

from ..errors import InvalidInput, UnexpectedResponse
from ..model.money import Money

T = TypeVar("T")

_LARGEST = 10**18
"""Of an exponent such as 1E999999 no int is made."""


def money(amount: int | Decimal | None, currency: str, path: str = "$") -> Money | None:
    """Read an amount of whole minor units, `1050.0` too; `path` is where it stands.

    Raises UnexpectedResponse for a part of a unit, and for an unknown currency.
    """
    if amount is None:
        return None
    exact = Decimal(amount)
    with suppress(InvalidInput):
        if -_LARGEST < exact < _LARGEST and exact == int(exact):
            return Money(int(exact), currency)
    raise UnexpectedResponse(f"{path} is not an amount of money", path=path)


def same_id(asked: str, value: T) -> T:
    """Return a value of a second request; raises UnexpectedResponse for another's.

    The core compares the value that a flow returns; what a flow reads on its way is for
    the flow to compare.
    """
    if getattr(value, "id", None) != asked:
        raise UnexpectedResponse("the answer is about another id", path="$")
    return value
