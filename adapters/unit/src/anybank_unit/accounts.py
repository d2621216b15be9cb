"""Deposit accounts at Unit, their balances and transactions. Amounts are in cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import money, read, read_created
from anybank.adapter.wire import Json, segment
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    NewAccount,
)
from anybank.model.bank_account_numbers import BankAccountNumber
from anybank.model.money import Money
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)

from . import extras
from .resources import NO_RELATIONSHIPS, WireRelationships, document
from .rules import ACCOUNT, DOLLARS

_KINDS: Mapping[str, AccountKind] = {
    "depositAccount": AccountKind.DEPOSIT,
    "creditAccount": AccountKind.CREDIT,
}
STATUSES: Mapping[str, AccountStatus] = {
    "Open": AccountStatus.OPEN,
    "Frozen": AccountStatus.FROZEN,
    "Closed": AccountStatus.CLOSED,
}
ACCOUNT_NAMES = {
    "type": "kind",
    "attributes.depositProduct": "program_id",
    "attributes.status": "status",
    "attributes.name": "name",
    "attributes.currency": "currency",
    "attributes.balance": "balance",
    "attributes.available": "balance",
    "attributes.routingNumber": "routing_number",
    "attributes.accountNumber": "account_number",
    "attributes.createdAt": "opened_at",
    "relationships": "customer_ids",
    "relationships.customer": "customer_ids",
    "relationships.customers": "customer_ids",
}
_WORDS = {
    TransactionKind.ACH: "originatedAch receivedAch returnedAch returnedReceivedAch "
    "dishonoredAch",
    TransactionKind.WIRE: "wire returnedWire",
    TransactionKind.CHECK: "checkDeposit returnedCheckDeposit checkPayment "
    "returnedCheckPayment",
    TransactionKind.CARD: "purchase atm card cardReversal chargeback dispute pushToCard "
    "pushToCardReversal",
    TransactionKind.TRANSFER: "book bankRepayment customerRepayment "
    "customerRepaymentReturned paymentAdvance repaidPaymentAdvance",
    TransactionKind.FEE: "fee feeReversal",
    TransactionKind.INTEREST: "interest interestShare sponsoredInterest",
    TransactionKind.ADJUSTMENT: "adjustment accountLowBalanceClosure "
    "negativeBalanceCoverage reward writeOff",
    # Cash over a counter, and money that was held or comes back: no kind of their own.
    TransactionKind.UNKNOWN: "cashDeposit paymentCanceled release",
}
TRANSACTION_KINDS: Mapping[str, TransactionKind] = {
    f"{word}Transaction": kind
    for kind, words in _WORDS.items()
    for word in words.split()
}
"""The kind of each type in the schema Transaction of Unit's document."""
_SIGNS = {"Credit": 1, "Debit": -1}
TRANSACTION_NAMES = {
    "type": "kind",
    "attributes.amount": "amount",
    "attributes.direction": "amount",
    "attributes.balance": "balance_after",
    "attributes.createdAt": "occurred_at",
    "attributes.summary": "description",
    "attributes.counterparty": "counterparty",
    "attributes.companyName": "counterparty",
    "attributes.merchant": "counterparty",
    "relationships": "account_id",
    "relationships.account": "account_id",
}


@frozen(kw_only=True)
class WireDeposit:
    """The attributes of a deposit account. Source: the schema DepositAccount."""

    name: str | None = None
    depositProduct: str | None = None
    routingNumber: str | None = None
    accountNumber: str | None = None
    currency: str | None = None
    balance: int | None = None
    available: int | None = None
    status: str | None = None
    createdAt: datetime | None = None


@frozen(kw_only=True)
class WireAccount:
    """An account as Unit sends it."""

    id: str
    type: str | None = None
    attributes: WireDeposit | None = None
    relationships: WireRelationships | None = None


@frozen(kw_only=True)
class WireParty:
    """The other party of a transaction."""

    name: str | None = None


@frozen(kw_only=True)
class WireMovement:
    """The attributes of a transaction.

    Source: https://unit.co/docs/api/transactions/
    """

    amount: int | None = None
    direction: str | None = None
    balance: int | None = None
    summary: str | None = None
    createdAt: datetime | None = None
    counterparty: WireParty | None = None
    merchant: WireParty | None = None
    companyName: str | None = None


@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Unit sends it."""

    id: str
    type: str | None = None
    attributes: WireMovement | None = None
    relationships: WireRelationships | None = None


def account(raw: Json) -> Account:
    """Read an account."""
    return build_account(read(raw, WireAccount), raw)


def created(raw: Json) -> Account:
    """Read the response to a create, whatever else in it cannot be read."""
    return read_created(raw, WireAccount, build_account, ACCOUNT_NAMES)


def build_account(wire: WireAccount, raw: Json) -> Account:
    """Return an account."""
    fields = wire.attributes or WireDeposit()
    number = fields.accountNumber
    return Account(
        id=wire.id,
        customer_ids=_owners(wire.relationships or NO_RELATIONSHIPS),
        kind=_KINDS.get(wire.type or "", AccountKind.UNKNOWN),
        native_kind=wire.type,
        status=STATUSES.get(fields.status or "", AccountStatus.UNKNOWN),
        native_status=fields.status,
        name=fields.name,
        currency=fields.currency,
        program_id=fields.depositProduct,
        routing_number=fields.routingNumber,
        account_number=BankAccountNumber.read(number) if number else None,
        balance=_cents(fields.balance, fields.currency, "$.attributes.balance"),
        opened_at=fields.createdAt,
        raw=raw,
    )


def require_owner(account: Account, owners: list[str]) -> Account:
    """Return an account of one of these customers. Raises UnexpectedResponse otherwise."""
    if account.customer_ids and set(owners).isdisjoint(account.customer_ids):
        place = "$.data.relationships"
        raise UnexpectedResponse("the account is another customer's", path=place)
    return account


def _owners(related: WireRelationships) -> tuple[str, ...]:
    # An account of one person has `customer`, one of several has `customers`.
    if related.customers and related.customers.data:
        return tuple(owner.id for owner in related.customers.data)
    owner = related.id_of("customer")
    return (owner,) if owner else ()


def balance(raw: Json) -> Balance:
    """Read what an account holds."""
    wire = read(raw, WireAccount)
    fields = wire.attributes or WireDeposit()
    currency = fields.currency
    return Balance(
        account_id=wire.id,
        current=_cents(fields.balance, currency, "$.attributes.balance"),
        available=_cents(fields.available, currency, "$.attributes.available"),
        raw=raw,
    )


def _cents(amount: int | None, currency: str | None, place: str) -> Money | None:
    return money(amount, currency or DOLLARS, place)


def new_account(new: NewAccount, owners: list[str], key: str | None) -> Json:
    """Write an account to open."""
    references = [{"type": "customer", "id": owner} for owner in owners]
    attributes = {
        "depositProduct": new.program_id,
        "idempotencyKey": key,
        **extras.tags(new.extras.get("unit")),
    }
    kind = ACCOUNT["kind"].word(new.kind) or ""
    # The document's schema accepts `customer` in responses only.
    return document(kind, attributes, customers=references)


def path(account_id: str) -> str:
    """Return the path of an account."""
    return f"/accounts/{segment(account_id)}"


def transaction(raw: Json) -> Transaction:
    """Read a transaction."""
    return build_transaction(read(raw, WireTransaction), raw)


def build_transaction(wire: WireTransaction, raw: Json) -> Transaction:
    """Return a transaction, which is posted when it is created."""
    fields = wire.attributes or WireMovement()
    related = wire.relationships or NO_RELATIONSHIPS
    parties = (fields.counterparty, fields.merchant)
    names = [party.name for party in parties if party and party.name]
    return Transaction(
        id=wire.id,
        account_id=related.id_of("account"),
        amount=_signed(fields),
        currency=DOLLARS,
        kind=TRANSACTION_KINDS.get(wire.type or "", TransactionKind.UNKNOWN),
        native_kind=wire.type,
        status=TransactionStatus.POSTED,
        occurred_at=fields.createdAt,
        posted_at=fields.createdAt,
        balance_after=_cents(fields.balance, DOLLARS, "$.attributes.balance"),
        counterparty=names[0] if names else fields.companyName,
        description=fields.summary,
        raw=raw,
    )


def _signed(fields: WireMovement) -> Money | None:
    """Return the amount: positive into the account, by its direction."""
    amount = _cents(fields.amount, DOLLARS, "$.attributes.amount")
    if amount is None:
        return None
    if fields.direction not in _SIGNS or amount.minor_units < 0:
        place = "$.attributes.direction"
        raise UnexpectedResponse(f"{place} does not say credit or debit", path=place)
    return amount if _SIGNS[fields.direction] > 0 else -amount


def transaction_path(account_id: str, transaction_id: str) -> str:
    """Return the path of a transaction, which is below its account."""
    return f"{path(account_id)}/transactions/{segment(transaction_id)}"
