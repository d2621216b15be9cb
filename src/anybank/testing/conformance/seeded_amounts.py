"""What the kit requires of the amounts that an author seeds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...model.accounts import Balance
from ...model.money import Money
from ...model.transactions import Transaction
from .recorder import require


def require_telling_amounts(expected: list[Any]) -> None:
    """Require expected amounts that a wrong sign or a wrong unit would change."""
    amounts = [
        value.amount.minor_units
        for value in expected
        if isinstance(value, Transaction) and value.amount
    ]
    require(
        not amounts or min(amounts) < 0 < max(amounts),
        "`seed_expected` returns transactions in one direction only. Return one with a "
        "positive and one with a negative amount.",
    )
    balances = [value for value in expected if isinstance(value, Balance)]
    _require_different_balances(balances)
    held = [
        amount
        for value in balances
        for amount in (value.current, value.available, value.native)
        if amount is not None
    ]
    require(
        not balances or any(map(_has_value, held)),
        "`seed_expected` returns empty balances only. Return one that is not zero.",
    )


def _require_different_balances(balances: list[Balance]) -> None:
    both = [it for it in balances if it.current and it.available]
    require(
        not both or any(it.current != it.available for it in both),
        "`seed_expected` returns balances whose current and available amounts are equal, "
        "so that one may be read as the other. Return one with money on hold.",
    )


def _has_value(amount: Money | Decimal) -> bool:
    return bool(amount.minor_units if isinstance(amount, Money) else amount)
