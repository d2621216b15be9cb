"""Payments of a served simulator: a path that no vendor has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from anybank import Bank, ConfigurationError, Money, TransactionKind
from anybank.plugins import find
from anybank.sandbox.faults import Faults
from anybank.sandbox.server import serve
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator

from .conftest import Counter


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Make a client that asks no proxy."""
    with httpx.Client(trust_env=False) as client:
        yield client


def account_of(simulator: Any) -> str:
    """Open an account that can receive money."""
    if isinstance(simulator, BondSimulator):
        return simulator.seed_account(simulator.seed_customer())
    account: str = simulator.seed_account(simulator.seed_entity())
    simulator.accounts.add_number(account_id=account, name="Payroll")
    return account


@pytest.mark.parametrize("provider", ["bond", "increase"])
def test_money_arrives_and_leaves(client: httpx.Client, provider: str) -> None:
    """Each payment is one transaction by ACH, and the balance is their sum."""
    factory = find(provider).simulator
    assert factory is not None
    simulator = factory()()
    account = account_of(simulator)
    # Faults and rate limits are for the app's requests.
    with serve({provider: simulator}, faults=Faults({"500": 1.0})) as running:
        url = running.payments_url(provider)
        ids = [
            client.post(url, json={"account_id": account, "amount": amount}).json()
            for amount in ("250.00", "-49.99")
        ]
    with simulated_bank(provider, simulator) as bank:
        listed = {each.id: each for each in bank.transactions.list()}
        assert set(listed) == {each["transaction_id"] for each in ids}
        assert {each.kind for each in listed.values()} == {TransactionKind.ACH}
        assert bank.accounts.balance(account).current == Money(200_01)


def simulated_bank(provider: str, simulator: Any) -> Bank:
    transport = SimulatorTransport(simulator)
    return Bank(provider, transport=transport, **simulator.credentials)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"account_id": "unknown", "amount": "1.00"}, "not the id of an open account"),
        ({"amount": "-1.00"}, "0.00 USD is available"),
        ({"amount": 1.5}, "both as text"),
        ({"amount": "one"}, "amount: must be a decimal number"),
        ({"amount": "1.001"}, "at most 2 decimal digits"),
        ({"amount": "1", "more": "x"}, "both as text"),
    ],
)
@pytest.mark.parametrize("kind", [BondSimulator, IncreaseSimulator])
def test_a_bad_payment_is_explained(
    client: httpx.Client, kind: Any, body: dict[str, Any], problem: str
) -> None:
    """The response is a 400 that says what is wrong, and nothing is posted."""
    simulator = kind()
    account = account_of(simulator)
    with serve({"bank": simulator}) as running:
        url = running.payments_url("bank")
        response = client.post(url, json={"account_id": account, **body})
        assert (client.get(url).status_code, client.post(url).status_code) == (405, 400)
        assert client.post(url, content=b"{").json() == {
            "error": "the body is not JSON"
        }
    assert response.status_code == 400
    assert problem in response.json()["error"]
    assert simulator.ledger.current(account) == 0


def test_an_account_without_a_number_receives_nothing() -> None:
    """At Increase, money arrives at an account number."""
    simulator = IncreaseSimulator()
    account = simulator.seed_account(simulator.seed_entity())
    with pytest.raises(ConfigurationError, match="no active account number"):
        simulator.simulate_payment(account, Money(1))


def test_a_simulator_without_payments_says_so(client: httpx.Client) -> None:
    """Sonder's page has no transactions that could arrive."""
    factory = find("sonder").simulator
    assert factory is not None
    with serve({"sonder": factory()()}) as running:
        body = {"account_id": "a", "amount": "1.00"}
        response = client.post(running.payments_url("sonder"), json=body)
    assert response.json() == {"error": "SonderSimulator does not simulate payments"}


def test_the_path_of_another_bank_is_its_own(client: httpx.Client) -> None:
    """A simulator that knows no payments is asked for every path."""
    with serve({"bank": Counter()}) as running:
        assert client.post(running.payments_url("bank")).json()["count"] == 1
