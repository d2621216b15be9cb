"""Acme keeps to its declaration, and reads a customer."""

from __future__ import annotations

from datetime import date

from anybank import Bank
from anybank.sandbox.transport import SimulatorTransport
from anybank_acme.conformance import AcmeConformance
from anybank_acme.simulator import AcmeSimulator


class TestAcme(AcmeConformance):
    """Each check of the conformance kit is a test."""


def test_a_customer_is_read() -> None:
    """What Acme tells of a person comes back under the neutral names."""
    simulator = AcmeSimulator()
    ada = simulator.seed_person(given="Ada", born="1990-04-01")
    with Bank(
        "acme", transport=SimulatorTransport(simulator), **simulator.credentials
    ) as bank:
        found = bank.customers.get(ada)
    assert (found.first_name, found.date_of_birth) == ("Ada", date(1990, 4, 1))
