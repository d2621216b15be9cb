"""Increase passes the conformance kit, with and without options."""

from __future__ import annotations

from typing import ClassVar

from anybank_increase import customers, events, kyc, transactions
from anybank_increase.conformance import IncreaseConformance

from .document import DOCUMENT


class TestIncrease(IncreaseConformance):
    """The tests that `anybank conformance increase` runs, with the vendor's document."""

    openapi = DOCUMENT
    openapi_values: ClassVar = {
        "entity.status": customers.STATUSES,
        "validation.status": kyc.STATUSES,
        "pending_transaction.status": transactions.PENDING_STATUSES,
        "pending_transaction.source.category": transactions.PENDING_KINDS,
        "transaction.source.category": transactions.KINDS,
        "event.category": events.KINDS,
    }
    openapi_exceptions: ClassVar = {
        "values NewAccount.kind loan": "a loan account needs the terms of the loan, "
        "which no neutral field has",
    }
