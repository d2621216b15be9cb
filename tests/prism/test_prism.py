"""Prism, a validator that we did not write, finds nothing in what adapters send and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import httpx
import pytest
from tests.increase import banks as increase_banks
from tests.proofs import PROOF, THOROUGH
from tests.unit import banks as unit_banks

from anybank import (
    AccountKind,
    Bank,
    CustomerChanges,
    Money,
    NewAccount,
    NewAccountNumber,
    NewCustomer,
    NewWebhookSubscription,
)
from anybank.plugins import find
from anybank.sandbox.server import serve
from anybank.sandbox.simulator import Clock

from .proxy import Violations, document, prism

pytestmark = pytest.mark.skipif(
    not PROOF, reason="Prism starts for half a minute: `make proof` does it"
)

Proxies: TypeAlias = Callable[[str], tuple[Any, str]]
EXCEPTIONS: Mapping[str, Mapping[str, str]] = {
    "increase": {
        "status.in.0": "the document says in words that the values are separated by "
        "commas, and not with `explode`",
    },
    "unit": {
        "must match exactly one schema in oneOf": "an individual and a sole proprietor "
        "have the same type in the document, and both schemas allow the same body",
    },
}
PEOPLE = {"increase": increase_banks.ada, "unit": unit_banks.ada}
CHANGES = {
    "increase": CustomerChanges(addresses=[increase_banks.home(line1="7 Other St.")]),
    "unit": CustomerChanges(emails=["other@example.com"]),
}


@pytest.fixture(scope="module")
def proxies() -> Iterator[Proxies]:
    """Return a function that starts Prism for a vendor once, and returns it."""
    started: dict[str, tuple[Any, str]] = {}
    with ExitStack() as stack:

        def start(vendor: str) -> tuple[Any, str]:
            if vendor not in started:
                started[vendor] = stack.enter_context(proxied(vendor))
            return started[vendor]

        yield start


@contextmanager
def proxied(vendor: str) -> Iterator[tuple[Any, str]]:
    """Return a simulator and the URL of Prism in front of it."""
    spec = document(vendor)
    factory = find(vendor).simulator
    assert factory is not None
    simulator = factory()(clock=Clock(datetime.now(UTC)))
    with (
        serve({vendor: simulator}) as running,
        prism(spec, running.base_url(vendor)) as url,
    ):
        yield simulator, url


@pytest.mark.parametrize("vendor", ["increase", "unit"] if THOROUGH else ["unit"])
def test_an_adapter_keeps_to_the_document(proxies: Proxies, vendor: str) -> None:
    """A customer's whole story has no request and no response that Prism objects to."""
    transport = Violations(EXCEPTIONS[vendor])
    simulator, url = proxies(vendor)
    credentials = dict(simulator.credentials)
    with Bank(vendor, base_url=url, transport=transport, **credentials) as bank:
        _tell(bank, simulator, PEOPLE[vendor](), CHANGES[vendor])
    transport.require_none()


def _tell(
    bank: Bank, simulator: Any, person: NewCustomer, changes: CustomerChanges
) -> None:
    customer = bank.customers.create(person)
    assert bank.customers.get(customer.id).id == customer.id
    assert customer.id in [it.id for it in bank.customers.list()]
    assert bank.customers.update(customer.id, changes).id == customer.id
    new = NewAccount(
        customer_ids=[customer.id],
        kind=AccountKind.DEPOSIT,
        name="Everyday" if bank.provider == "increase" else None,
        program_id=None if bank.provider == "increase" else "checking",
    )
    account = bank.accounts.create(new)
    assert bank.accounts.get(account.id).id == account.id
    assert [it.id for it in bank.accounts.list(customer_id=customer.id)] == [account.id]
    if bank.capabilities.supports("account_numbers.create"):
        number = NewAccountNumber(account_id=account.id, name="Payroll")
        bank.account_numbers.get(bank.account_numbers.create(number).id)
    arrived = simulator.simulate_payment(account.id, Money(12_345))
    assert arrived in [it.id for it in bank.transactions.list(account_id=account.id)]
    bank.accounts.balance(account.id)
    subscription = NewWebhookSubscription(url="https://app.example.com/hook", events=())
    created = bank.webhook_subscriptions.create(subscription)
    assert created.id in [it.id for it in bank.webhook_subscriptions.list()]
    assert list(bank.events.list())
    simulator.simulate_payment(account.id, Money(-12_345))
    bank.accounts.close(account.id)
    bank.customers.delete(customer.id)


@pytest.mark.skipif(not THOROUGH, reason="Prism reads Increase's document for a minute")
def test_the_official_client_keeps_to_the_document(proxies: Proxies) -> None:
    """Prism objects to nothing in what Increase's own client and the simulator exchange."""
    official = pytest.importorskip(
        "increase",
        reason="the vendor's client is not installed: it is in the group dev",
    )
    transport = Violations({})
    _, url = proxies("increase")
    with httpx.Client(transport=transport) as http:
        client = official.Increase(
            api_key=increase_banks.KEY, base_url=url, http_client=http, max_retries=0
        )
        person = increase_banks.entity(client)
        account = client.accounts.create(name="Everyday", entity_id=person.id)
        number = client.account_numbers.create(account_id=account.id, name="Payroll")
        client.simulations.inbound_ach_transfers.create(
            account_number_id=number.id, amount=12_345
        )
        (arrived,) = client.transactions.list(account_id=account.id)
        assert client.transactions.retrieve(arrived.id) == arrived
        client.pending_transactions.create(account_id=account.id, amount=-345)
        client.accounts.balance(account.id)
        client.event_subscriptions.create(url="https://app.example.com/hook")
        assert list(client.events.list(associated_object_id=account.id))
        client.entities.archive(
            client.entities.create(
                structure="natural_person",
                natural_person={
                    "name": "Bo Sample",
                    "date_of_birth": date(1991, 4, 1),
                    "address": {"line1": "1 Test St.", "city": "Reno", "country": "US"},
                    "identification": {
                        "method": "social_security_number",
                        "number": "912456780",
                    },
                },
            ).id
        )
    transport.require_none()
