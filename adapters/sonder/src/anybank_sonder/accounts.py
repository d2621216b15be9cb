"""Accounts and transactions of Sonder, as far as its pages go (sonder.md §8, §9).

The unit of an amount is stated nowhere, so it is never made into Money (row 27).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from anybank.adapter.converter import named, read, read_created
from anybank.adapter.wire import Json
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import Account, NewAccount, Transaction
from anybank.model.ids import is_usable

from .declaration import ACCOUNT


@frozen(kw_only=True)
class WireAccount:
    """An account as Sonder sends it."""

    accountId: str  # noqa: N815  # the vendor's name
    type: str | None = None
    name: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    customers: list[Any] | None = None
    transactions: list[Any] | None = None


@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Sonder sends it."""

    transactionId: str  # noqa: N815  # the vendor's names
    accountId: str | None = None  # noqa: N815
    amount: Decimal | None = None
    date: date | None = None
    currency: str | None = None
    originalTransactionDescription: str | None = None  # noqa: N815
    settlementType: str | None = None  # noqa: N815


_NAMES = {**named(ACCOUNT), "amount": "native_amount", "accountId": "id"}


def account(data: Json) -> Account:
    """Read an account; what it lists may be ids or objects (row 25)."""
    return _account(read(data, WireAccount), data)


def created(data: Json) -> Account:
    """Read the answer to a new account: it has happened, whatever else cannot be read."""
    return read_created(data, WireAccount, _account, _NAMES)


def _account(wire: WireAccount, data: Json) -> Account:
    return Account(
        id=wire.accountId,
        customer_ids=_ids(wire.customers, "customers", "customerId"),
        kind=wire.type,
        name=wire.name,
        currency=wire.currency,
        native_amount=wire.amount,
        transaction_ids=_ids(wire.transactions, "transactions", "transactionId"),
        raw=data,
    )


def transaction(data: Json) -> Transaction:
    """Read a transaction."""
    wire = read(data, WireTransaction)
    return Transaction(
        id=wire.transactionId,
        account_id=wire.accountId,
        kind=wire.settlementType,
        native_amount=wire.amount,
        currency=wire.currency,
        date=wire.date,
        description=wire.originalTransactionDescription,
        raw=data,
    )


def _ids(items: list[Any] | None, name: str, key: str) -> tuple[str, ...]:
    return tuple(_id(item, name, key) for item in items or ())


def _id(item: Any, name: str, key: str) -> str:
    found = item.get(key) if isinstance(item, dict) else item
    if not is_usable(found):
        raise UnexpectedResponse(f"{name} holds no ids", path=f"$.data.{name}[].{key}")
    return str(found)


def new_account(new: NewAccount) -> Json:
    """Write a new account."""
    return {
        "associatedCustomerIds": list(new.customer_ids),
        "name": new.name,
        "currency": new.currency,
        "type": new.kind,
    }
