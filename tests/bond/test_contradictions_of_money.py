"""Rows 66 to 71 of the table in docs/vendors/bond.md, "Where the pages disagree"."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.bond.banks import bond, error
from tests.bond.test_transactions import PAYROLL, WITHDRAWAL, read

from anybank import (
    Money,
    ProviderError,
    TransactionKind,
    TransactionStatus,
    UnexpectedResponse,
)


def test_row_66_a_balance_is_in_cents_and_a_transaction_in_dollars() -> None:
    """A number, or a text without a decimal point, is not read as an amount."""
    account = {"account_id": "a1", "balance": {"current_balance": 6599}}
    balance = {"current_balance": 6599, "available_balance": 6599, "currency": "USD"}
    bank, _ = bond(httpx.Response(200, json={**account, "balance": balance}))
    assert bank.accounts.balance("a1").current == Money(65_99)
    assert read(amount="-20.00").amount == Money(-20_00)
    for unclear in (-2000, "-2000"):
        with pytest.raises(UnexpectedResponse):
            read(amount=unclear)


def test_row_67_no_balance_is_said_to_follow_a_transaction() -> None:
    """The names and the samples of the two balances disagree: both stay in `raw`."""
    result = read()
    assert result.balance_after is None
    assert result.raw["balances"] == WITHDRAWAL["balances"]


def test_row_68_a_page_has_at_most_50_transactions() -> None:
    """The smallest of the three limits is safe, and a refusal keeps its code."""
    bank, script = bond(
        httpx.Response(200, json={"transactions": []}),
        error(400, "too_many_transactions", None),
    )
    assert list(bank.transactions.list(account_id=PAYROLL["account_id"])) == []
    assert script.requests[0].url.params["count"] == "50"
    with pytest.raises(ProviderError) as caught:
        list(bank.transactions.list(account_id=PAYROLL["account_id"]))
    assert caught.value.code == "too_many_transactions"


def test_row_69_the_transaction_type_decides_before_the_payment_type() -> None:
    """Payroll is read as ACH under both payment types."""
    payroll: dict[str, Any] = {"transaction_type": "External ACH Deposit"}
    for payment in ("ach", "account"):
        result = read(**payroll, payment_type=payment, amount="50.00")
        assert result.kind is TransactionKind.ACH
    assert read(transaction_type="Swap", payment_type="ach").kind is TransactionKind.ACH


def test_row_70_a_state_is_read_in_any_case() -> None:
    """The sample has a capital letter, and the table none."""
    states = [read(state=word).status for word in ("Pending", "pending")]
    assert states == [TransactionStatus.PENDING] * 2


def test_row_71_a_positive_withdrawal_is_refused() -> None:
    """Reading it as a deposit would move money into the account."""
    with pytest.raises(UnexpectedResponse):
        read(amount="20.00")
