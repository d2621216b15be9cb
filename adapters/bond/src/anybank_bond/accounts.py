"""Accounts at Bond: reading and writing. Balances are in cents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    NewAccount,
)
from anybank.model.bank_account_numbers import BankAccountNumber
from anybank.model.pages import Page

from .rules import ACCOUNT, ACCOUNT_KINDS, DOLLARS

# Atelio docs, "Account overview", shows an account with the member `credit`, which no
# caller opens: Bond does on approval of a credit application.
_KINDS: Mapping[str, AccountKind] = {
    **{word: kind for kind, word in ACCOUNT_KINDS.items()},
    "credit": AccountKind.CREDIT,
}
# "Managing accounts" changes the status to active or inactive, and names a close call.
# An inactive account can be made active again, which FROZEN means in the neutral
# values. https://docs.bond.tech/docs/managing-accounts
_STATUSES: Mapping[str, AccountStatus] = {
    "active": AccountStatus.OPEN,
    "inactive": AccountStatus.FROZEN,
    "closed": AccountStatus.CLOSED,
}


@frozen(kw_only=True)
class WireBalance:
    """The balance of an account, in cents."""

    current_balance: Decimal | None = None
    available_balance: Decimal | None = None
    currency: str | None = None


@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it. Source: Atelio docs, "Account overview"."""

    account_id: str
    customer_id: str | None = None
    type: str | None = None
    status: str | None = None
    description: str | None = None
    program_id: str | None = None
    routing_number: str | None = None
    account_number: str | None = None
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
        # The schema account-write calls customer_id and business_id required; its
        # descriptions say which is required for consumers and which for businesses.
        customer_ids=(wire.customer_id,) if wire.customer_id else (),
        kind=_KINDS.get(wire.type or "", AccountKind.UNKNOWN),
        native_kind=wire.type,
        # Event samples spell a status with a capital.
        status=_STATUSES.get((wire.status or "").lower(), AccountStatus.UNKNOWN),
        native_status=wire.status,
        program_id=wire.program_id,
        routing_number=wire.routing_number,
        account_number=BankAccountNumber.read(wire.account_number)
        if wire.account_number
        else None,
        name=wire.description,
        currency=currency,
        # Atelio docs, "Account overview": the amounts of a balance are in cents.
        balance=money(balance.current_balance, currency, "$.balance"),
        raw=raw,
    )


def balance(raw: Json) -> Balance:
    """Read the balance of an account, which is a part of the account."""
    wire = read(raw, WireAccount)
    amounts = wire.balance or WireBalance()
    currency = amounts.currency or DOLLARS
    return Balance(
        account_id=wire.account_id,
        current=money(amounts.current_balance, currency, "$.balance.current_balance"),
        available=money(
            amounts.available_balance, currency, "$.balance.available_balance"
        ),
        raw=raw,
    )


def require_closed(account: Account) -> Account:
    """Return an account that is closed; raises UnexpectedResponse for another status."""
    if account.status is not AccountStatus.CLOSED:
        message = "Bond accepted the closing of the account and returns it unclosed"
        raise UnexpectedResponse(message, path="$.status")
    return account


def closed(account_id: str) -> Account:
    """Return a closed account that Bond no longer returns."""
    return Account(id=account_id, status=AccountStatus.CLOSED)


def new_account(new: NewAccount) -> Json:
    """Write an account to open."""
    # The schema account-write of the API reference has no name: its optional
    # `description` is the "label for account".
    return present(
        program_id=new.program_id,
        customer_id=new.customer_ids[0],
        type=ACCOUNT["kind"].word(new.kind),
        description=new.name,
    )


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/accounts/{segment(account_id)}"
