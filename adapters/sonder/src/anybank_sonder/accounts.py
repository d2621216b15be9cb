"""Accounts and transactions at Sonder: reading and writing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from attrs import frozen

from anybank.adapter.converter import Reader, neutral, neutral_id, read
from anybank.adapter.wire import Json, segment
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    Balance,
    NewAccount,
)
from anybank.model.ids import is_usable
from anybank.model.transactions import Transaction


@frozen(kw_only=True)
class WireAccount:
    """An account as Sonder sends it.

    Source: https://dev.sonderlabs.io/accounts
    """

    accountId: str = neutral_id()  # noqa: N815  # the vendor's name
    # "Accounts" describes capitals with underscores and lists no members. "Transactions"
    # has these three as the type of an account.
    type: str | None = neutral(
        "kind",
        read={
            "CHECKING": AccountKind.CHECKING,
            "SAVINGS": AccountKind.SAVINGS,
            "LOAN": AccountKind.LOAN,
        },
    )
    name: str | None = neutral("name")
    # "Accounts" states neither dollars nor cents, so the amount is not Money. It is a JSON
    # number, read as a Decimal: a float would lose cents.
    amount: Decimal | None = neutral("native_amount")
    currency: str | None = neutral("currency")
    customers: list[Any] | None = neutral(
        "customer_ids", read=lambda items: _ids(items, "customers", "customerId")
    )
    transactions: list[Any] | None = neutral(
        "transaction_ids",
        read=lambda items: _ids(items, "transactions", "transactionId"),
    )


@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Sonder sends it.

    Source: https://dev.sonderlabs.io/transactions
    """

    transactionId: str = neutral_id()  # noqa: N815  # the vendor's names
    accountId: str | None = neutral("account_id")  # noqa: N815
    # "Transactions" warns that values depend on the core system of the bank.
    amount: Decimal | None = neutral("native_amount")
    # The date of the ledger, without a time.
    date: dt.date | None = neutral("posted_on")
    currency: str | None = neutral("currency")
    originalTransactionDescription: str | None = neutral("description")  # noqa: N815
    # CREDIT or DEBIT: the direction, from which no sign of the amount follows.
    settlementType: str | None = neutral("native_kind")  # noqa: N815


ACCOUNTS = Reader(WireAccount, Account)
TRANSACTIONS = Reader(WireTransaction, Transaction)


def balance(data: Json) -> Balance:
    """Read the balance of an account, as Sonder's number without a unit."""
    wire = read(data, WireAccount)
    # The amount is not Money: no page states whether it is in dollars or cents.
    return Balance(account_id=wire.accountId, native=wire.amount, raw=data)


def _ids(items: list[Any], name: str, key: str) -> tuple[str, ...]:
    # "Accounts" types both arrays as objects, "Transactions" describes one of them as ids.
    return tuple(_id(item, name, key) for item in items)


def _id(item: Any, name: str, key: str) -> str:
    identifier = item.get(key) if isinstance(item, dict) else item
    if not is_usable(identifier):
        message = f"{name} has an item without an id"
        raise UnexpectedResponse(message, path=f"$.data.{name}[].{key}")
    return str(identifier)


def new_account(new: NewAccount) -> Json:
    """Write an account to open."""
    return {
        # https://dev.sonderlabs.io/accounts
        # "Accounts": a new account must belong to at least one customer.
        "associatedCustomerIds": list(new.customer_ids),
        "name": new.name,
        "currency": new.currency,
        "type": new.native_kind,
    }


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/account/{segment(account_id)}"


def transaction_path(transaction_id: str) -> str:
    """Return the path of a transaction."""
    return f"/transaction/{segment(transaction_id)}"
