"""The conformance test of Bond, for `anybank conformance bond` and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import evolve

from anybank.model.accounts import Account, AccountKind, AccountStatus, Balance
from anybank.model.credit import EmploymentStatus, NewCreditApplication
from anybank.model.customers import Customer
from anybank.model.events import Event, EventKind
from anybank.model.kyc import KycCheck, KycStatus
from anybank.model.money import Money
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from anybank.testing import AdapterConformance

from .adapter import Bond
from .rules import BondExtras
from .simulator import BondSimulator

# The simulator accepts any UUID as a program unless its switch `programs` names some.
PROGRAM = "66666666-6666-4666-8666-666666666666"
# The first edition of "Trigger KYC scenarios": this SSN fails the verification.
# https://docs.bond.tech/docs/trigger-kyc-scenarios
_FAILING_SSN = "999-99-1111"

# Written out and not taken from the adapter, whose table may be wrong.
# https://docs.bond.tech/docs/kyc-state-machine
_DECISIONS = {
    "passed": KycStatus.PASSED,
    "failed": KycStatus.FAILED,
    "under_review": KycStatus.UNDER_REVIEW,
    "document_required": KycStatus.DOCUMENTS_REQUIRED,
    "expired": KycStatus.EXPIRED,
    "error": KycStatus.ERROR,
}

# The customer that "Managing customers" prints, with the names that the page explains.
# https://docs.bond.tech/docs/managing-customers
_PRINTED = Customer(
    provider="bond",
    id="931e2341-c3eb-4681-97d4-f6e09d90da14",
    external_id="7b18da9e-0217-4ecb-8454-8c0ab8bedc14",
    first_name="James",
    middle_name="Herbert",
    last_name="Bond",
    date_of_birth=date(1997, 12, 25),
    emails=["james@example.com"],
)


class BondConformance(AdapterConformance):
    """Bond and its simulator, with the values that no field rule determines."""

    adapter = Bond
    simulator = BondSimulator
    samples = {  # noqa: RUF012  # never mutated
        "StartKyc.program_id": PROGRAM,
        "NewCreditApplication.program_id": PROGRAM,
        "NewAccount.program_id": PROGRAM,
        "NewCustomer.extras": BondExtras(
            account_holder_type="secondary",
            primary_id="22222222-2222-4222-8222-222222222222",
        ),
        "NewWebhookSubscription.events": ["kyc.*", "credit.*", "transactions"],
        "cassettes": {"customers-get": _PRINTED},
    }
    openapi_exceptions = {  # noqa: RUF012  # as above
        "words credit adjustment": "a disputed card payment is still one of a card",
        "words load money onto card": "money that another account sends to the card",
    }

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:
        """Create a transaction, or a denied application: its customer's KYC fails."""
        # The kit asks for records that no single call creates. None means that Bond has
        # no such kind.
        if kind == "transaction":
            account = simulator.seed_account(simulator.seed_customer())
            return str(simulator.seed_transaction(account, 12_345))
        if kind != "denied_application":
            return None
        customer = simulator.seed_customer(ssn=_FAILING_SSN)
        new = NewCreditApplication(
            program_id=PROGRAM,
            customer_id=customer,
            employment_status=EmploymentStatus.EMPLOYED,
            total_annual_income=Money(9_800_000),
            monthly_housing_payment=Money(120_000),
        )
        application = bank.credit_applications.create(new)
        submitted: str = bank.credit_applications.submit(application.id).id
        return submitted

    def seed_expected(self, simulator: Any, bank: Any) -> Iterator[Any]:  # noqa: ARG002  # the base's signature
        """Decide on people, and move money on the accounts of two, a minute apart."""
        for word, status in _DECISIONS.items():
            yield KycCheck(
                customer_id=simulator.seed_customer(kyc=word, program_id=PROGRAM),
                program_id=PROGRAM,
                status=status,
                native_status=word,
            )
        for owner in (simulator.seed_customer(), simulator.seed_customer()):
            account = simulator.seed_account(owner)
            simulator.accounts.table.get(account).description = "Everyday"
            for cents, state in (
                (12_345, "completed"),
                (-2_345, "completed"),
                (-700, "pending"),
            ):
                simulator.clock.advance(minutes=1)
                yield from _moved(simulator, account, owner, cents, state)
            held = Money(10_000)
            yield Balance(account_id=account, current=held, available=Money(9_300))
            yield Account(
                id=account,
                customer_ids=[owner],
                kind=AccountKind.DEPOSIT,
                native_kind="deposit",
                status=AccountStatus.OPEN,
                native_status="active",
                name="Everyday",
                currency="USD",
                program_id=PROGRAM,
                balance=held,
            )


def _moved(
    simulator: Any, account: str, owner: str, cents: int, state: str
) -> Iterator[Any]:
    """Move money by ACH; yield the transaction and its event."""
    details = {"merchant_name": "INVENTED EMPLOYER"}
    id = simulator.seed_transaction(
        account, cents, state=state, description="PAYROLL", details=details
    )
    word = "External ACH Deposit" if cents > 0 else "External ACH Withdrawal"
    pending = Transaction(
        id=id,
        account_id=account,
        amount=Money(cents),
        currency="USD",
        kind=TransactionKind.ACH,
        native_kind=word,
        status=TransactionStatus.PENDING,
        native_status=state,
        occurred_at=simulator.clock(),
        counterparty="INVENTED EMPLOYER",
        description="PAYROLL",
    )
    posted = {"status": TransactionStatus.POSTED, "posted_at": simulator.clock()}
    yield evolve(pending, **posted) if state == "completed" else pending
    yield Event(
        provider="bond",
        kind=EventKind.TRANSACTION_CREATED,
        native_kind="transactions",
        object_id=id,
        customer_id=owner,
        account_id=account,
        transaction_id=id,
        occurred_at=simulator.clock(),
        dedupe_key="",  # the kit does not compare it
    )
