"""Amounts and ids of answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anybank import Customer, Money, UnexpectedResponse
from anybank.adapter.converter import money, same_id


@pytest.mark.parametrize("amount", [1050, Decimal("1050.0"), Decimal("1.05E3")])
def test_a_whole_number_of_cents_is_money(amount: Any) -> None:
    """JSON has one type for numbers: `1050.0` is 1050."""
    assert money(amount, "USD") == Money(1050, "USD")


def test_no_amount_is_none() -> None:
    """An absent amount is not nought."""
    assert money(None, "USD") is None


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(Decimal("1050.5"), "USD"), (5, "XQZ"), (5, ""), (Decimal("1E999999999"), "USD")],
    ids=str,
)
def test_other_amounts_cannot_be_read(amount: Any, currency: str) -> None:
    """A part of a cent and an unknown currency are the answer's fault."""
    with pytest.raises(UnexpectedResponse) as caught:
        money(amount, currency, "$.balance")
    assert caught.value.path == "$.balance"


def test_an_answer_about_another_is_refused() -> None:
    """What a flow reads on its way is compared with what was asked for."""
    ada = Customer(id="c1", provider="test")
    assert same_id("c1", ada) is ada
    with pytest.raises(UnexpectedResponse, match="another id"):
        same_id("c2", ada)
