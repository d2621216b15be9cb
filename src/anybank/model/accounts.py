"""Accounts and the transactions on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import frozen

from ..sensitive import Personal, shielded_class
from ._fields import as_tuple, hidden, personal, plain, sequence_of, text, validate
from .currencies import currency
from .money import Money
from .pydantic_support import PydanticSupport
from .samples import word


@frozen(kw_only=True)
class Account(PydanticSupport, Personal):
    """An account as the vendor returns it.

    `balance` is set if the vendor states its unit. Otherwise `native_amount` is the
    vendor's number, whose unit is unknown.
    """

    id: str
    customer_ids: Sequence[str] = ()
    kind: str | None = None
    status: str | None = None
    name: str | None = personal()
    currency: str | None = None
    balance: Money | None = personal()
    native_amount: Decimal | None = personal()
    transaction_ids: Sequence[str] = ()
    unreadable: Sequence[str] = ()
    raw: Mapping[str, Any] = hidden()


@shielded_class
@frozen(kw_only=True)
class NewAccount(PydanticSupport, Personal):
    """An account to open for one or more customers. `kind` is the vendor's own word."""

    customer_ids: Sequence[str] = plain(sequence_of(text), ())
    kind: str | None = plain(text)
    name: str | None = personal(text, sample=word("Savings Xylop"))
    currency: str | None = plain(currency)
    program_id: str | None = plain(text)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "customer_ids", as_tuple(self.customer_ids))
        validate(self)


@frozen(kw_only=True)
class Transaction(PydanticSupport, Personal):
    """A transaction. `amount` and `native_amount` have the same meaning as in Account."""

    id: str
    account_id: str | None = None
    kind: str | None = None
    amount: Money | None = personal()
    native_amount: Decimal | None = personal()
    currency: str | None = None
    date: date | None = None
    description: str | None = personal()
    unreadable: Sequence[str] = ()
    raw: Mapping[str, Any] = hidden()
