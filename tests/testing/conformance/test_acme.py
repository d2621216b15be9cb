"""The adapter that the broken ones are made of passes the conformance kit."""

from __future__ import annotations

from tests.testing.conformance.acme.adapter import Acme
from tests.testing.conformance.acme.simulator import AcmeSimulator

from anybank.testing import AdapterConformance


class TestAcme(AdapterConformance):
    adapter = Acme
    simulator = AcmeSimulator
