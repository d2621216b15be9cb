"""Amounts are whole numbers of minor units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import InvalidInput, Money


@given(st.integers())
def test_any_int_is_an_amount(cents: int) -> None:
    """Minor units are exact, however large, and may be owed."""
    assert Money(cents).minor_units == cents
    assert Money(cents).currency == "USD"


@pytest.mark.parametrize("amount", [True, False, 1.0, "1", Decimal(1)], ids=repr)
def test_what_is_not_an_int_is_refused(amount: Any) -> None:
    """A float or bool is no amount, and the message names the field."""
    with pytest.raises(InvalidInput, match="minor_units"):
        Money(amount)


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLAR", "", "ABC", 840])
def test_what_is_no_currency_is_refused(currency: Any) -> None:
    """A currency is a code of ISO 4217 in capitals."""
    with pytest.raises(InvalidInput, match="currency"):
        Money(1, currency)


@given(st.integers(-(10**27), 10**27), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_decimals_are_exact_both_ways(units: int, currency: str) -> None:
    """Major units and back give the same amount, for every number of digits."""
    money = Money(units, currency)
    assert Money.from_decimal(money.to_decimal(), currency) == money
    assert Money.from_decimal(str(money).split()[0], currency) == money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1999), "19.99 USD"),
        (Money(-5), "-0.05 USD"),
        (Money(1999, "JPY"), "1999 JPY"),
        (Money(1999, "KWD"), "1.999 KWD"),
    ],
)
def test_an_amount_prints_with_the_digits_of_its_currency(
    money: Money, text: str
) -> None:
    """ISO 4217 says how many they are."""
    assert str(money) == text


@pytest.mark.parametrize(
    "amount", [1.5, "1.999", "many", "NaN", "1e999999999", "Infinity", True, None]
)
def test_an_inexact_amount_is_refused(amount: Any) -> None:
    """Nothing is rounded, and a float is never accepted."""
    with pytest.raises(InvalidInput, match="amount"):
        Money.from_decimal(amount)


@given(st.lists(st.integers().map(Money), min_size=1))
def test_amounts_of_one_currency_are_summed(amounts: list[Money]) -> None:
    """`sum` needs no start value."""
    assert sum(amounts) == Money(sum(amount.minor_units for amount in amounts))


@given(st.integers(), st.integers())
def test_amounts_of_one_currency_are_ordered(one: int, two: int) -> None:
    """They compare as their minor units do."""
    assert (Money(one) < Money(two), Money(one) >= Money(two)) == (
        one < two,
        one >= two,
    )
    assert (Money(one) > Money(two), Money(one) <= Money(two)) == (
        one > two,
        one <= two,
    )


def test_currencies_do_not_mix() -> None:
    """An exchange rate is not the library's to know."""
    for call in (
        lambda: Money(1) + Money(1, "EUR"),
        lambda: Money(1) - Money(1, "EUR"),
        lambda: Money(1) < Money(1, "EUR"),
        lambda: Money(1) + 1,  # type: ignore[operator]
    ):
        with pytest.raises(InvalidInput):
            call()
    assert Money(1) != Money(1, "EUR")


def test_an_amount_has_a_sign() -> None:
    """A debit is negative."""
    assert -Money(5) == Money(-5)
    assert abs(Money(-5)) == Money(5)
