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
