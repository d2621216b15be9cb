"""What an answer must be beyond its shape: an amount, and the record that was asked for."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TypeVar

from ...errors import InvalidInput, UnexpectedResponse
from ...model.money import Money
from ..wire import Response

T = TypeVar("T")

_NO_CONTENT = 204
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


def require_text(response: Response, expected: str) -> None:
    """Require the line of text that the vendor's page shows as success, or a 204.

    Raises UnexpectedResponse for any other answer, whatever its media type says.
    """
    if response.status == _NO_CONTENT and not response.content:
        return
    if response.text.strip() != expected:
        raise UnexpectedResponse(
            "the answer is not the success that the vendor's page shows",
            status=response.status,
            path="$",
        )


def same_id(asked: str, value: T) -> T:
    """Return a value of a second request; raises UnexpectedResponse for another's.

    The core compares the value that a flow returns; what a flow reads on its way is for
    the flow to compare.
    """
    if getattr(value, "id", None) != asked:
        raise UnexpectedResponse("the answer is about another id", path="$")
    return value
