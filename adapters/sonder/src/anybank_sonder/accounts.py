"""Accounts and transactions of Sonder, as far as its pages go (sonder.md §8, §9).

The unit of an amount is stated nowhere, so it is never made into Money (row 27).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from anybank.converter import read
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import Account, NewAccount, Transaction
from anybank.wire import Json


@frozen(kw_only=True)
class WireAccount:
    """An account as Sonder sends it."""

    accountId: str  # noqa: N815  # the vendor's name
    type: str | None = None
    name: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


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


def account(data: Json) -> Account:
    """Read an account; what it lists may be ids or objects (row 25)."""
    wire = read(data, WireAccount)
    return Account(
        id=wire.accountId,
        customer_ids=_ids(data, "customers", "customerId"),
        kind=wire.type,
        name=wire.name,
        currency=wire.currency,
        native_amount=wire.amount,
        transaction_ids=_ids(data, "transactions", "transactionId"),
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


def _ids(data: dict[str, Any], name: str, key: str) -> tuple[str, ...]:
    items = data.get(name) or ()
    if not isinstance(items, Iterable) or isinstance(items, str):
        raise UnexpectedResponse(f"{name} is not a list", path=f"$.data.{name}")
    return tuple(_id(item, name, key) for item in items)


def _id(item: Any, name: str, key: str) -> str:
    found = item.get(key) if isinstance(item, dict) else item
    if not isinstance(found, str):
        raise UnexpectedResponse(f"{name} holds no ids", path=f"$.data.{name}[].{key}")
    return found


def new_account(new: NewAccount) -> Json:
    """Write a new account."""
    return {
        "associatedCustomerIds": list(new.customer_ids),
        "name": new.name,
        "currency": new.currency,
        "type": new.kind,
    }
