"""Amounts are whole numbers of minor units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, String, create_engine, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    composite,
    mapped_column,
)

from anybank import InvalidInput, Money


@given(st.integers())
def test_any_int_is_an_amount(cents: int) -> None:
    """Any int is an amount, also a large or negative one."""
    assert Money(cents).minor_units == cents
    assert Money(cents).currency == "USD"


@pytest.mark.parametrize("amount", [True, False, 1.0, "1", Decimal(1)], ids=repr)
def test_a_float_or_bool_is_refused(amount: Any) -> None:
    """A float or bool is rejected, and the message names the field."""
    with pytest.raises(InvalidInput, match="minor_units"):
        Money(amount)


@pytest.mark.parametrize("currency", ["usd", "US", "DOLLAR", "", "ABC", 840])
def test_an_unknown_currency_is_refused(currency: Any) -> None:
    """A currency must be a code of ISO 4217 in capitals."""
    with pytest.raises(InvalidInput, match="currency"):
        Money(1, currency)


@given(st.integers(-(10**27), 10**27), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_decimals_are_exact_both_ways(units: int, currency: str) -> None:
    """Converting to major units and back gives the same amount."""
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
    """An amount is printed with the decimal digits of its currency."""
    assert str(money) == text


@pytest.mark.parametrize(
    "amount", [1.5, "1.999", "many", "NaN", "1e999999999", "Infinity", True, None]
)
def test_an_inexact_amount_is_refused(amount: Any) -> None:
    """A float and an amount that needs rounding are rejected."""
    with pytest.raises(InvalidInput, match="amount"):
        Money.from_decimal(amount)


@given(st.lists(st.integers().map(Money), min_size=1))
def test_amounts_of_one_currency_are_summed(amounts: list[Money]) -> None:
    """`sum` works without a start value."""
    assert sum(amounts) == Money(sum(amount.minor_units for amount in amounts))


@given(st.integers(), st.integers())
def test_amounts_of_one_currency_are_ordered(one: int, two: int) -> None:
    """Amounts are compared by their minor units."""
    assert (Money(one) < Money(two), Money(one) >= Money(two)) == (
        one < two,
        one >= two,
    )
    assert (Money(one) > Money(two), Money(one) <= Money(two)) == (
        one > two,
        one <= two,
    )


def test_currencies_do_not_mix() -> None:
    """Amounts of two currencies cannot be added or compared."""
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
    """An amount can be negated, and has an absolute value."""
    assert -Money(5) == Money(-5)
    assert abs(Money(-5)) == Money(5)


def test_money_is_two_columns_of_sqlalchemy() -> None:
    """A composite of SQLAlchemy stores an amount and its currency, and reads them again."""

    class Base(DeclarativeBase):
        pass

    class Invoice(Base):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)
        total: Mapped[Money] = composite(
            Money, mapped_column("cents", Integer), mapped_column("currency", String(3))
        )

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Invoice(id=1, total=Money(500, "EUR")))
        session.commit()
        chosen = select(Invoice).where(Invoice.total == Money(500, "EUR"))
        assert session.scalars(chosen).one().total == Money(500, "EUR")
    engine.dispose()
