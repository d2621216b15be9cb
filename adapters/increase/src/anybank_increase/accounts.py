"""Accounts, account numbers and external accounts at Increase: reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, frozen

from anybank.adapter.converter import money, named, read, read_created, read_each
from anybank.adapter.wire import Json, present, segment
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
from anybank.model.pages import Page
from anybank.model.unset import UNSET

from . import extras
from .pages import WirePage
from .rules import ACCOUNT, ACCOUNT_NUMBER, ACCOUNT_NUMBER_CHANGES, DOLLARS

# The schema account: funding is deposits or loan. A caller opens an account for deposits.
_KINDS: Mapping[str, AccountKind] = {
    "deposits": AccountKind.DEPOSIT,
    "loan": AccountKind.LOAN,
}
_STATUSES: Mapping[str, AccountStatus] = {
    "open": AccountStatus.OPEN,
    "closed": AccountStatus.CLOSED,
}
# The schema external_account: general_ledger and other have no neutral kind.
_EXTERNAL_KINDS: Mapping[str, AccountKind] = {
    "checking": AccountKind.CHECKING,
    "savings": AccountKind.SAVINGS,
}

_EXTERNAL_STATUSES: Mapping[str, AccountStatus] = {
    "active": AccountStatus.OPEN,
    # An archived external account "won't appear in the dashboard".
    "archived": AccountStatus.CLOSED,
}

_ACCOUNT_NAMES = {
    **named(ACCOUNT),
    "created_at": "opened_at",
}
_NUMBER_NAMES = {**named(ACCOUNT_NUMBER), "account_number": "number"}
_EXTERNAL_NAMES = {"description": "name", "funding": "kind"}


@frozen(kw_only=True)
class WireAccount:
    """An account as Increase sends it.

    Source: https://increase.com/documentation/api/accounts
    """

    id: str
    entity_id: str | None = None
    name: str | None = None
    funding: str | None = None
    status: str | None = None
    currency: str | None = None
    program_id: str | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None


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
    account_id: str | None = None
    name: str | None = None
    account_number: str | None = None
    routing_number: str | None = None
    status: str | None = None
    created_at: datetime | None = None


@frozen(kw_only=True)
class WireExternalAccount:
    """An account at another bank as Increase sends it.

    Source: https://increase.com/documentation/api/external-accounts
    """

    id: str
    description: str | None = None
    funding: str | None = None
    status: str | None = None
    account_number: str | None = None
    routing_number: str | None = None
    created_at: datetime | None = None


def account(raw: Json) -> Account:
    """Read an account."""
    return _account(read(raw, WireAccount), raw)


def created(raw: Json) -> Account:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireAccount, _account, _ACCOUNT_NAMES)


def accounts(raw: Json) -> Page[Account]:
    """Read a page of accounts; its token is Increase's cursor."""
    wire = read(raw, WirePage)
    page = read_each(wire.data, WireAccount, _account, _ACCOUNT_NAMES)
    return evolve(page, next_token=wire.next_cursor)


def _account(wire: WireAccount, raw: Json) -> Account:
    return Account(
        id=wire.id,
        customer_ids=(wire.entity_id,) if wire.entity_id else (),
        kind=_KINDS.get(wire.funding or "", AccountKind.UNKNOWN),
        native_kind=wire.funding,
        status=_STATUSES.get(wire.status or "", AccountStatus.UNKNOWN),
        native_status=wire.status,
        name=wire.name,
        currency=wire.currency,
        program_id=wire.program_id,
        opened_at=wire.created_at,
        closed_at=wire.closed_at,
        raw=raw,
    )


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
    return present(
        entity_id=new.customer_ids[0],
        name=new.name,
        funding=ACCOUNT["kind"].word(new.kind),
        program_id=new.program_id,
        **extras.of_account(new.extras.get("increase")),
    )


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/accounts/{segment(account_id)}"


def account_number(raw: Json) -> AccountNumber:
    """Read an account number."""
    return _number(read(raw, WireAccountNumber), raw)


def created_number(raw: Json) -> AccountNumber:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireAccountNumber, _number, _NUMBER_NAMES)


def account_numbers(raw: Json) -> Page[AccountNumber]:
    """Read a page of account numbers."""
    wire = read(raw, WirePage)
    page = read_each(wire.data, WireAccountNumber, _number, _NUMBER_NAMES)
    return evolve(page, next_token=wire.next_cursor)


def _number(wire: WireAccountNumber, raw: Json) -> AccountNumber:
    status = ACCOUNT_NUMBER_CHANGES["status"].member(wire.status or "")
    return AccountNumber(
        id=wire.id,
        account_id=wire.account_id,
        name=wire.name,
        number=_sensitive(wire.account_number),
        routing_number=wire.routing_number,
        status=status or AccountNumberStatus.UNKNOWN,
        native_status=wire.status,
        created_at=wire.created_at,
        raw=raw,
    )


def new_number(new: NewAccountNumber) -> Json:
    """Write an account number to create."""
    own = extras.of_number(new.extras.get("increase"))
    return {"account_id": new.account_id, "name": new.name, **own}


def number_changes(changes: AccountNumberChanges) -> Json:
    """Write the changed fields of an account number, and no others."""
    rule = ACCOUNT_NUMBER_CHANGES["status"]
    return present(
        name=None if changes.name is UNSET else changes.name,
        status=None if changes.status is UNSET else rule.word(changes.status),
        **extras.of_number(changes.extras.get("increase")),
    )


def number_path(account_number_id: str) -> str:
    """Return the path of an account number."""
    return f"/account_numbers/{segment(account_number_id)}"


def external_account(raw: Json) -> ExternalAccount:
    """Read an account at another bank."""
    return _external(read(raw, WireExternalAccount), raw)


def external_accounts(raw: Json) -> Page[ExternalAccount]:
    """Read a page of accounts at other banks."""
    wire = read(raw, WirePage)
    page = read_each(wire.data, WireExternalAccount, _external, _EXTERNAL_NAMES)
    return evolve(page, next_token=wire.next_cursor)


def _external(wire: WireExternalAccount, raw: Json) -> ExternalAccount:
    return ExternalAccount(
        id=wire.id,
        name=wire.description,
        kind=_EXTERNAL_KINDS.get(wire.funding or "", AccountKind.UNKNOWN),
        native_kind=wire.funding,
        status=_EXTERNAL_STATUSES.get(wire.status or "", AccountStatus.UNKNOWN),
        native_status=wire.status,
        routing_number=wire.routing_number,
        account_number=_sensitive(wire.account_number),
        created_at=wire.created_at,
        raw=raw,
    )


def external_path(external_account_id: str) -> str:
    """Return the path of an external account."""
    return f"/external_accounts/{segment(external_account_id)}"


# An absent number is None. An empty text is not a number either.
def _sensitive(digits: str | None) -> BankAccountNumber | None:
    return BankAccountNumber.read(digits) if digits else None
