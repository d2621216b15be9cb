"""Transactions on accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import frozen

from ..sensitive import Personal
from ._fields import hidden, personal
from .missing import ExplainsMissing
from .money import Money
from .pydantic_support import PydanticSupport


class TransactionKind(StrEnum):
    """How the money of a transaction moved."""

    ACH = "ach"
    WIRE = "wire"
    CHECK = "check"
    CARD = "card"
    TRANSFER = "transfer"
    FEE = "fee"
    INTEREST = "interest"
    ADJUSTMENT = "adjustment"
    UNKNOWN = "unknown"


class TransactionStatus(StrEnum):
    """The status of a transaction; a POSTED one is part of the balance."""

    PENDING = "pending"
    POSTED = "posted"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Transaction(ExplainsMissing, PydanticSupport, Personal):
    """A transaction as the vendor returns it.

    `amount` is positive for money into the account and negative for money out of it. It is
    None if the vendor does not state the unit; `native_amount` is then the vendor's number.
    `native_kind` and `native_status` are the vendor's own words. `posted_on` is the date of
    the ledger where the vendor returns no time. `counterparty` names the other party.
    """

    id: str
    account_id: str | None = None
    amount: Money | None = personal()
    native_amount: Decimal | None = personal()
    currency: str | None = None
    kind: TransactionKind = TransactionKind.UNKNOWN
    native_kind: str | None = None
    status: TransactionStatus = TransactionStatus.UNKNOWN
    native_status: str | None = None
    occurred_at: datetime | None = None
    posted_at: datetime | None = None
    posted_on: date | None = None
    balance_after: Money | None = personal()
    counterparty: str | None = personal()
    description: str | None = personal()
    unreadable: Sequence[str] = ()
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()
