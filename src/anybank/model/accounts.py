"""Accounts, their balances and their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Personal, shielded_class
from ._fields import (
    field_metadata,
    hidden,
    instance_of,
    masked,
    masks_itself,
    never_null,
    personal,
    personal_metadata,
    plain,
    provider_extras,
    sequence_of,
    text,
    validate,
)
from .bank_account_numbers import BankAccountNumber
from .currencies import currency
from .missing import ExplainsMissing
from .money import Money
from .pydantic_support import PydanticSupport
from .required_field import required
from .samples import word
from .unset import UNSET, Unset

_BOTH_KINDS = Issue(
    "native_kind",
    Effect.BLOCKED,
    "one kind",
    "anybank",
    "cannot be combined with kind: pass an AccountKind or the vendor's own word",
)


class AccountKind(StrEnum):
    """What an account is for."""

    CHECKING = "checking"
    SAVINGS = "savings"
    DEPOSIT = "deposit"
    SECURITY_DEPOSIT = "security_deposit"
    CREDIT = "credit"
    LOAN = "loan"
    UNKNOWN = "unknown"


class AccountStatus(StrEnum):
    """The status of an account; FROZEN accounts can be opened again."""

    PENDING = "pending"
    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class AccountNumberStatus(StrEnum):
    """The status of an account number; a CANCELED one is never used again."""

    ACTIVE = "active"
    DISABLED = "disabled"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


def _settable_status(value: object) -> str | None:
    """Check for a status that a caller can set."""
    if isinstance(value, AccountNumberStatus) and value.name != "UNKNOWN":
        return None
    return "an AccountNumberStatus other than UNKNOWN"


@frozen(kw_only=True)
class Account(ExplainsMissing, PydanticSupport, Personal):
    """An account as the vendor returns it.

    `native_kind` and `native_status` are the vendor's own words. `balance` is set if the
    vendor returns it with the account and states its unit. Otherwise `native_amount` is
    the vendor's number, whose unit is unknown.
    """

    id: str
    customer_ids: Sequence[str] = ()
    kind: AccountKind = AccountKind.UNKNOWN
    native_kind: str | None = None
    status: AccountStatus = AccountStatus.UNKNOWN
    native_status: str | None = None
    name: str | None = personal()
    currency: str | None = None
    program_id: str | None = None
    routing_number: str | None = personal()
    account_number: BankAccountNumber | None = masks_itself()
    balance: Money | None = personal()
    native_amount: Decimal | None = personal()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    transaction_ids: Sequence[str] = ()
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


def _either_kind(new: NewAccount) -> None:
    """Raise InvalidInput if both a kind and the vendor's word for it are set."""
    if new.kind is not None and new.native_kind is not None:
        raise InvalidInput([_BOTH_KINDS])


@shielded_class
@frozen(kw_only=True)
class NewAccount(PydanticSupport, Personal):
    """An account to open for one or more customers.

    `native_kind` is the vendor's own word, for a kind that AccountKind lacks or that the
    vendor does not list; it excludes `kind`.
    """

    customer_ids: Sequence[str] = plain(sequence_of(text), ())
    kind: AccountKind | None = plain(instance_of(AccountKind))
    native_kind: str | None = plain(text)
    name: str | None = personal(text, sample=word("Savings Xylop"))
    currency: str | None = plain(currency)
    program_id: str | None = plain(text)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)
        _either_kind(self)


@frozen(kw_only=True)
class Balance(ExplainsMissing, PydanticSupport, Personal):
    """What an account holds.

    `current` is the sum of all posted transactions and `available` what can be spent.
    `native` is the vendor's number if its unit is unknown. `as_of` is the time to which
    the vendor says the balance applies, or None.
    """

    account_id: str
    current: Money | None = personal()
    available: Money | None = personal()
    as_of: datetime | None = None
    native: Decimal | None = personal()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


@frozen(kw_only=True)
class AccountNumber(ExplainsMissing, PydanticSupport, Personal):
    """A number under which an account receives money; an account may have several."""

    id: str
    account_id: str | None = None
    name: str | None = personal()
    number: BankAccountNumber | None = masks_itself()
    routing_number: str | None = personal()
    status: AccountNumberStatus = AccountNumberStatus.UNKNOWN
    native_status: str | None = None
    created_at: datetime | None = None
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()


@shielded_class
@frozen(kw_only=True)
class NewAccountNumber(PydanticSupport, Personal):
    """An account number to create. The bank chooses the digits."""

    account_id: str = required(metadata=field_metadata(text))
    name: str | None = personal(text, sample=word("Payroll Xylop"))
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@shielded_class
@frozen(kw_only=True)
class AccountNumberChanges(PydanticSupport, Personal):
    """Changes to an account number; a field that is UNSET stays as it is."""

    name: str | Unset = field(
        default=UNSET,
        repr=masked,
        metadata={**personal_metadata(text), **never_null(text)},
    )
    status: AccountNumberStatus | Unset = field(
        default=UNSET, metadata=never_null(_settable_status)
    )
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@frozen(kw_only=True)
class ExternalAccount(ExplainsMissing, PydanticSupport, Personal):
    """An account at another bank, stored for transfers."""

    id: str
    name: str | None = personal()
    kind: AccountKind = AccountKind.UNKNOWN
    native_kind: str | None = None
    status: AccountStatus = AccountStatus.UNKNOWN
    native_status: str | None = None
    routing_number: str | None = personal()
    account_number: BankAccountNumber | None = masks_itself()
    created_at: datetime | None = None
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()
