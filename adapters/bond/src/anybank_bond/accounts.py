"""Accounts at Bond, as far as they are certain (bond.md §12); amounts are cents."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json
from anybank.model.accounts import Account, NewAccount
from anybank.model.pages import Page

from .rules import ACCOUNT


@frozen(kw_only=True)
class WireBalance:
    """What is on an account, in cents."""

    current_balance: Decimal | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it."""

    account_id: str
    customer_id: str | None = None
    type: str | None = None
    status: str | None = None
    balance: WireBalance | None = None


_NAMES = {
    **named(ACCOUNT),
    "customer_id": "customer_ids",
    "balance.current_balance": "balance",
    "balance.currency": "currency",
}


def account(raw: Json) -> Account:
    """Read an account."""
    return _account(read(raw, WireAccount), raw)


def created(raw: Json) -> Account:
    """Read the answer to an account that was opened."""
    return read_created(raw, WireAccount, _account, _NAMES)


def accounts(raw: Json) -> Page[Account]:
    """Read accounts: a bare list, or one inside `accounts`."""
    found = raw.get("accounts") if isinstance(raw, dict) else raw
    return read_each(found, WireAccount, _account, _NAMES)


def _account(wire: WireAccount, raw: Json) -> Account:
    balance = wire.balance or WireBalance()
    currency = balance.currency or "USD"
    return Account(
        id=wire.account_id,
        customer_ids=(wire.customer_id,) if wire.customer_id else (),
        kind=wire.type,
        status=wire.status,
        currency=currency,
        balance=money(balance.current_balance, currency, "$.balance"),
        raw=raw,
    )


def new_account(new: NewAccount) -> Json:
    """Write a new account."""
    return {
        "program_id": new.program_id,
        "customer_id": new.customer_ids[0],
        "type": new.kind,
    }
