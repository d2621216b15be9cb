"""Bond passes the conformance kit."""

from anybank.testing import AdapterConformance
from anybank_bond.adapter import Bond
from anybank_bond.simulator import BondSimulator


class TestBond(AdapterConformance):
    adapter = Bond
    simulator = BondSimulator
