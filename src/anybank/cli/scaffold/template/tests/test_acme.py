"""The adapter satisfies its declaration and reads a customer."""

from __future__ import annotations

from datetime import date

from anybank import Bank
from anybank.sandbox.transport import SimulatorTransport
from anybank_acme.conformance import AcmeConformance
from anybank_acme.simulator import AcmeSimulator


class TestAcme(AcmeConformance):
    """Runs each check of the conformance kit as a test."""


def test_a_customer_is_read() -> None:
    """A person is returned as a customer under neutral names."""
    simulator = AcmeSimulator()
    person_id = simulator.seed_person(given="Ada", born="1990-04-01")
    with Bank(
        "acme", transport=SimulatorTransport(simulator), **simulator.credentials
    ) as bank:
        customer = bank.customers.get(person_id)
    assert (customer.first_name, customer.date_of_birth) == ("Ada", date(1990, 4, 1))
