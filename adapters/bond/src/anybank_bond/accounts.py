"""Accounts at Bond: reading and writing. Balances are in cents."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from anybank.adapter.converter import (
    Reader,
    build,
    money,
    neutral,
    neutral_id,
    read,
    reads,
    write,
    writes,
)
from anybank.adapter.wire import Json, segment
from anybank.declaration import FieldRule, optional, required
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

from . import sources

DOLLARS = "USD"
_IN_DOLLARS = "every amount has a unit"

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
    currency: str | None = neutral(
        "currency", FieldRule(create="refused", implied=DOLLARS)
    )


# "Account overview" shows no time of an account.
@writes(NewAccount, sources.ACCOUNTS)
@reads(Balance, sources.ACCOUNTS, as_of="a balance has no time", native=_IN_DOLLARS)
@reads(
    Account,
    sources.ACCOUNTS,
    native_amount=_IN_DOLLARS,
    opened_at="an account has no time",
    closed_at="an account has no time",
    transaction_ids="use transactions.list",
)
@frozen(kw_only=True)
class WireAccount:
    """An account as Bond sends it. Source: Atelio docs, "Account overview"."""

    account_id: str = neutral_id()
    # The schema account-write calls customer_id and business_id required; its
    # descriptions say which is required for consumers and which for businesses.
    customer_id: str | None = neutral("customer_ids", required(items=(1, 1)))
    program_id: str | None = neutral("program_id", required())
    # The schema account-write: type is deposit or security_deposit. The page shows an account with the member `credit`, which no caller opens: Bond does
    # on approval of a credit application.
    type: str | None = neutral(
        "kind",
        required(
            values={
                AccountKind.DEPOSIT: "deposit",
                AccountKind.SECURITY_DEPOSIT: "security_deposit",
            },
            update="never",
        ),
        read={
            "deposit": AccountKind.DEPOSIT,
            "security_deposit": AccountKind.SECURITY_DEPOSIT,
            "credit": AccountKind.CREDIT,
        },
    )
    status: str | None = neutral("status")
    # The schema account-write has no name; its `description` is the "label for account".
    description: str | None = neutral(
        "name", optional(update="never", source=sources.OVERVIEW)
    )
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
    return write(WireAccount, new)


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/accounts/{segment(account_id)}"
