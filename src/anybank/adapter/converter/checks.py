"""Checks of a response beyond its structure: amounts, success texts and ids."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import TypeVar

from ...errors import InvalidInput, UnexpectedResponse
from ...model.money import Money
from ..wire import Response

T = TypeVar("T")

_NO_CONTENT = 204
_LARGEST = 10**18
"""The limit of an amount; 1E999999 would become a huge int."""


def money(amount: int | Decimal | None, currency: str, path: str = "$") -> Money | None:
    """Read an amount in whole minor units, such as 1050 or `1050.0`.

    `path` is its place in the response. Raises UnexpectedResponse for a fraction of a unit
    and for an unknown currency.
    """
    if amount is None:
        return None
    exact = Decimal(amount)
    with suppress(InvalidInput):
        if -_LARGEST < exact < _LARGEST and exact == int(exact):
            return Money(int(exact), currency)
    raise UnexpectedResponse(f"{path} is not an amount of money", path=path)


def signed(
    amount: Money | None, direction: str | None, signs: Mapping[str, int], path: str
) -> Money | None:
    """Return an amount with the sign of its direction: positive is into the account.

    `signs` has 1 or -1 for each of the vendor's words, and `path` is the place of the
    direction in the response. Raises UnexpectedResponse for another word, and for an amount
    that has a sign already.

    >>> signed(Money(1050), "debit", {"credit": 1, "debit": -1}, "$.direction")
    Money(minor_units=-1050, currency='USD')
    """
    if amount is None:
        return None
    sign = signs.get(direction or "")
    if sign is None or amount.minor_units < 0:
        words = " or ".join(signs)
        raise UnexpectedResponse(f"{path} does not say {words}", path=path)
    return amount if sign > 0 else -amount


def decimal_money(
    amount: Decimal | str | None, currency: str | None, path: str = "$"
) -> Money | None:
    """Read an amount in whole units with decimals, such as 12.34 or `"12.34"` dollars.

    None without an amount or a currency. `path` is its place in the response. Raises
    UnexpectedResponse for more decimals than the currency has, and for an unknown currency.
    """
    if amount is None or currency is None:
        return None
    with suppress(InvalidInput):
        return Money.from_decimal(amount, currency)
    raise UnexpectedResponse(f"{path} is not an amount of money", path=path)


def require_text(response: Response, expected: str) -> None:
    """Require the text that the vendor's page shows as success, or a 204.

    Raises UnexpectedResponse for any other response, whatever its media type is.
    """
    if response.status == _NO_CONTENT and not response.content:
        return
    if response.text.strip() != expected:
        raise UnexpectedResponse(
            "the response is not the success that the vendor's page shows",
            status=response.status,
            path="$",
        )


def same_id(requested: str, value: T) -> T:
    """Return a value if it has the requested id. Raises UnexpectedResponse otherwise.

    The engine compares the id of the value that a flow returns. A flow itself compares
    what it reads on the way.
    """
    if getattr(value, "id", None) != requested:
        raise UnexpectedResponse("the response is about another id", path="$")
    return value
