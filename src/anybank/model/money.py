"""Amounts of money in minor units."""

from __future__ import annotations

from attrs import field, frozen

from ._fields import CHECK, validate
from .currencies import currency
from .pydantic_support import PydanticSupport


def _whole(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return "an int: cents for USD, never a float"


@frozen
class Money(PydanticSupport):
    """An amount as a whole number of minor units of an ISO 4217 currency.

    >>> Money(12_000_000, "USD")
    Money(minor_units=12000000, currency='USD')
    """

    minor_units: int = field(metadata={CHECK: _whole})
    currency: str = field(default="USD", metadata={CHECK: currency})

    def __attrs_post_init__(self) -> None:
        validate(self)
