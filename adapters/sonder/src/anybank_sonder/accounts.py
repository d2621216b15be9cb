"""Accounts and transactions at Sonder: reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from anybank.adapter.converter import named, read, read_created
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

from .rules import ACCOUNT


@frozen(kw_only=True)
class WireAccount:
    """An account as Sonder sends it.

    Source: https://dev.sonderlabs.io/accounts
    """

    accountId: str  # noqa: N815  # the vendor's name
    # "Accounts" describes capitals with underscores and lists no members.
    type: str | None = None
    name: str | None = None
    # A JSON number, read as a Decimal: a float would lose cents.
    amount: Decimal | None = None
    currency: str | None = None
    customers: list[Any] | None = None
    transactions: list[Any] | None = None


@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Sonder sends it.

    Source: https://dev.sonderlabs.io/transactions
    """

    transactionId: str  # noqa: N815  # the vendor's names
    accountId: str | None = None  # noqa: N815
    amount: Decimal | None = None
    date: date | None = None
    currency: str | None = None
    originalTransactionDescription: str | None = None  # noqa: N815
    # CREDIT or DEBIT. "Transactions" states no sign of the amount.
    settlementType: str | None = None  # noqa: N815


# "Accounts" lists no types. "Transactions" has these three as the type of an account.
_KINDS: Mapping[str, AccountKind] = {
    "CHECKING": AccountKind.CHECKING,
    "SAVINGS": AccountKind.SAVINGS,
    "LOAN": AccountKind.LOAN,
}
_NAMES = {**named(ACCOUNT), "amount": "native_amount", "accountId": "id"}


def account(data: Json) -> Account:
    """Read an account."""
    return _account(read(data, WireAccount), data)


def created(data: Json) -> Account:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(data, WireAccount, _account, _NAMES)


def _account(wire: WireAccount, data: Json) -> Account:
    return Account(
        id=wire.accountId,
        customer_ids=_ids(wire.customers, "customers", "customerId"),
        kind=_KINDS.get(wire.type or "", AccountKind.UNKNOWN),
        native_kind=wire.type,
        name=wire.name,
        currency=wire.currency,
        # https://dev.sonderlabs.io/accounts
        # "Accounts" states neither dollars nor cents, so the amount is not Money.
        native_amount=wire.amount,
        transaction_ids=_ids(wire.transactions, "transactions", "transactionId"),
        raw=data,
    )


def balance(data: Json) -> Balance:
    """Read the balance of an account, as Sonder's number without a unit."""
    wire = read(data, WireAccount)
    # The amount is not Money: no page states whether it is in dollars or cents.
    return Balance(account_id=wire.accountId, native=wire.amount, raw=data)


def transaction(data: Json) -> Transaction:
    """Read a transaction."""
    wire = read(data, WireTransaction)
    return Transaction(
        id=wire.transactionId,
        account_id=wire.accountId,
        # https://dev.sonderlabs.io/transactions
        # "Transactions" warns that values depend on the core system of the bank.
        # CREDIT or DEBIT: the direction, from which no sign of the amount follows.
        native_kind=wire.settlementType,
        native_amount=wire.amount,
        currency=wire.currency,
        # "Transactions": the date of the ledger, without a time.
        posted_on=wire.date,
        description=wire.originalTransactionDescription,
        raw=data,
    )


def _ids(items: list[Any] | None, name: str, key: str) -> tuple[str, ...]:
    # "Accounts" types both arrays as objects, "Transactions" describes one of them as ids.
    return tuple(_id(item, name, key) for item in items or ())


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
