"""Deposit accounts at Unit, their balances and transactions. Amounts are in cents."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import (
    Reader,
    build,
    members_by_word,
    money,
    neutral,
    reads,
    signed,
    write,
    writes,
)
from anybank.adapter.json_api import Resource, WireLink, WireLinks, document, link
from anybank.adapter.wire import Json
from anybank.declaration import FieldRule, required
from anybank.errors import UnexpectedResponse
from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    NewAccount,
)
from anybank.model.bank_account_numbers import BankAccountNumber
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)

from . import sources

DOLLARS = "USD"
DEPOSIT = "depositAccount"
_SIGNS = {"Credit": 1, "Debit": -1}


@frozen(kw_only=True)
class WireDeposit:
    """The attributes of a deposit account. Source: the schema DepositAccount."""

    name: str | None = neutral(
        "name",
        FieldRule(create="refused", note="an account has the name of its owner"),
    )
    # Each organisation has deposit products of its own.
    depositProduct: str | None = neutral(
        "program_id", required(note="the name of one of your deposit products")
    )
    routingNumber: str | None = neutral("routing_number")
    accountNumber: str | None = neutral("account_number", read=BankAccountNumber.read)
    currency: str | None = neutral(
        "currency", FieldRule(create="refused", implied=DOLLARS)
    )
    balance: int | None = neutral("balance")
    available: int | None = neutral("balance")
    status: str | None = neutral(
        "status",
        read={
            "Open": AccountStatus.OPEN,
            "Frozen": AccountStatus.FROZEN,
            "Closed": AccountStatus.CLOSED,
        },
    )
    createdAt: datetime | None = neutral("opened_at")


@frozen(kw_only=True)
class WireOwners:
    """An account of one person has `customer`, one of several has `customers`."""

    customers: WireLinks | None = neutral(
        "customer_ids",
        required(items=(1, None)),
        read=lambda links: links.ids or None,
    )
    customer: WireLink | None = link("customer_ids")


@writes(NewAccount, sources.ACCOUNTS)
@reads(
    Balance,
    sources.ACCOUNTS,
    as_of="a balance is the current one",
    native="every amount is in cents",
)
@reads(
    Account,
    sources.ACCOUNTS,
    native_amount="every amount is in cents",
    closed_at="an account has no time of closing",
    transaction_ids="use transactions.list",
)
@frozen(kw_only=True)
class WireAccount:
    """An account as Unit sends it."""

    id: str
    type: str | None = neutral(
        "kind",
        required(
            values={AccountKind.DEPOSIT: DEPOSIT},
            note="use bank.request for credit accounts",
        ),
        read={DEPOSIT: AccountKind.DEPOSIT, "creditAccount": AccountKind.CREDIT},
    )
    attributes: WireDeposit | None = None
    relationships: WireOwners | None = None


@frozen(kw_only=True)
class WireParty:
    """The other party of a transaction."""

    name: str | None = None


@frozen(kw_only=True)
class WireMovement:
    """The attributes of a transaction.

    Source: https://unit.co/docs/api/transactions/
    """

    amount: int | None = neutral("amount")
    direction: str | None = neutral("amount")
    balance: int | None = neutral(
        "balance_after",
        read=lambda cents: money(cents, DOLLARS, "$.attributes.balance"),
    )
    summary: str | None = neutral("description")
    createdAt: datetime | None = neutral("occurred_at")
    counterparty: WireParty | None = neutral("counterparty", read=lambda it: it.name)
    merchant: WireParty | None = neutral("counterparty", read=lambda it: it.name)
    companyName: str | None = neutral("counterparty")


@frozen(kw_only=True)
class WireAccountLink:
    """The account of a transaction."""

    account: WireLink | None = link("account_id")


@reads(
    Transaction,
    sources.TRANSACTIONS,
    native_amount="every amount is in cents",
    native_status="a transaction has no status: it is posted",
    posted_on="a transaction has a time",
)
@frozen(kw_only=True)
class WireTransaction:
    """A transaction as Unit sends it. The types are those of the schema Transaction."""

    id: str
    type: str | None = neutral(
        "kind",
        read=members_by_word(
            {
                TransactionKind.ACH: "originatedAch receivedAch returnedAch "
                "returnedReceivedAch dishonoredAch",
                TransactionKind.WIRE: "wire returnedWire",
                TransactionKind.CHECK: "checkDeposit returnedCheckDeposit checkPayment "
                "returnedCheckPayment",
                TransactionKind.CARD: "purchase atm card cardReversal chargeback dispute "
                "pushToCard pushToCardReversal",
                TransactionKind.TRANSFER: "book bankRepayment customerRepayment "
                "customerRepaymentReturned paymentAdvance repaidPaymentAdvance",
                TransactionKind.FEE: "fee feeReversal",
                TransactionKind.INTEREST: "interest interestShare sponsoredInterest",
                TransactionKind.ADJUSTMENT: "adjustment accountLowBalanceClosure "
                "negativeBalanceCoverage reward writeOff",
                # Cash over a counter, and money that was held or comes back: no kind of
                # their own.
                TransactionKind.UNKNOWN: "cashDeposit paymentCanceled release",
            },
            suffix="Transaction",
        ),
    )
    attributes: WireMovement | None = None
    relationships: WireAccountLink | None = None


def _account(wire: WireAccount, raw: Json) -> Account:
    return build(Account, wire, raw, balance=_balance(wire).current)


def _balance(wire: WireAccount, raw: Json = None) -> Balance:
    fields = wire.attributes or WireDeposit()
    currency = fields.currency or DOLLARS
    return Balance(
        account_id=wire.id,
        current=money(fields.balance, currency, "$.attributes.balance"),
        available=money(fields.available, currency, "$.attributes.available"),
        raw=raw,
    )


def _transaction(wire: WireTransaction, raw: Json) -> Transaction:
    """Return a transaction, which is posted when it is created."""
    fields = wire.attributes or WireMovement()
    amount = money(fields.amount, DOLLARS, "$.attributes.amount")
    return build(
        Transaction,
        wire,
        raw,
        amount=signed(amount, fields.direction, _SIGNS, "$.attributes.direction"),
        currency=DOLLARS,
        status=TransactionStatus.POSTED,
        posted_at=fields.createdAt,
    )


ACCOUNTS = Resource("/accounts", Reader(WireAccount, Account, _account))
BALANCES = Resource("/accounts", Reader(WireAccount, Balance, _balance, names={}))
TRANSACTIONS = Resource(
    "/transactions", Reader(WireTransaction, Transaction, _transaction)
)


def new_account(new: NewAccount, owners: list[str], key: str | None) -> Json:
    """Write an account to open."""
    references = [{"type": "customer", "id": owner} for owner in owners]
    attributes = write(WireDeposit, new, extras="unit") | {"idempotencyKey": key}
    # The document's schema accepts `customer` in responses only.
    return document(DEPOSIT, attributes, customers=references)


def require_owner(account: Account, owners: list[str]) -> Account:
    """Return an account of one of these customers. Raises UnexpectedResponse otherwise."""
    if account.customer_ids and set(owners).isdisjoint(account.customer_ids):
        place = "$.data.relationships"
        raise UnexpectedResponse("the account is another customer's", path=place)
    return account
