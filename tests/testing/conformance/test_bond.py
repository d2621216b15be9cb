"""Bond passes the conformance kit."""

from __future__ import annotations

from tests.testing.conformance.people import people

from anybank import AddressKind, NewCustomer
from anybank.testing import AdapterConformance
from anybank_bond.adapter import Bond
from anybank_bond.simulator import BondSimulator

_PEOPLE = people(AddressKind.PHYSICAL, "middle_name", "phones", "external_id")


class TestBond(AdapterConformance):
    adapter = Bond
    simulator = BondSimulator

    def customer(self) -> NewCustomer:
        return next(_PEOPLE)
