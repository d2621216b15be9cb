"""Sonder passes the conformance kit, with policies and without."""

from __future__ import annotations

from typing import ClassVar

from tests.testing.conformance.people import people

from anybank import AddressKind, NewCustomer
from anybank.testing import AdapterConformance
from anybank_sonder.adapter import Sonder
from anybank_sonder.simulator import SonderSimulator

_PEOPLE = people(
    AddressKind.HOME,
    "middle_name",
    "preferred_name",
    "document_locator_number",
    "phones",
)


class TestSonder(AdapterConformance):
    adapter = Sonder
    simulator = SonderSimulator

    def customer(self) -> NewCustomer:
        return next(_PEOPLE)


class TestSonderWithPolicies(TestSonder):
    options: ClassVar = {"middle_name_when_absent": "NMN"}
