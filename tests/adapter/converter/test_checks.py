"""Checks of amounts, success texts and ids in responses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anybank import Customer, Money, UnexpectedResponse
from anybank.adapter.converter import decimal_money, money, same_id


@pytest.mark.parametrize("amount", [1050, Decimal("1050.0"), Decimal("1.05E3")])
def test_a_whole_number_of_cents_is_money(amount: Any) -> None:
    """The amount `1050.0` is read as 1050 minor units."""
    assert money(amount, "USD") == Money(1050, "USD")


def test_no_amount_is_none() -> None:
    """An absent amount is read as None."""
    assert money(None, "USD") is None


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(Decimal("1050.5"), "USD"), (5, "XQZ"), (5, ""), (Decimal("1E999999999"), "USD")],
    ids=str,
)
def test_other_amounts_cannot_be_read(amount: Any, currency: str) -> None:
    """A fraction of a cent and an unknown currency raise UnexpectedResponse."""
    with pytest.raises(UnexpectedResponse) as caught:
        money(amount, currency, "$.balance")
    assert caught.value.path == "$.balance"


@pytest.mark.parametrize("amount", [Decimal("10.5"), "10.50", Decimal("1.05E1")])
def test_an_amount_in_dollars_is_money(amount: Any) -> None:
    """The amount `10.5` is read as 1050 minor units, as a number and as a text."""
    assert decimal_money(amount, "USD") == Money(1050, "USD")
    assert decimal_money(None, "USD") is decimal_money(amount, None) is None


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(Decimal("10.505"), "USD"), ("ten", "USD"), ("1", "XQZ"), (Decimal("NaN"), "USD")],
    ids=str,
)
def test_other_decimals_cannot_be_read(amount: Any, currency: str) -> None:
    """A fraction of a cent and an unknown currency raise UnexpectedResponse."""
    with pytest.raises(UnexpectedResponse) as caught:
        decimal_money(amount, currency, "$.balance")
    assert caught.value.path == "$.balance"


def test_an_answer_about_another_is_refused() -> None:
    """`same_id` rejects a value with another id."""
    ada = Customer(id="c1", provider="test")
    assert same_id("c1", ada) is ada
    with pytest.raises(UnexpectedResponse, match="another id"):
        same_id("c2", ada)
