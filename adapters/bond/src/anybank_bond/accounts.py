"""Accounts at Bond, as far as they are certain (bond.md §12); amounts are cents."""

from __future__ import annotations

from attrs import frozen

from anybank.converter import read
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import Account, NewAccount
from anybank.model.money import Money
from anybank.wire import Json


@frozen(kw_only=True)
class WireBalance:
    """What is on an account, in cents."""

    current_balance: int | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it."""

    account_id: str
    customer_id: str | None = None
    type: str | None = None
    status: str | None = None
    balance: WireBalance | None = None


def account(raw: Json) -> Account:
    """Read an account."""
    wire = read(raw, WireAccount)
    balance = wire.balance or WireBalance()
    currency = balance.currency or "USD"
    cents = balance.current_balance
    return Account(
        id=wire.account_id,
        customer_ids=(wire.customer_id,) if wire.customer_id else (),
        kind=wire.type,
        status=wire.status,
        currency=currency,
        balance=None if cents is None else Money(cents, currency),
        raw=raw,
    )


def accounts(raw: Json) -> list[Account]:
    """Read accounts: a bare list, or one inside `accounts`."""
    found = raw.get("accounts") if isinstance(raw, dict) else raw
    if not isinstance(found, list):
        raise UnexpectedResponse("there is no list of accounts", path="$.accounts")
    return [account(each) for each in found]


def new_account(new: NewAccount) -> Json:
    """Write a new account."""
    return {
        "program_id": new.program_id,
        "customer_id": new.customer_ids[0],
        "type": new.kind,
    }
