"""Amounts of money in minor units."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import Any

from attrs import field, frozen

from ..errors import Effect, InvalidInput, Issue
from ._fields import CHECK, validate
from .currencies import currency, exponent
from .pydantic_support import PydanticSupport

_LARGEST = 30
"""Amounts have fewer digits; a power of ten in a text could fill the memory."""
_EXACT = Context(prec=100)
"""The default context rounds to 28 digits."""


def _minor_units(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    return "an int: cents for USD, never a float"


@frozen
class Money(PydanticSupport):
    """An amount as a whole number of minor units of an ISO 4217 currency.

    Amounts of one currency can be compared, added, subtracted and summed. Mixing
    currencies raises InvalidInput, and so does a float anywhere.

    >>> Money(12_000_000, "USD")
    Money(minor_units=12000000, currency='USD')
    >>> Money.from_decimal("19.99", "USD") + Money(1)
    Money(minor_units=2000, currency='USD')
    >>> str(sum([Money(1050), Money(-50)]))
    '10.00 USD'
    """

    minor_units: int = field(metadata={CHECK: _minor_units})
    currency: str = field(default="USD", metadata={CHECK: currency})

    def __attrs_post_init__(self) -> None:
        validate(self)

    @classmethod
    def from_decimal(cls, amount: Decimal | str | int, currency: str = "USD") -> Money:
        """Build an amount from major units, such as dollars, without rounding.

        Raises InvalidInput for a float, for text that is not a finite decimal number, and
        for more decimal digits than the currency has.
        """
        if isinstance(amount, bool) or not isinstance(amount, (Decimal, str, int)):
            raise _refused("amount", "a Decimal, a str or an int, never a float")
        digits = exponent(cls(0, currency).currency)
        try:
            exact = Decimal(amount)
        except InvalidOperation:
            exact = Decimal("NaN")  # refused below, outside this block
        if not exact.is_finite() or exact.adjusted() > _LARGEST:
            raise _refused("amount", f"a decimal number below 10^{_LARGEST}")
        units = _EXACT.scaleb(exact, digits)
        if units != int(units):
            raise _refused("amount", f"an amount with at most {digits} decimal digits")
        return cls(int(units), currency)

    def to_decimal(self) -> Decimal:
        """Return the amount in major units, such as dollars, with all its digits."""
        # From its digits: a division would round to the precision of the context.
        digits = tuple(map(int, str(abs(self.minor_units))))
        return Decimal((int(self.minor_units < 0), digits, -exponent(self.currency)))

    def __composite_values__(self) -> tuple[int, str]:
        """Return the two columns of `sqlalchemy.orm.composite(Money, ...)`."""
        return self.minor_units, self.currency

    def __str__(self) -> str:
        return f"{self.to_decimal():f} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor_units + self._units(other), self.currency)

    def __radd__(self, other: Any) -> Money:
        """Let `sum` begin with 0."""
        return self if other == 0 and isinstance(other, int) else self.__add__(other)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor_units - self._units(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor_units, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor_units), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor_units < self._units(other)

    def __le__(self, other: Money) -> bool:
        return self.minor_units <= self._units(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor_units > self._units(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor_units >= self._units(other)

    def _units(self, other: object) -> int:
        if not isinstance(other, Money):
            raise _refused("amount", "Money: wrap a number in Money first")
        if other.currency != self.currency:
            raise _refused("currency", f"{self.currency} like the other amount")
        return other.minor_units


def _refused(name: str, rule: str) -> InvalidInput:
    return InvalidInput(
        [Issue(name, Effect.BLOCKED, rule, "anybank", f"must be {rule}")]
    )
