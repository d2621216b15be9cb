"""The conformance test of Bond, for `anybank conformance bond` and the tests."""

from __future__ import annotations

from typing import Any

from anybank.model.credit import EmploymentStatus, NewCreditApplication
from anybank.model.money import Money
from anybank.testing import AdapterConformance

from .adapter import Bond
from .simulator import BondSimulator

# The simulator accepts any UUID as a program unless its switch `programs` names some.
PROGRAM = "66666666-6666-4666-8666-666666666666"
# The first edition of "Trigger KYC scenarios": this SSN fails the verification.
# https://docs.bond.tech/docs/trigger-kyc-scenarios
_FAILING_SSN = "999-99-1111"


class BondConformance(AdapterConformance):
    """Bond and its simulator, with the values that no field rule determines."""

    adapter = Bond
    simulator = BondSimulator
    samples = {  # noqa: RUF012  # never mutated
        "StartKyc.program_id": PROGRAM,
        "NewCreditApplication.program_id": PROGRAM,
        "NewAccount.program_id": PROGRAM,
        "NewWebhookSubscription.events": ["kyc.*", "credit.*"],
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
