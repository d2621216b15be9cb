"""Accounts at Bond: reading and writing. Balances are in cents."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
from anybank.model.accounts import Account, NewAccount
from anybank.model.pages import Page

from .rules import ACCOUNT, DOLLARS


@frozen(kw_only=True)
class WireBalance:
    """The balance of an account, in cents."""

    current_balance: Decimal | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it. Source: Atelio docs, "Account overview"."""

    account_id: str
    customer_id: str | None = None
    type: str | None = None
    status: str | None = None
    description: str | None = None
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
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireAccount, _account, _NAMES)


def accounts(raw: Json) -> Page[Account]:
    """Read a list of accounts."""
    # No page shows the response to a list: a bare list and an object with the member
    # `accounts` are both read.
    records = raw.get("accounts") if isinstance(raw, dict) else raw
    return read_each(records, WireAccount, _account, _NAMES)


def _account(wire: WireAccount, raw: Json) -> Account:
    balance = wire.balance or WireBalance()
    currency = balance.currency or DOLLARS
    return Account(
        id=wire.account_id,
        # The schema account-write calls customer_id and business_id required; its descriptions
        # say which is required for consumers and which for businesses.
        customer_ids=(wire.customer_id,) if wire.customer_id else (),
        kind=wire.type,
        status=wire.status,
        name=wire.description,
        currency=currency,
        # Atelio docs, "Account overview": the amounts of a balance are in cents.
        balance=money(balance.current_balance, currency, "$.balance"),
        raw=raw,
    )


def new_account(new: NewAccount) -> Json:
    """Write an account to open."""
    # The schema account-write of the API reference has no name: its optional
    # `description` is the "label for account".
    return present(
        program_id=new.program_id,
        customer_id=new.customer_ids[0],
        type=new.kind,
        description=new.name,
    )


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/accounts/{segment(account_id)}"
