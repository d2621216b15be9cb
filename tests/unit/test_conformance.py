"""Unit passes the conformance kit."""

from __future__ import annotations

from typing import ClassVar

from anybank.adapter.converter import words_of
from anybank_unit import accounts, customers, kyc
from anybank_unit.conformance import UnitConformance

from .document import DOCUMENT

_PEOPLE = words_of(customers.WirePerson, "status")


class TestUnit(UnitConformance):
    """The tests that `anybank conformance unit` runs, with the vendor's document."""

    openapi = DOCUMENT
    openapi_values: ClassVar = {
        "Application.status": kyc.STATUSES,
        "Customer.status": set(_PEOPLE) - set(kyc.STATUSES),
        "DepositAccount.status": words_of(accounts.WireDeposit, "status"),
        "Transaction.type": words_of(accounts.WireTransaction, "kind"),
    }
    openapi_exceptions: ClassVar = {}
