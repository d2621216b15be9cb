"""Unit's conformance tests: `anybank conformance unit`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from anybank.adapter.converter import words_of
from anybank.adapter.problems import Problem
from anybank.errors import NotFound, Rejected
from anybank.model.accounts import Account, AccountKind, AccountStatus, Balance
from anybank.model.addresses import Address
from anybank.model.customers import Customer, CustomerStatus, NewCustomer
from anybank.model.events import Event, EventKind
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.money import Money
from anybank.model.phones import Phone
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from anybank.sensitive import Ssn
from anybank.testing import AdapterConformance, PrintedError

from . import accounts, customers, kyc
from .adapter import Unit
from .extras import (
    UnitAccountExtras,
    UnitChangesExtras,
    UnitExtras,
    UnitSubscriptionExtras,
)
from .simulator import UnitSimulator

_PEOPLE = words_of(customers.WirePerson, "status")
_APPLICATIONS = words_of(kyc.WireVerification, "status")
_WAITING = "000000003"
"""The SSN of an application that waits for an IdDocument."""
_DECISIONS = (
    (
        _WAITING,
        CustomerStatus.PENDING,
        "AwaitingDocuments",
        KycStatus.DOCUMENTS_REQUIRED,
    ),
    ("000000004", CustomerStatus.PENDING, "PendingReview", KycStatus.UNDER_REVIEW),
    ("000000001", CustomerStatus.DENIED, "Denied", KycStatus.FAILED),
    ("900550102", CustomerStatus.ACTIVE, "Approved", KycStatus.PASSED),
)
_EVENTS = {
    "AwaitingDocuments": (
        "application.awaitingDocuments",
        EventKind.KYC_DOCUMENTS_REQUIRED,
    ),
    "PendingReview": ("application.pendingReview", EventKind.KYC_UNDER_REVIEW),
    "Denied": ("application.denied", EventKind.KYC_FAILED),
}
"""The events of people who are no customers yet, by the status of their application."""


def _error(status: int, code: str, detail: str, pointer: str = "") -> dict[str, Any]:
    """Return an error object as "Errors" describes it."""
    source = {"source": {"pointer": f"/data/attributes/{pointer}"}} if pointer else {}
    meta = {"supportId": "s-1"}
    common = {"status": str(status), "code": code, "title": "Bad", "meta": meta}
    return {**common, "detail": detail, **source}


# https://unit.co/docs/api/errors: "More than one schema validation issues will usually
# yield multiple errors".
_ERRORS = (
    PrintedError(
        status=400,
        body={
            "errors": [
                _error(400, "invalid_value", "is odd", "fullName/first"),
                _error(400, "invalid_value", "is short", "address/postalCode"),
            ]
        },
        problem=Problem(
            kind=Rejected,
            code="invalid_value",
            message="is odd; is short",
            field_errors={
                "first_name": ("is odd",),
                "addresses[0].postal_code": ("is short",),
            },
            request_id="s-1",
        ),
    ),
    PrintedError(
        status=400,
        body={"errors": [_error(400, "customer_not_found", "No such customer")]},
        problem=Problem(
            kind=NotFound,
            code="customer_not_found",
            message="No such customer",
            request_id="s-1",
        ),
        feature="accounts.create",
    ),
)


class UnitConformance(AdapterConformance):
    """Unit and its simulator, with the records that no operation creates."""

    adapter = Unit
    simulator = UnitSimulator
    samples = {  # noqa: RUF012  # never mutated
        "NewAccount.program_id": "checking",
        "NewKycDocument.kind": "IdDocument",
        "NewWebhookSubscription.events": [],
        "NewCustomer.extras": UnitExtras(
            occupation="GigWorker",
            annual_income="UpTo10k",
            source_of_income="EmploymentOrPayrollIncome",
            ip="192.0.2.7",
            device_fingerprint="0400bpNfiPCR",
            jwt_subject="app|zebedix",
            tags={"branch": "xanthoburg"},
        ),
        "CustomerChanges.extras": UnitChangesExtras(jwt_subject="app|zebedix"),
        "NewAccount.extras": UnitAccountExtras(tags={"purpose": "savings"}),
        "NewWebhookSubscription.extras": UnitSubscriptionExtras(
            delivery_mode="AtMostOnce", include_resources=True
        ),
        "errors": _ERRORS,
    }

    openapi_values = {  # noqa: RUF012  # as above
        "Application.status": _APPLICATIONS,
        "Customer.status": set(_PEOPLE) - set(_APPLICATIONS),
        "DepositAccount.status": words_of(accounts.WireDeposit, "status"),
        "Transaction.type": words_of(accounts.WireTransaction, "kind"),
    }

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:  # noqa: ARG002  # the kit's signature
        """Create a transaction, an event, or an application that waits for a document."""
        if kind == "applicant":
            return str(simulator.seed_application(ssn=_WAITING))
        if kind == "transaction":
            account = simulator.seed_account(simulator.seed_application())
            return str(simulator.seed_transaction(account, 12_345))
        if kind != "event":
            return None
        person = {"type": "individualCustomer", "id": "5"}
        simulator.events.emit("customer.updated", customer=person)
        return str(next(reversed(simulator.events.table.rows)))

    def seed_live(self, kind: str, bank: Any) -> str | None:
        """Create an application that waits for a document, by the sandbox's own SSN."""
        if kind != "applicant":
            return None
        person = NewCustomer(
            first_name="Ada",
            last_name="Sample",
            date_of_birth=date(1990, 4, 1),
            ssn=Ssn(_WAITING),
            emails=["ada@example.com"],
            phones=[Phone("+12025550143")],
            addresses=[
                Address(
                    line1="1 Test St.",
                    city="Reno",
                    state="NV",
                    postal_code="89501",
                    country="US",
                )
            ],
        )
        return str(bank.customers.create(person).id)

    def seed_expected(self, simulator: Any, bank: Any) -> Iterator[Any]:  # noqa: ARG002  # the kit's signature
        """Yield a person per decision, and open accounts and move money for two."""
        yield from _decided(simulator)
        for _ in range(2):
            owner = simulator.seed_application()
            account = simulator.seed_account(owner)
            yield _event(simulator, EventKind.ACCOUNT_OPENED, "account", account)
            opened = simulator.clock()
            row = simulator.books.accounts.find(account)
            total = 0
            for cents in (12_345, -2_345):
                simulator.clock.advance(minutes=1)
                total += cents
                yield from _posted(simulator, account, cents, total)
            yield Account(
                id=account,
                customer_ids=[owner],
                kind=AccountKind.DEPOSIT,
                native_kind="depositAccount",
                program_id="checking",
                status=AccountStatus.OPEN,
                native_status="Open",
                name="Ada Sample",
                currency="USD",
                routing_number=row["attributes"]["routingNumber"],
                balance=Money(10_000),
                opened_at=opened,
            )
            # A purchase that is authorized and not posted yet holds a part of the balance.
            row["attributes"] |= {"hold": 700, "available": 9_300}
            yield Balance(
                account_id=account, current=Money(10_000), available=Money(9_300)
            )


def _decided(simulator: Any) -> Iterator[Any]:
    """Yield an undecided, a denied and an approved person, each with the verification."""
    for ssn, status, word, check in _DECISIONS:
        person = simulator.seed_application(ssn=ssn)
        is_customer = status is CustomerStatus.ACTIVE
        native = "Active" if is_customer else word
        yield Customer(id=person, provider="unit", status=status, native_status=native)
        yield KycCheck(customer_id=person, status=check, native_status=word)
        if word in _EVENTS:
            yield _decision(simulator, person, *_EVENTS[word])


def _decision(simulator: Any, person: str, word: str, kind: EventKind) -> Event:
    """Return the event of a decision that has just been made, about an application."""
    rows = simulator.events.table.rows.values()
    row = next(it for it in reversed(rows) if it["type"] == word)
    return Event(
        provider="unit",
        id=row["id"],
        kind=kind,
        native_kind=word,
        object_id=person,
        customer_id=person,
        occurred_at=simulator.clock(),
        dedupe_key=f"unit:{row['id']}",
    )


def _posted(simulator: Any, account: str, cents: int, total: int) -> Iterator[Any]:
    is_credit = cents > 0
    if is_credit:
        transaction = simulator.simulate_payment(account, Money(cents))
    else:
        transaction = simulator.seed_transaction(
            account,
            cents,
            kind="purchaseTransaction",
            summary="Groceries",
            merchant={"name": "INVENTED SHOP"},
        )
    yield Transaction(
        id=transaction,
        account_id=account,
        amount=Money(cents),
        currency="USD",
        kind=TransactionKind.ACH if is_credit else TransactionKind.CARD,
        native_kind="receivedAchTransaction" if is_credit else "purchaseTransaction",
        status=TransactionStatus.POSTED,
        occurred_at=simulator.clock(),
        posted_at=simulator.clock(),
        balance_after=Money(total),
        counterparty="INVENTED EMPLOYER" if is_credit else "INVENTED SHOP",
        description="INVENTED EMPLOYER" if is_credit else "Groceries",
    )
    kind = EventKind.TRANSACTION_CREATED
    yield _event(simulator, kind, "transaction", transaction)


def _event(simulator: Any, kind: EventKind, name: str, about: str) -> Event:
    """Return the event that the simulator stored about an object."""
    (row,) = (
        row
        for row in simulator.events.table.rows.values()
        if row["type"] == f"{name}.created"
        and row["relationships"][name]["data"]["id"] == about
    )
    related = row["relationships"]
    return Event(
        provider="unit",
        id=row["id"],
        kind=kind,
        native_kind=f"{name}.created",
        object_id=about,
        customer_id=related["customer"]["data"]["id"],
        account_id=related["account"]["data"]["id"],
        transaction_id=about if name == "transaction" else None,
        occurred_at=simulator.clock(),
        dedupe_key=f"unit:{row['id']}",
    )
