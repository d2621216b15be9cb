"""Accounts, account numbers and external accounts at Increase: reading and writing."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import Reader, money, neutral, read
from anybank.adapter.own_fields import with_own_fields
from anybank.adapter.wire import Json, present
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountNumber,
    AccountNumberChanges,
    AccountStatus,
    Balance,
    ExternalAccount,
    NewAccount,
    NewAccountNumber,
)
from anybank.model.bank_account_numbers import BankAccountNumber
from anybank.model.unset import UNSET

from .pages import Resource
from .rules import ACCOUNT, ACCOUNT_NUMBER_CHANGES, DOLLARS


@frozen(kw_only=True)
class WireAccount:
    """An account as Increase sends it.

    Source: https://increase.com/documentation/api/accounts
    """

    id: str
    entity_id: str | None = neutral("customer_ids")
    name: str | None = neutral("name")
    # A caller opens an account for deposits.
    funding: str | None = neutral(
        "kind", read={"deposits": AccountKind.DEPOSIT, "loan": AccountKind.LOAN}
    )
    status: str | None = neutral(
        "status", read={"open": AccountStatus.OPEN, "closed": AccountStatus.CLOSED}
    )
    currency: str | None = neutral("currency")
    program_id: str | None = neutral("program_id")
    created_at: datetime | None = neutral("opened_at")
    closed_at: datetime | None = neutral("closed_at")


@frozen(kw_only=True)
class WireBalance:
    """The balance of an account, in cents. Source: the schema balance_lookup."""

    account_id: str
    # The sum of all posted transactions.
    current_balance: int
    # The current balance less what is held by pending transactions.
    available_balance: int


@frozen(kw_only=True)
class WireAccountNumber:
    """An account number as Increase sends it.

    Source: https://increase.com/documentation/api/account-numbers
    """

    id: str
    account_id: str | None = neutral("account_id")
    name: str | None = neutral("name")
    account_number: str | None = neutral("number", read=BankAccountNumber.read)
    routing_number: str | None = neutral("routing_number")
    status: str | None = neutral(
        "status", read=ACCOUNT_NUMBER_CHANGES["status"].members
    )
    created_at: datetime | None = neutral("created_at")


@frozen(kw_only=True)
class WireExternalAccount:
    """An account at another bank as Increase sends it.

    Source: https://increase.com/documentation/api/external-accounts
    """

    id: str
    description: str | None = neutral("name")
    # general_ledger and other have no neutral kind.
    funding: str | None = neutral(
        "kind",
        read={"checking": AccountKind.CHECKING, "savings": AccountKind.SAVINGS},
    )
    # An archived external account "won't appear in the dashboard".
    status: str | None = neutral(
        "status",
        read={"active": AccountStatus.OPEN, "archived": AccountStatus.CLOSED},
    )
    account_number: str | None = neutral("account_number", read=BankAccountNumber.read)
    routing_number: str | None = neutral("routing_number")
    created_at: datetime | None = neutral("created_at")


def balance(raw: Json) -> Balance:
    """Read what an account holds."""
    wire = read(raw, WireBalance)
    # The schema account has one currency, USD; the response has none.
    return Balance(
        account_id=wire.account_id,
        current=money(wire.current_balance, DOLLARS, "$.current_balance"),
        available=money(wire.available_balance, DOLLARS, "$.available_balance"),
        raw=raw,
    )


def new_account(new: NewAccount) -> Json:
    """Write an account to open."""
    body = present(
        entity_id=new.customer_ids[0],
        name=new.name,
        funding=ACCOUNT["kind"].word(new.kind),
        program_id=new.program_id,
    )
    return with_own_fields(body, new.extras.get("increase"))


def new_number(new: NewAccountNumber) -> Json:
    """Write an account number to create."""
    body = {"account_id": new.account_id, "name": new.name}
    return with_own_fields(body, new.extras.get("increase"))


def number_changes(changes: AccountNumberChanges) -> Json:
    """Write the changed fields of an account number, and no others."""
    rule = ACCOUNT_NUMBER_CHANGES["status"]
    body = present(
        name=None if changes.name is UNSET else changes.name,
        status=None if changes.status is UNSET else rule.word(changes.status),
    )
    return with_own_fields(body, changes.extras.get("increase"))


ACCOUNTS = Resource("/accounts", Reader(WireAccount, Account))
NUMBERS = Resource("/account_numbers", Reader(WireAccountNumber, AccountNumber))
EXTERNALS = Resource("/external_accounts", Reader(WireExternalAccount, ExternalAccount))
