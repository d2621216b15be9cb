"""Reads Acme's transactions and events, and writes the filters of their lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json
from anybank.model import operations as ask
from anybank.model.events import Event, EventKind
from anybank.model.money import Money
from anybank.model.pages import Page
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)

from .reading import page

KINDS: Mapping[str, TransactionKind] = {
    "WAGES": TransactionKind.ACH,
    "RENT": TransactionKind.CHECK,
}
STATES: Mapping[str, TransactionStatus] = {
    "DONE": TransactionStatus.POSTED,
    "HELD": TransactionStatus.PENDING,
}
_WORDS = {status: word for word, status in STATES.items()}
EVENTS: Mapping[str, EventKind] = {
    "transfer.done": EventKind.TRANSACTION_CREATED,
    "account.new": EventKind.ACCOUNT_OPENED,
}
TRANSFER_NAMES = {
    "cents": "amount",
    "sort": "kind",
    "state": "status",
    "at": "occurred_at",
    "other": "counterparty",
    "memo": "description",
    "account": "account_id",
}
EVENT_NAMES = {
    "event": "kind",
    "at": "occurred_at",
    "about": "object_id",
    "account": "account_id",
}


@frozen(kw_only=True)
class WireTransfer:
    id: str
    account: str | None = None
    cents: int | None = None
    sort: str | None = None
    state: str | None = None
    at: datetime | None = None
    other: str | None = None
    memo: str | None = None


@frozen(kw_only=True)
class WireEvent:
    id: str
    event: str | None = None
    at: datetime | None = None
    about: str | None = None
    account: str | None = None


def listing(query: ask.ListTransactions) -> dict[str, str | int | None]:
    return {
        "after": query.token,
        "limit": query.page_size,
        "account": query.account_id,
        "from": query.since.isoformat() if query.since else None,
        "to": query.until.isoformat() if query.until else None,
        "state": _WORDS[query.status],
    }


def transaction(raw: Json) -> Transaction:
    return _transaction(read(raw, WireTransfer), raw)


def transactions(raw: Json) -> Page[Transaction]:
    return page(raw, WireTransfer, _transaction, TRANSFER_NAMES)


def _transaction(wire: WireTransfer, raw: Json) -> Transaction:
    status = STATES.get(wire.state or "", TransactionStatus.UNKNOWN)
    is_posted = status is TransactionStatus.POSTED
    return Transaction(
        id=wire.id,
        account_id=wire.account,
        amount=None if wire.cents is None else Money(wire.cents),
        currency="USD",
        kind=KINDS.get(wire.sort or "", TransactionKind.UNKNOWN),
        native_kind=wire.sort,
        status=status,
        native_status=wire.state,
        occurred_at=wire.at,
        posted_at=wire.at if is_posted else None,
        counterparty=wire.other,
        description=wire.memo,
        raw=raw,
    )


def event_listing(query: ask.ListEvents) -> dict[str, str | int | None]:
    return {
        "after": query.token,
        "limit": query.page_size,
        "about": query.object_id,
        "from": query.since.isoformat() if query.since else None,
        "to": query.until.isoformat() if query.until else None,
    }


def event(raw: Json) -> Event:
    return _event(read(raw, WireEvent), raw)


def events(raw: Json) -> Page[Event]:
    return page(raw, WireEvent, _event, EVENT_NAMES)


def _event(wire: WireEvent, raw: Any) -> Event:
    kind = EVENTS.get(wire.event or "", EventKind.UNKNOWN)
    is_transfer = kind is EventKind.TRANSACTION_CREATED
    return Event(
        provider="acme",
        kind=kind,
        native_kind=wire.event,
        id=wire.id,
        object_id=wire.about,
        account_id=wire.account,
        transaction_id=wire.about if is_transfer else None,
        occurred_at=wire.at,
        dedupe_key=f"acme:{wire.id}",
        raw=raw,
    )
