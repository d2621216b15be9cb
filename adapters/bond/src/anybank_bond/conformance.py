"""How Bond is examined: `anybank conformance bond` and the tests use it."""

from __future__ import annotations

from typing import Any

from anybank.model.credit import EmploymentStatus, NewCreditApplication
from anybank.model.money import Money
from anybank.testing import AdapterConformance

from .adapter import Bond
from .simulator import BondSimulator

PROGRAM = "66666666-6666-4666-8666-666666666666"
_REFUSED = "999-99-1111"
"""A trigger of the vendor's sandbox: the verification fails (bond.md §4.7)."""


class BondConformance(AdapterConformance):
    """Bond and its simulator, with the words that no rule tells."""

    adapter = Bond
    simulator = BondSimulator
    samples = {  # noqa: RUF012  # it stays as it is
        "StartKyc.program_id": PROGRAM,
        "NewCreditApplication.program_id": PROGRAM,
        "NewAccount.program_id": PROGRAM,
        "NewAccount.kind": "deposit",
        "NewWebhookSubscription.events": ["kyc.*", "credit.*"],
    }

    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:
        """Put a denied application in place: its customer's verification fails."""
        if kind != "denied_application":
            return None
        customer = simulator.seed_customer(ssn=_REFUSED)
        given = NewCreditApplication(
            program_id=PROGRAM,
            customer_id=customer,
            employment_status=EmploymentStatus.EMPLOYED,
            total_annual_income=Money(9_800_000),
            monthly_housing_payment=Money(120_000),
        )
        made = bank.credit_applications.create(given)
        submitted: str = bank.credit_applications.submit(made.id).id
        return submitted
