"""Accounts at Bond: reading and writing. Balances are in cents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from anybank.adapter.converter import Reader, build, money, neutral, neutral_id, read
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

    current_balance: Decimal | None = neutral("balance")
    available_balance: Decimal | None = neutral("balance")
    currency: str | None = neutral("currency")


@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it. Source: Atelio docs, "Account overview"."""

    account_id: str = neutral_id()
    # The schema account-write calls customer_id and business_id required; its
    # descriptions say which is required for consumers and which for businesses.
    customer_id: str | None = neutral("customer_ids")
    # The page shows an account with the member `credit`, which no caller opens: Bond does
    # on approval of a credit application.
    type: str | None = neutral(
        "kind",
        read={
            **{word: kind for kind, word in ACCOUNT_KINDS.items()},
            "credit": AccountKind.CREDIT,
        },
    )
    status: str | None = neutral("status")
    description: str | None = neutral("name")
    program_id: str | None = neutral("program_id")
    routing_number: str | None = neutral("routing_number")
    account_number: str | None = neutral("account_number", read=BankAccountNumber.read)
    balance: WireBalance | None = None


def accounts(raw: Json) -> Page[Account]:
    """Read a list of accounts."""
    # No page shows the response to a list: a bare list and an object with the member
    # `accounts` are both read.
    records = raw.get("accounts") if isinstance(raw, dict) else raw
    return ACCOUNTS.each(records)


def _account(wire: WireAccount, raw: Json) -> Account:
    balance = wire.balance or WireBalance()
    currency = balance.currency or DOLLARS
    return build(
        Account,
        wire,
        raw,
        # Event samples spell a status with a capital.
        status=_STATUSES.get((wire.status or "").lower(), AccountStatus.UNKNOWN),
        native_status=wire.status,
        currency=currency,
        # Atelio docs, "Account overview": the amounts of a balance are in cents.
        balance=money(balance.current_balance, currency, "$.balance"),
    )


ACCOUNTS = Reader(WireAccount, Account, _account)


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
