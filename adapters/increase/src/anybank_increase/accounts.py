"""Accounts, account numbers and external accounts at Increase: reading and writing."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import (
    Reader,
    money,
    neutral,
    read,
    reads,
    words_of,
    write,
    writes,
)
from anybank.adapter.wire import Json
from anybank.declaration import FieldRule, optional, required
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountNumber,
    AccountNumberChanges,
    AccountNumberStatus,
    AccountStatus,
    Balance,
    ExternalAccount,
    NewAccount,
    NewAccountNumber,
)
from anybank.model.bank_account_numbers import BankAccountNumber

from . import sources
from .pages import Resource

# The schema account: the currency is USD.
DOLLARS = "USD"
IN_CENTS = "every amount is in the minor unit of its currency"
_OWN_NUMBERS = "an account has account numbers of its own: use account_numbers.list"
_NAME = required(length=(1, 200))


@writes(NewAccount, sources.ACCOUNTS)
@reads(
    Account,
    sources.ACCOUNTS,
    routing_number=_OWN_NUMBERS,
    account_number=_OWN_NUMBERS,
    balance="use accounts.balance",
    native_amount=IN_CENTS,
    transaction_ids="use transactions.list",
)
@frozen(kw_only=True)
class WireAccount:
    """An account as Increase sends it.

    Source: https://increase.com/documentation/api/accounts
    """

    id: str
    # "Create an account": entity_id is optional, and the group's own entity owns an
    # account without it. An account of a customer names the customer.
    entity_id: str | None = neutral(
        "customer_ids", required(items=(1, 1), update="never")
    )
    name: str | None = neutral("name", _NAME)
    # An account that is funded by a loan needs the terms of the loan as well.
    funding: str | None = neutral(
        "kind",
        required(
            values={AccountKind.DEPOSIT: "deposits"},
            update="never",
            note="use bank.request for an account that is funded by a loan",
        ),
        read={"deposits": AccountKind.DEPOSIT, "loan": AccountKind.LOAN},
    )
    status: str | None = neutral(
        "status", read={"open": AccountStatus.OPEN, "closed": AccountStatus.CLOSED}
    )
    currency: str | None = neutral(
        "currency", FieldRule(create="refused", implied=DOLLARS)
    )
    program_id: str | None = neutral(
        "program_id",
        optional(
            update="never", when="required for a group with more than one program"
        ),
    )
    created_at: datetime | None = neutral("opened_at")
    closed_at: datetime | None = neutral("closed_at")


@reads(Balance, sources.ACCOUNTS, as_of="a balance is the current one", native=IN_CENTS)
@frozen(kw_only=True)
class WireBalance:
    """The balance of an account, in cents. Source: the schema balance_lookup."""

    account_id: str
    # The sum of all posted transactions.
    current_balance: int
    # The current balance less what is held by pending transactions.
    available_balance: int


@writes(AccountNumberChanges, sources.ACCOUNT_NUMBERS)
@frozen(kw_only=True)
class WireNumberChanges:
    """What an update of an account number changes.

    "Update an account number": a canceled number is never active again.
    """

    name: str | None = neutral("name", optional(length=(1, 200)))
    status: str | None = neutral(
        "status",
        optional(
            values={
                AccountNumberStatus.ACTIVE: "active",
                AccountNumberStatus.DISABLED: "disabled",
                AccountNumberStatus.CANCELED: "canceled",
            }
        ),
    )


@writes(NewAccountNumber, sources.ACCOUNT_NUMBERS)
@reads(AccountNumber, sources.ACCOUNT_NUMBERS)
@frozen(kw_only=True)
class WireAccountNumber:
    """An account number as Increase sends it.

    "Create an Account Number" also has `inbound_ach` and `inbound_checks`, which have no
    neutral field. Source: https://increase.com/documentation/api/account-numbers
    """

    id: str
    account_id: str | None = neutral("account_id", required(update="never"))
    name: str | None = neutral("name", _NAME)
    account_number: str | None = neutral("number", read=BankAccountNumber.read)
    routing_number: str | None = neutral("routing_number")
    status: str | None = neutral("status", read=words_of(WireNumberChanges, "status"))
    created_at: datetime | None = neutral("created_at")


@reads(ExternalAccount, sources.EXTERNAL_ACCOUNTS)
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
    return write(WireAccount, new, extras="increase")


def new_number(new: NewAccountNumber) -> Json:
    """Write an account number to create."""
    return write(WireAccountNumber, new, extras="increase")


def number_changes(changes: AccountNumberChanges) -> Json:
    """Write the changed fields of an account number, and no others."""
    return write(WireNumberChanges, changes, extras="increase")


ACCOUNTS = Resource("/accounts", Reader(WireAccount, Account))
NUMBERS = Resource("/account_numbers", Reader(WireAccountNumber, AccountNumber))
EXTERNALS = Resource("/external_accounts", Reader(WireExternalAccount, ExternalAccount))
