"""Increase's conformance tests: `anybank conformance increase`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from anybank.model.accounts import (
    Account,
    AccountKind,
    AccountNumber,
    AccountNumberStatus,
    AccountStatus,
    Balance,
    ExternalAccount,
)
from anybank.model.customers import Customer, CustomerStatus
from anybank.model.events import Event, EventKind
from anybank.model.kyc import KycCheck, KycDocument, KycStatus
from anybank.model.money import Money
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from anybank.testing import AdapterConformance, SignedDelivery

from . import conformance_samples as printed
from . import customers, events, kyc, transactions
from .adapter import Increase
from .extras import (
    IncreaseAccountExtras,
    IncreaseAccountNumberExtras,
    IncreaseExtras,
    IncreaseSubscriptionExtras,
    RiskRating,
    TermsAgreement,
)
from .simulator import IncreaseSimulator

# The example of the reference implementation of Standard Webhooks, whose libraries test
# themselves with it: https://github.com/standard-webhooks/standard-webhooks
_PRINTED = SignedDelivery(
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106  # printed there
    headers={
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    body=b'{"test": 2432232314}',
)

_AGREED_AT = datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
_EXTRAS = IncreaseExtras(
    risk_rating=RiskRating(rating="low", rated_at=_AGREED_AT),
    terms_agreements=[
        TermsAgreement(
            agreed_at=_AGREED_AT,
            ip_address="192.0.2.7",
            terms_url="https://app.example.com/terms",
        )
    ],
    confirmed_no_us_tax_id=True,
)
_NUMBER_EXTRAS = IncreaseAccountNumberExtras(ach_debits="blocked", checks="allowed")


class IncreaseConformance(AdapterConformance):
    """Increase and its simulator, with the records that no operation creates."""

    adapter = Increase
    simulator = IncreaseSimulator
    samples = {  # noqa: RUF012  # never mutated
        "webhooks.verify": (_PRINTED,),
        "cassettes": printed.EXAMPLES,
        "errors": printed.ERRORS,
        "webhooks.events": printed.EVENTS,
        "NewWebhookSubscription.events": ["account.created", "transaction.created"],
        "NewCustomer.extras": _EXTRAS,
        "CustomerChanges.extras": _EXTRAS,
        "NewAccount.extras": IncreaseAccountExtras(
            informational_entity_id="entity_of_the_group"
        ),
        "NewAccountNumber.extras": _NUMBER_EXTRAS,
        "AccountNumberChanges.extras": _NUMBER_EXTRAS,
        "NewWebhookSubscription.extras": IncreaseSubscriptionExtras(
            oauth_connection_id="connection_dauknoksyr4wilz4e6my", status="disabled"
        ),
    }

    openapi_values = {  # noqa: RUF012  # as above
        "entity.status": customers.STATUSES,
        "validation.status": kyc.STATUSES,
        "pending_transaction.status": transactions.PENDING_STATUSES,
        "pending_transaction.source.category": transactions.PENDING_KINDS,
        "transaction.source.category": transactions.KINDS,
        "event.category": events.KINDS,
    }
    openapi_exceptions = {  # noqa: RUF012  # as above
        "values NewAccount.kind loan": "a loan account needs the terms of the loan, "
        "which no neutral field has",
        "words card_revenue_payment": "the share of the interchange, and no purchase",
        **dict.fromkeys(
            (
                "words swift_transfer_instruction",
                "words swift_transfer_intention",
                "words swift_transfer_return",
            ),
            "SWIFT moves money by wire",
        ),
    }

    def seed(
        self, kind: str, simulator: Any, bank: Any
    ) -> str | None:  # the kit's signature
        """Create an external account, a transaction or an event."""
        if kind == "event":
            simulator.events.emit("group.heartbeat", {"id": "group_1", "type": "group"})
            return str(next(reversed(simulator.events.table.rows)))
        if kind == "transaction":
            # Paid by ACH, as the transaction that the document prints.
            account = simulator.seed_account(simulator.seed_entity())
            number = simulator.accounts.add_number(account_id=account, name="Payroll")
            body = {"account_number_id": number["id"], "amount": 12_345}
            bank.request("POST", "/simulations/inbound_ach_transfers", json=body)
            return str(next(reversed(simulator.ledger.transactions.rows)))
        if kind != "external_account":
            return None
        stored = simulator.accounts.add_external(
            routing_number="101050001",
            account_number="987654321",
            description="Landlord",
        )
        return str(stored["id"])

    def seed_expected(self, simulator: Any, bank: Any) -> Iterator[Any]:
        """Decide on people, and move money on the accounts of two, a minute apart."""
        yield from _decided(simulator, bank)
        yield _external(simulator)
        for owner in (simulator.seed_entity(), simulator.seed_entity()):
            account = simulator.seed_account(owner)
            yield _account(account, owner, simulator.clock())
            yield _closed(simulator, owner)
            yield _event(
                simulator, EventKind.ACCOUNT_OPENED, "account.created", account
            )
            number = simulator.accounts.add_number(account_id=account, name="Payroll")
            yield AccountNumber(
                id=number["id"],
                account_id=account,
                name="Payroll",
                routing_number=number["routing_number"],
                status=AccountNumberStatus.ACTIVE,
                native_status="active",
                created_at=simulator.clock(),
            )
            for cents in (12_345, -2_345):
                yield from _posted(simulator, bank, number, cents)
            yield _held(simulator, account)
            _released(simulator, bank, account)
            yield Balance(
                account_id=account, current=Money(10_000), available=Money(9_300)
            )


def _decided(simulator: Any, bank: Any) -> Iterator[Any]:
    """Validate one person, reject another one, and leave a third one undecided."""
    # "Entity validation". https://increase.com/documentation/entity-validation
    for word, issues, status, check in (
        ("valid", [], CustomerStatus.ACTIVE, KycStatus.PASSED),
        (
            "invalid",
            [{"category": "entity_tax_identifier"}, {"category": "entity_address"}],
            CustomerStatus.DENIED,
            KycStatus.DOCUMENTS_REQUIRED,
        ),
        ("pending", None, CustomerStatus.PENDING, KycStatus.SUBMITTED),
    ):
        person = simulator.seed_entity()
        if issues is not None:
            path = f"/simulations/entities/{person}/update_validation"
            bank.request("POST", path, json={"issues": issues})
        native = "active" if status is CustomerStatus.ACTIVE else word
        yield Customer(
            provider="increase", id=person, status=status, native_status=native
        )
        wanted = [KycDocument(kind=issue["category"]) for issue in issues or ()]
        yield KycCheck(
            customer_id=person, status=check, native_status=word, documents=wanted
        )
    yield from _undecidable(simulator)


def _undecidable(simulator: Any) -> Iterator[Any]:
    """Disable a valid person, and leave another one in a program without validation."""
    person = simulator.seed_entity()
    simulator.entities.find(person).record["status"] = "disabled"
    yield Customer(
        provider="increase",
        id=person,
        status=CustomerStatus.DISABLED,
        native_status="disabled",
    )
    person = simulator.seed_entity()
    simulator.entities.find(person).record["validation"] = None
    yield KycCheck(customer_id=person, status=KycStatus.NOT_STARTED)


def _account(account: str, owner: str, now: Any) -> Account:
    return Account(
        id=account,
        customer_ids=[owner],
        kind=AccountKind.DEPOSIT,
        native_kind="deposits",
        status=AccountStatus.OPEN,
        native_status="open",
        name="Everyday",
        currency="USD",
        opened_at=now,
    )


def _closed(simulator: Any, owner: str) -> Account:
    row = simulator.accounts.table.find(simulator.seed_account(owner))
    opened, closed = simulator.clock(), simulator.clock() + timedelta(days=1)
    row |= {"status": "closed", "closed_at": closed.isoformat()}
    return evolve(
        _account(row["id"], owner, opened),
        status=AccountStatus.CLOSED,
        native_status="closed",
        closed_at=closed,
    )


def _posted(simulator: Any, bank: Any, number: Any, cents: int) -> Iterator[Any]:
    """Let an employer pay by ACH, or post a debit; yield it and its event."""
    simulator.clock.advance(minutes=1)
    account, is_credit = number["account_id"], cents > 0
    if is_credit:
        body = {"account_number_id": number["id"], "amount": cents}
        bank.request("POST", "/simulations/inbound_ach_transfers", json=body)
    else:
        simulator.seed_transaction(account, cents, description="Rent")
    transaction = next(reversed(simulator.ledger.transactions.rows))
    yield Transaction(
        id=transaction,
        account_id=account,
        amount=Money(cents),
        currency="USD",
        kind=TransactionKind.ACH if is_credit else TransactionKind.UNKNOWN,
        native_kind="inbound_ach_transfer" if is_credit else "other",
        status=TransactionStatus.POSTED,
        occurred_at=simulator.clock(),
        posted_at=simulator.clock(),
        counterparty="INVENTED EMPLOYER" if is_credit else None,
        description="INVENTED EMPLOYER" if is_credit else "Rent",
    )
    kind = EventKind.TRANSACTION_CREATED
    yield _event(simulator, kind, "transaction.created", transaction)


def _held(simulator: Any, account: str) -> Transaction:
    simulator.clock.advance(minutes=1)
    return Transaction(
        id=simulator.ledger.add_hold(account, -700)["id"],
        account_id=account,
        amount=Money(-700),
        currency="USD",
        native_kind="user_initiated_hold",
        status=TransactionStatus.PENDING,
        native_status="pending",
        occurred_at=simulator.clock(),
        description="Hold",
    )


def _released(simulator: Any, bank: Any, account: str) -> None:
    """Hold money and release it: the listing of pending transactions leaves it out."""
    released = simulator.ledger.add_hold(account, -900)["id"]
    bank.request("POST", f"/pending_transactions/{released}/release")


def _external(simulator: Any) -> ExternalAccount:
    stored = simulator.accounts.add_external(
        routing_number="101050001", account_number="987654321", description="Landlord"
    )
    return ExternalAccount(
        id=stored["id"],
        name="Landlord",
        kind=AccountKind.CHECKING,
        native_kind="checking",
        status=AccountStatus.OPEN,
        native_status="active",
        routing_number="101050001",
        created_at=simulator.clock(),
    )


def _event(simulator: Any, kind: EventKind, category: str, about: str) -> Event:
    """Return the event that the simulator stored about an object."""
    (row,) = (
        row
        for row in simulator.events.table.rows.values()
        if (row["category"], row["associated_object_id"]) == (category, about)
    )
    is_account = kind is EventKind.ACCOUNT_OPENED
    return Event(
        provider="increase",
        id=row["id"],
        kind=kind,
        native_kind=category,
        object_id=about,
        account_id=about if is_account else None,
        transaction_id=None if is_account else about,
        occurred_at=simulator.clock(),
        dedupe_key=f"increase:{row['id']}",
    )
