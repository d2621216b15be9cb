"""Transactions and pending transactions at Increase: reading. Amounts are in cents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import (
    Reader,
    build,
    members_by_word,
    money,
    neutral,
    reads,
)
from anybank.adapter.wire import Json
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)

from .accounts import IN_CENTS
from .pages import Resource
from .sources import TRANSACTIONS

# All categories of the schema of a transaction's source. The words for dispute, reward and
# sample money have no kind of their own: they correct a balance without a payment.
KINDS: Mapping[str, TransactionKind] = members_by_word(
    {
        TransactionKind.ADJUSTMENT: "account_revenue_payment card_revenue_payment cashback_payment "
        "internal_source sample_funds",
        TransactionKind.TRANSFER: "account_transfer_intention blockchain_offramp_transfer_settlement "
        "blockchain_onramp_transfer_intention fednow_transfer_acknowledgement "
        "inbound_fednow_transfer_confirmation "
        "inbound_real_time_payments_transfer_confirmation "
        "real_time_payments_transfer_acknowledgement",
        TransactionKind.ACH: "ach_transfer_intention ach_transfer_rejection ach_transfer_return "
        "inbound_ach_transfer inbound_ach_transfer_return_intention",
        TransactionKind.CARD: "card_dispute_acceptance card_dispute_financial card_dispute_loss "
        "card_financial card_push_transfer_acceptance card_refund "
        "card_settlement",
        TransactionKind.CHECK: "check_deposit_acceptance check_deposit_return check_transfer_deposit "
        "inbound_check_adjustment inbound_check_deposit_return_intention",
        TransactionKind.FEE: "fee_payment",
        TransactionKind.WIRE: "inbound_wire_reversal inbound_wire_transfer "
        "inbound_wire_transfer_reversal swift_transfer_intention "
        "swift_transfer_return wire_transfer_intention",
        TransactionKind.INTEREST: "interest_payment",
        TransactionKind.UNKNOWN: "other",
    }
)
# All categories of the schema of a pending transaction's source. A hold is not a payment.
PENDING_KINDS: Mapping[str, TransactionKind] = members_by_word(
    {
        TransactionKind.TRANSFER: "account_transfer_instruction blockchain_offramp_transfer "
        "blockchain_onramp_transfer_instruction fednow_transfer_instruction "
        "real_time_payments_transfer_instruction",
        TransactionKind.ACH: "ach_transfer_instruction",
        TransactionKind.CARD: "card_authorization card_push_transfer_instruction",
        TransactionKind.CHECK: "check_deposit_instruction check_transfer_instruction",
        TransactionKind.UNKNOWN: "inbound_funds_hold other user_initiated_hold",
        TransactionKind.WIRE: "inbound_wire_transfer_reversal swift_transfer_instruction "
        "wire_transfer_instruction",
    }
)
# A complete one is no longer held: it was posted as another transaction, or released.
PENDING_STATUSES: Mapping[str, TransactionStatus] = {
    "pending": TransactionStatus.PENDING,
    "complete": TransactionStatus.UNKNOWN,
}
_COUNTERPARTIES: Mapping[str, str] = {
    "card_authorization": "merchant_descriptor",
    "card_financial": "merchant_descriptor",
    "card_refund": "merchant_name",
    "card_settlement": "merchant_name",
    "inbound_ach_transfer": "originator_company_name",
    "inbound_real_time_payments_transfer_confirmation": "debtor_name",
    "inbound_wire_transfer": "debtor_name",
}
"""The member that names the other party, in the sources that have one."""
# Ids have the name of their object type as a prefix.
_PENDING = "pending_transaction_"


@frozen(kw_only=True)
class WireParty:
    """The names of the other party, in the details of a source."""

    debtor_name: str | None = None
    merchant_descriptor: str | None = None
    merchant_name: str | None = None
    originator_company_name: str | None = None


@frozen(kw_only=True)
class WireSource:
    """What caused a transaction: a category and, under its name, the details.

    The categories whose details name the other party are listed.
    """

    category: str | None = neutral("kind")
    card_authorization: WireParty | None = neutral("counterparty")
    card_financial: WireParty | None = neutral("counterparty")
    card_refund: WireParty | None = neutral("counterparty")
    card_settlement: WireParty | None = neutral("counterparty")
    inbound_ach_transfer: WireParty | None = neutral("counterparty")
    inbound_real_time_payments_transfer_confirmation: WireParty | None = neutral(
        "counterparty"
    )
    inbound_wire_transfer: WireParty | None = neutral("counterparty")


@reads(
    Transaction,
    TRANSACTIONS,
    native_amount=IN_CENTS,
    posted_on="a transaction has a time",
    balance_after="a transaction has no balance",
)
@frozen(kw_only=True)
class WireTransaction:
    """A transaction, pending or not, as Increase sends it.

    Source: https://increase.com/documentation/api/transactions and
    https://increase.com/documentation/api/pending-transactions
    """

    id: str
    account_id: str | None = neutral("account_id")
    # In the minor unit of the currency; negative for money out of the account.
    amount: int | None = neutral("amount")
    currency: str | None = neutral("currency")
    created_at: datetime | None = neutral("occurred_at")
    description: str | None = neutral("description")
    source: WireSource | None = None
    # A pending transaction only.
    status: str | None = neutral("status")


def _transaction(wire: WireTransaction, raw: Json) -> Transaction:
    source = wire.source or WireSource()
    category = source.category
    # Only the schema pending_transaction has a status, so its absence tells the two
    # apart.
    is_posted = wire.status is None
    kinds = KINDS if is_posted else PENDING_KINDS
    return build(
        Transaction,
        wire,
        raw,
        amount=money(wire.amount, wire.currency, "$.amount") if wire.currency else None,
        kind=kinds.get(category or "", TransactionKind.UNKNOWN),
        native_kind=category,
        # A transaction has no status: it is posted when it is created.
        status=TransactionStatus.POSTED
        if is_posted
        else PENDING_STATUSES.get(wire.status or "", TransactionStatus.UNKNOWN),
        native_status=wire.status,
        posted_at=wire.created_at if is_posted else None,
        counterparty=_counterparty(source),
    )


def _counterparty(source: WireSource) -> str | None:
    member = _COUNTERPARTIES.get(source.category or "")
    if member is None:
        return None
    # The details stand under the name of the category. Every category in the table is
    # an attribute of WireSource.
    details: WireParty | None = getattr(source, source.category or "")
    name: str | None = getattr(details, member, None)
    return name


_READER = Reader(WireTransaction, Transaction, _transaction)
POSTED = Resource("/transactions", _READER)
PENDING = Resource("/pending_transactions", _READER)


def resource_of(transaction_id: str) -> Resource[Transaction]:
    """Return the resource of a transaction, by the prefix of its id."""
    # An id starts with its object type; in the sandbox `sandbox_` comes first.
    is_pending = transaction_id.removeprefix("sandbox_").startswith(_PENDING)
    return PENDING if is_pending else POSTED
