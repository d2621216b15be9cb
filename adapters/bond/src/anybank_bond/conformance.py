"""The conformance test of Bond, for `anybank conformance bond` and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from attrs import evolve

from anybank.model.accounts import Account, AccountKind, AccountStatus, Balance
from anybank.model.addresses import Address, AddressKind
from anybank.model.credit import (
    AdverseAction,
    Applicant,
    ApplicationStatus,
    CreditApplication,
    CreditApplicationChanges,
    EmploymentStatus,
    NewCreditApplication,
)
from anybank.model.customers import Customer
from anybank.model.events import Event, EventKind
from anybank.model.kyc import KycCheck, KycDocument, KycStatus
from anybank.model.money import Money
from anybank.model.phones import Phone, PhoneKind
from anybank.model.transactions import (
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from anybank.testing import (
    AdapterConformance,
)

from . import conformance_samples as printed
from .adapter import Bond
from .extras import BondExtras
from .simulator import BondSimulator

# The simulator accepts any UUID as a program unless its switch `programs` names some.
PROGRAM = "66666666-6666-4666-8666-666666666666"
_PROGRAM_2 = "77777777-7777-4777-8777-777777777777"
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
        "cassettes": {"customers-get": printed.CUSTOMER},
        "errors": printed.ERRORS,
        "webhooks.verify": (printed.DELIVERY,),
        "webhooks.events": printed.EVENTS,
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

    def seed_expected(
        self, simulator: Any, bank: Any
    ) -> Iterator[Any]:  # the base's signature
        """Decide on people, and move money on the accounts of two, a minute apart."""
        yield from _applications(simulator, bank)
        yield KycCheck(
            customer_id=simulator.seed_customer(),
            program_id=PROGRAM,
            status=KycStatus.NOT_STARTED,
        )
        yield KycCheck(
            customer_id=simulator.seed_customer(kyc="passed", program_id=_PROGRAM_2),
            program_id=_PROGRAM_2,
            status=KycStatus.PASSED,
            native_status="passed",
        )
        for word, status in _DECISIONS.items():
            person = simulator.seed_customer(kyc=word, program_id=PROGRAM)
            documents = simulator.world.customers.get(person).checks[PROGRAM].documents
            yield KycCheck(
                customer_id=person,
                program_id=PROGRAM,
                status=status,
                native_status=word,
                documents=[
                    KycDocument(
                        kind=item["document_type"],
                        status=item["status"],
                        upload_link=item["upload_link"],
                    )
                    for item in documents
                ],
            )
        yield _person(simulator)
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
                routing_number="000000000",
                balance=held,
            )


def _person(simulator: Any) -> Customer:
    """Return a customer with the members that Bond adds: the brand and deliverability."""
    id = simulator.seed_customer()
    stored = simulator.world.customers.get(id)
    return Customer(
        provider="bond",
        id=id,
        brand_id=simulator.brand_id,
        external_id=stored.brand_person_id,
        first_name="Ada",
        last_name="Sample",
        date_of_birth=date(1990, 4, 1),
        emails=["ada@example.com"],
        phones=[Phone("+15550102000", kind=PhoneKind.UNKNOWN)],
        addresses=[
            Address(
                id=stored.primary.id,
                kind=AddressKind.PHYSICAL,
                native_kind="PHYSICAL",
                line1="1 Test St.",
                city="Reno",
                state="NV",
                postal_code="89501",
                country="US",
                primary=True,
                deliverability="deliverable",
            )
        ],
        created_at=simulator.clock(),
    )


def _applications(simulator: Any, bank: Any) -> Iterator[Any]:
    """Create three applications: one is open, one approved and one denied."""
    for word, status, person in (
        ("created", ApplicationStatus.CREATED, {}),
        (
            "approved",
            ApplicationStatus.APPROVED,
            {"kyc": "passed", "ssn": "912-45-6789"},
        ),
        ("denied", ApplicationStatus.DENIED, {"ssn": _FAILING_SSN}),
    ):
        customer = simulator.seed_customer(**person)
        new = NewCreditApplication(
            program_id=PROGRAM,
            customer_id=customer,
            employment_status=EmploymentStatus.UNEMPLOYED,
            total_annual_income=Money(9_800_000),
            monthly_housing_payment=Money(120_000),
        )
        created, id = simulator.clock(), bank.credit_applications.create(new).id
        simulator.clock.advance(minutes=1)
        if word == "created":
            income = CreditApplicationChanges(total_annual_income=Money(9_900_000))
            bank.credit_applications.update(id, income)
        else:
            bank.credit_applications.submit(id)
        updated = simulator.clock()
        simulator.clock.advance(hours=1)
        yield CreditApplication(
            id=id,
            program_id=PROGRAM,
            customer_id=customer,
            status=status,
            native_status=word,
            employment_status=EmploymentStatus.UNEMPLOYED,
            total_annual_income=Money(9_900_000 if word == "created" else 9_800_000),
            monthly_housing_payment=Money(120_000),
            security_deposit_account_id=simulator.credit.table.get(
                id
            ).security_deposit_account_id,
            applicant=_applicant(simulator, customer) if word == "created" else None,
            created_at=created,
            updated_at=None if word == "denied" else updated,
        )
        if word == "denied":
            yield AdverseAction(
                id=f"adverse-{id}",  # the kit does not compare it
                application_id=id,
                service="kyc",
                reasons=["Unable to verify identity"],
            )


def _applicant(simulator: Any, customer: str) -> Applicant:
    """Return the customer as an application repeats it; the address has no kind there."""
    address = simulator.world.customers.get(customer).primary
    return Applicant(
        first_name="Ada",
        last_name="Sample",
        date_of_birth=date(1990, 4, 1),
        email="ada@example.com",
        terms_accepted=True,
        address=Address(
            id=address.id,
            kind=AddressKind.UNKNOWN,
            line1="1 Test St.",
            city="Reno",
            state="NV",
            postal_code="89501",
            country="US",
        ),
    )


def _moved(
    simulator: Any, account: str, owner: str, cents: int, state: str
) -> Iterator[Any]:
    """Move money by ACH; yield the transaction and its event."""
    details = {"merchant_name": "INVENTED EMPLOYER"}
    created = simulator.clock()
    id = simulator.seed_transaction(
        account, cents, state="pending", description="PAYROLL", details=details
    )
    if state != "pending":
        simulator.clock.advance(minutes=2)
        simulator.change_transaction(id, state)
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
        occurred_at=created,
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
