"""Unit passes the conformance kit."""

from __future__ import annotations

from typing import ClassVar

from anybank_unit import accounts, customers, kyc
from anybank_unit.conformance import UnitConformance

from .document import DOCUMENT


class TestUnit(UnitConformance):
    """The tests that `anybank conformance unit` runs, with the vendor's document."""

    openapi = DOCUMENT
    openapi_values: ClassVar = {
        "Application.status": kyc.STATUSES,
        "Customer.status": customers.STATUSES,
        "DepositAccount.status": accounts.STATUSES,
        "Transaction.type": accounts.TRANSACTION_KINDS,
    }
    openapi_exceptions: ClassVar = {}
