"""Transactions at Bond: reading. Amounts are decimal texts in dollars.

Bond writes money in two forms. "Account overview" and "Account statements" show whole
cents, as JSON numbers (6599). "Transactions overview" and "Payment types" show dollars, as
texts with two decimal digits ("-20.00"), and call `amount` "the value of the transaction in
USD". "Account fund transfers" mixes both: "decimal string, for example 8550 being $85.50".
A transaction is therefore read from a text with a decimal point only. A number or a text
without a point could be dollars or cents, and is refused instead of guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

from attrs import evolve, frozen

from anybank.adapter.converter import Reader, build, neutral, neutral_id, reads
from anybank.adapter.wire import Json, Query, segment
from anybank.errors import InvalidInput, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.money import Money
from anybank.model.pages import Page
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)

from . import pages, sources
from .accounts import DOLLARS

# All transaction types of Atelio docs, "Payment types", and the type of the last sample of
# "Webhook payloads". A disputed card payment is still one of a card.
TYPES: Mapping[str, TransactionKind] = {
    "cash withdrawal": TransactionKind.CARD,
    "chargeback credit": TransactionKind.CARD,
    "credit adjustment": TransactionKind.CARD,
    "debit adjustment": TransactionKind.ADJUSTMENT,
    "fee": TransactionKind.FEE,
    "load money onto card": TransactionKind.TRANSFER,
    "pos cash advance": TransactionKind.CARD,
    "pos purchase": TransactionKind.CARD,
    "pos pin purchase": TransactionKind.CARD,
    "provisional credit": TransactionKind.CARD,
    "provisional debit": TransactionKind.CARD,
    "pre authorization": TransactionKind.CARD,
    "purchase returns": TransactionKind.CARD,
    "repayment": TransactionKind.TRANSFER,
    "ach deposit": TransactionKind.ACH,
    "ach withdrawal": TransactionKind.ACH,
    "external ach deposit": TransactionKind.ACH,
    "external ach withdrawal": TransactionKind.ACH,
    "account to account": TransactionKind.TRANSFER,
    "card to card transfer": TransactionKind.TRANSFER,
}
# "Transactions overview" lists these four; rdc is the remote deposit of a check. One sample
# has the type "credit", and another calls a payroll deposit by ACH an account payment: the
# payment type decides only where the transaction type is not in the table above.
PAYMENT_TYPES: Mapping[str, TransactionKind] = {
    "card": TransactionKind.CARD,
    "ach": TransactionKind.ACH,
    "rdc": TransactionKind.CHECK,
    "account": TransactionKind.TRANSFER,
}
# "Transaction lifecycle": a completed transaction is posted, and a returned one is reversed
# after it completed. "Card-to-card transactions can only have a complete state."
STATES: Mapping[str, TransactionStatus] = {
    "start": TransactionStatus.PENDING,
    "pending": TransactionStatus.PENDING,
    "completed": TransactionStatus.POSTED,
    "complete": TransactionStatus.POSTED,
    "declined": TransactionStatus.CANCELED,
    "failed": TransactionStatus.CANCELED,
    "cancelled": TransactionStatus.CANCELED,
    "returned": TransactionStatus.CANCELED,
}
_FILTERS: Mapping[TransactionStatus, str] = {
    TransactionStatus.POSTED: "completed",
    TransactionStatus.PENDING: "pending",
}
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}\.[0-9]+")
_OUTGOING = "withdrawal"
_DAY = timedelta(days=1)


@frozen(kw_only=True)
class WireDetails:
    """The members of `details` that are read; each payment type has its own."""

    merchant_name: str | None = neutral("counterparty")
    description: str | None = neutral("description")


@reads(
    Transaction,
    sources.TRANSACTIONS,
    native_amount="every amount has a unit",
    posted_on="a transaction has a time",
    # "Transactions overview" describes the two balances in one way and shows them in
    # another.
    balance_after="the pages contradict each other: both balances are in raw",
)
@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Bond sends it. Source: Atelio docs, "Transactions overview".

    `balances` is not read. The page calls its names misleading: `prior_balance` is the
    current balance and `new_balance` the available one. Its samples show the balances
    before and after, and in some a credit lowers the balance. It stays in `raw`.
    """

    transaction_id: str = neutral_id()
    account_id: str | None = neutral("account_id")
    payment_type: str | None = neutral("kind")
    transaction_type: str | None = neutral("kind")
    state: str | None = neutral("status")
    description: str | None = neutral("description")
    amount: str | None = neutral("amount")
    currency: str | None = neutral("currency")
    created_time: datetime | None = neutral("occurred_at")
    updated_time: datetime | None = neutral("posted_at")
    details: WireDetails | None = None


def listed(
    raw: Json, query: ask.ListTransactions, number: int, size: int
) -> Page[Transaction]:
    """Read a page; transactions outside the requested times are left out."""
    # "Transactions overview" shows an object with the member `transactions`.
    records = raw.get("transactions") if isinstance(raw, dict) else raw
    page = TRANSACTIONS.each(records)
    followed = pages.with_neighbors(page, number, size)
    return evolve(followed, items=[item for item in page if _is_requested(item, query)])


def filters(query: ask.ListTransactions, number: int, size: int) -> Query:
    """Return the query of a page."""
    # "Retrieving transactions" has days, and states neither their time zone nor whether the
    # last one is included. A day more on each side is asked for, and `listed` compares the
    # times. Ascending order, so that a new transaction moves none to an earlier page.
    return {
        "account_id": query.account_id,
        "start_date": _day(query.since, -_DAY),
        "end_date": _day(query.until, _DAY),
        "transaction_state": _FILTERS[query.status],
        "page": number,
        "count": size,
        "order_by": "asc",
    }


def path(transaction_id: str) -> str:
    """Return the path of a transaction."""
    return f"/transactions/{segment(transaction_id)}"


def _transaction(wire: WireTransaction, raw: Json) -> Transaction:
    currency = wire.currency or DOLLARS
    kind = TYPES.get(_word(wire.transaction_type))
    status = STATES.get(_word(wire.state), TransactionStatus.UNKNOWN)
    return build(
        Transaction,
        wire,
        raw,
        amount=_amount(wire, currency),
        currency=currency,
        kind=kind
        or PAYMENT_TYPES.get(_word(wire.payment_type), TransactionKind.UNKNOWN),
        native_kind=wire.transaction_type or wire.payment_type,
        status=status,
        native_status=wire.state,
        # "Transactions overview": the time of the last update, here the one that posted it.
        posted_at=wire.updated_time if status is TransactionStatus.POSTED else None,
    )


TRANSACTIONS = Reader(WireTransaction, Transaction, _transaction)


def _amount(wire: WireTransaction, currency: str) -> Money | None:
    """Read an amount: positive for money into the account, negative for money out of it.

    All samples of purchases, fees and cash withdrawals are negative. No page shows an ACH
    withdrawal: a positive one would contradict its type, so it is refused.
    """
    if wire.amount is None:
        return None
    with suppress(InvalidInput):
        if _AMOUNT.fullmatch(wire.amount):
            amount = Money.from_decimal(wire.amount, currency)
            if amount.minor_units <= 0 or _OUTGOING not in _word(wire.transaction_type):
                return amount
    raise UnexpectedResponse("$.amount is not an amount in dollars", path="$.amount")


def _is_requested(item: Transaction, query: ask.ListTransactions) -> bool:
    """Return whether a transaction is in the requested times; True if its time is unknown."""
    moment = item.occurred_at
    if moment is None:
        return True
    is_early = query.since is not None and moment < query.since
    is_late = query.until is not None and moment >= query.until
    return not (is_early or is_late)


def _day(moment: datetime | None, margin: timedelta) -> str | None:
    if moment is None:
        return None
    day: date = moment.date()
    with suppress(OverflowError):  # the first and the last day of the calendar
        day += margin
    return day.isoformat()


def _word(native: str | None) -> str:
    """Return a word in lower case; a sample of a state has a capital."""
    return " ".join((native or "").split()).lower()
