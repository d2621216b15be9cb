"""Bad input about money is refused by the name of the field, and nothing is sent."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from tests.fakes import Script

from anybank import (
    AccountKind,
    AsyncBank,
    Bank,
    InvalidInput,
    Money,
    NewAccount,
    NewAccountNumber,
    NewCreditApplication,
    TransactionStatus,
)

NUMBER = "804173551962"
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
NAIVE = datetime(2024, 3, 1, 12)  # noqa: DTZ001  # what the test is about
LATER = {"since": NOON, "until": NOON - timedelta(seconds=1)}


def account(**fields: Any) -> NewAccount:
    """Return an account to open."""
    return NewAccount(
        customer_ids=["entity_1"],
        name="Everyday",
        **{"kind": AccountKind.DEPOSIT, **fields},
    )


def application(income: Any) -> NewCreditApplication:
    """Return an application with an income."""
    return NewCreditApplication(
        program_id="program-1", customer_id="customer-1", total_annual_income=income
    )


BAD: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "an amount as a float": (
        "minor_units",
        lambda bank: bank.credit_applications.create(
            application(Money(cast("int", 1234.5)))
        ),
    ),
    "an amount as a float of dollars": (
        "amount",
        lambda bank: bank.credit_applications.create(
            application(Money.from_decimal(cast("Decimal", 12.34)))
        ),
    ),
    "a float in place of an amount": (
        "total_annual_income",
        lambda bank: bank.credit_applications.create(application(1234.5)),
    ),
    "an amount with half a cent": (
        "amount",
        lambda bank: bank.credit_applications.create(
            application(Money.from_decimal("12.345"))
        ),
    ),
    "an amount in an unknown currency": (
        "currency",
        lambda bank: bank.credit_applications.create(application(Money(1, "XQQ"))),
    ),
    "an account in an unknown currency": (
        "currency",
        lambda bank: bank.accounts.create(account(currency="Dollars")),
    ),
    "a kind as a text": (
        "kind",
        lambda bank: bank.accounts.create(account(kind="deposit")),
    ),
    "an account number for the balance": (
        "account_id",
        lambda bank: bank.accounts.balance(NUMBER),
    ),
    "an account number to close": (
        "account_id",
        lambda bank: bank.accounts.close(NUMBER),
    ),
    "an account number to list transactions": (
        "account_id",
        lambda bank: bank.transactions.list(account_id=NUMBER),
    ),
    "an account number with dashes": (
        "account_id",
        lambda bank: bank.transactions.list(account_id="8041-7355-1962"),
    ),
    "an account number for a transaction": (
        "transaction_id",
        lambda bank: bank.transactions.get(NUMBER),
    ),
    "an account number of a transaction": (
        "account_id",
        lambda bank: bank.transactions.get("transaction_1", NUMBER),
    ),
    "an account number for its own id": (
        "account_number_id",
        lambda bank: bank.account_numbers.get(NUMBER),
    ),
    "an account number to create another": (
        "account_id",
        lambda bank: bank.account_numbers.create(
            NewAccountNumber(account_id=NUMBER, name="Payroll")
        ),
    ),
    "an account number to list events": (
        "object_id",
        lambda bank: bank.events.list(object_id=NUMBER),
    ),
    "transactions since a time without a zone": (
        "since",
        lambda bank: bank.transactions.list(since=NAIVE),
    ),
    "transactions until a time without a zone": (
        "until",
        lambda bank: bank.transactions.list(until=NAIVE),
    ),
    "transactions since after until": (
        "since",
        lambda bank: bank.transactions.list(**LATER),
    ),
    "events since a time without a zone": (
        "since",
        lambda bank: bank.events.list(since=NAIVE),
    ),
    "events until a time without a zone": (
        "until",
        lambda bank: bank.events.list(until=NAIVE),
    ),
    "events since after until": ("since", lambda bank: bank.events.list(**LATER)),
    "events since a date as a text": (
        "since",
        lambda bank: bank.events.list(since="2024-03-01"),
    ),
    "transactions of no status": (
        "status",
        lambda bank: bank.transactions.list(status=TransactionStatus.UNKNOWN),
    ),
    "a page of no transactions": (
        "page_size",
        lambda bank: bank.transactions.list(page_size=0),
    ),
}


def refused(call: Callable[[Any], Any]) -> InvalidInput:
    """Return the refusal of a Bank and of an AsyncBank, which are the same."""
    refusals = []
    script = Script()
    with Bank("increase", api_key="k", transport=script) as bank:
        with pytest.raises(InvalidInput) as raised:
            _ = [*value] if hasattr(value := call(bank), "pages") else value
        refusals.append(raised.value)

    async def run() -> None:
        async with AsyncBank("increase", api_key="k", transport=script) as bank:
            value = call(bank)
            if hasattr(value, "pages"):
                _ = [item async for item in value]
            elif inspect.isawaitable(value):
                await value

    with pytest.raises(InvalidInput) as raised:
        asyncio.run(run())
    assert raised.value.issues == refusals[0].issues
    assert script.requests == []
    return refusals[0]


@pytest.mark.parametrize("name", BAD)
def test_bad_input_sends_nothing(name: str) -> None:
    """The issue names the field and what to pass, and repeats no account number."""
    field, call = BAD[name]
    refusal = refused(call)
    assert [issue.field for issue in refusal.issues] == [field]
    assert refusal.issues[0].message
    assert NUMBER not in f"{refusal!r} {refusal}"
