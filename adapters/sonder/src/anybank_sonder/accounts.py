"""Accounts and transactions at Sonder: reading and writing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from attrs import frozen

from anybank.adapter.converter import Reader, neutral, neutral_id, reads, writes
from anybank.adapter.wire import segment
from anybank.declaration import FieldRule, required
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    Balance,
    NewAccount,
)
from anybank.model.ids import is_usable
from anybank.model.transactions import Transaction

from . import sources

_NO_UNIT = "no page states the unit of an amount: it is the native one"


@writes(
    NewAccount,
    sources.ACCOUNTS,
    {
        # "Accounts" describes the form of a type and does not list the types.
        "kind": FieldRule(
            create="refused",
            note="pass Sonder's own word as native_kind: its docs list no types; CHECKING, "
            "SAVINGS and LOAN are read",
        )
    },
    refused=["program_id"],
)
@frozen(kw_only=True)
class WireNewAccount:
    """An account to open.

    Source: https://dev.sonderlabs.io/accounts
    """

    # "Accounts": a new account must belong to at least one customer.
    associatedCustomerIds: list[str] | None = neutral(  # noqa: N815  # the vendor's name
        "customer_ids", required(items=(1, None))
    )
    name: str | None = neutral("name", required())
    # An ISO 4217 code.
    currency: str | None = neutral("currency", required())
    type: str | None = neutral(
        "native_kind",
        required(
            pattern=r"[A-Z]+(_[A-Z]+)*",
            pattern_note="one of Sonder's types: capitals, with underscores between words",
        ),
    )


@reads(
    Account,
    sources.ACCOUNTS,
    status="an account has no status",
    native_status="an account has no status",
    program_id="Sonder has no programs",
    routing_number="an account has no numbers",
    account_number="an account has no numbers",
    balance=_NO_UNIT,
    opened_at="an account has no time",
    closed_at="an account has no time",
)
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


@reads(
    Balance,
    sources.ACCOUNTS,
    current=_NO_UNIT,
    available=_NO_UNIT,
    as_of="an account has no time",
)
@frozen(kw_only=True)
class WireBalance:
    """The amount of an account, as Sonder's number without a unit."""

    accountId: str = neutral_id("account_id")  # noqa: N815  # the vendor's name
    amount: Decimal | None = neutral("native")


@reads(
    Transaction,
    sources.TRANSACTIONS,
    amount=_NO_UNIT,
    kind="CREDIT and DEBIT are directions",
    status="a transaction has no status",
    native_status="a transaction has no status",
    occurred_at="a transaction has the date of the ledger: posted_on",
    posted_at="a transaction has the date of the ledger: posted_on",
    balance_after="a transaction has no balance",
    counterparty="no field is the other party",
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
BALANCES = Reader(WireBalance, Balance)
TRANSACTIONS = Reader(WireTransaction, Transaction)


def _ids(items: list[Any], name: str, key: str) -> tuple[str, ...]:
    # "Accounts" types both arrays as objects, "Transactions" describes one of them as ids.
    return tuple(_id(item, name, key) for item in items)


def _id(item: Any, name: str, key: str) -> str:
    identifier = item.get(key) if isinstance(item, dict) else item
    if not is_usable(identifier):
        message = f"{name} has an item without an id"
        raise UnexpectedResponse(message, path=f"$.data.{name}[].{key}")
    return str(identifier)


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/account/{segment(account_id)}"


def transaction_path(transaction_id: str) -> str:
    """Return the path of a transaction."""
    return f"/transaction/{segment(transaction_id)}"
