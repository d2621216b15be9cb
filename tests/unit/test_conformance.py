"""Unit passes the conformance kit, judged by its own document."""

from __future__ import annotations

from typing import ClassVar

from anybank_unit import accounts, customers, kyc
from anybank_unit.conformance import UnitConformance

from .document import DOCUMENT


class TestUnit(UnitConformance):
    """The tests that `anybank conformance unit` runs, with the vendor's document."""

    openapi = DOCUMENT
    openapi_values: ClassVar = {
        "application.status": kyc.STATUSES,
        "customer.status": customers.STATUSES,
        "account.status": accounts.STATUSES,
    }
