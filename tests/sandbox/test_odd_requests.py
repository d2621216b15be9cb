"""A simulator responds to every odd request, as a vendor does, and never fails itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from attrs import define, evolve, field
from tests.fakes import FakeTime, home, james
from tests.increase.banks import ada as at_increase
from tests.sonder.banks import sarah
from tests.unit.banks import ada as at_unit

from anybank import (
    AccountKind,
    AnybankError,
    Bank,
    CustomerChanges,
    Money,
    NewAccount,
    NewAccountNumber,
    NewCreditApplication,
    NewCustomer,
    NewWebhookSubscription,
    StartKyc,
    WebhookSubscriptionChanges,
)
from anybank.adapter.wire import Request, Response
from anybank.plugins import find
from anybank.sandbox.transport import SimulatorTransport

PEOPLE: dict[str, Callable[[], NewCustomer]] = {
    "bond": james,
    "increase": at_increase,
    "sonder": sarah,
    "unit": at_unit,
}
ODD: tuple[Any, ...] = (
    *(None, [], {}, "", 0, -1, True, 1.5, float("inf"), 10**30),
    *([{}], [[]], [None], {"id": {}}, [{"id": []}]),
    *("x" * 300, "\ud800", "\x00", "2024-13-45", "9" * 5_000),
)
ODD_PARAMETERS = (
    *("", "x", "-1", "0", "9" * 5_000, "\u0663", "\x00", "nan", "1e400"),
    *("2024-01-01", "2024-01-01T00:00:00", "{}", "[1]", '{"a": 1}'),
)


@define
class Recording:
    """A simulator that records its requests."""

    bank: Any
    requests: list[Request] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        response: Response = self.bank(request)
        return response


@pytest.mark.parametrize("vendor", PEOPLE)
def test_a_simulator_responds_to_odd_requests(vendor: str) -> None:
    """Any member of a body and any parameter may be odd: the status is below 500."""
    factory = find(vendor).simulator
    assert factory is not None
    simulator = factory()()
    requests = list(_written(vendor, simulator))
    odd = [it for request in requests for it in (*_bodies(request), *_queries(request))]
    assert len(odd) > 40
    for request in odd:
        response = simulator(request)
        assert response.status < 500, request
        assert isinstance(response.content, bytes)


def _written(vendor: str, simulator: Any) -> Iterator[Request]:
    """Return one request for each method and path of what a client does."""
    recording = Recording(simulator)
    options = {"timing": FakeTime().timing(), **simulator.credentials}
    with Bank(vendor, transport=SimulatorTransport(recording), **options) as bank:
        _use(bank, simulator, PEOPLE[vendor]())
    yield from {
        (it.method, it.path, tuple(dict(it.query))): it for it in recording.requests
    }.values()


def _use(bank: Bank, simulator: Any, person: NewCustomer) -> None:
    """Call the operations that a bank has; what it refuses is of no interest here."""
    created = bank.customers.create(person)
    account = _account(bank, created.id)
    steps: list[Callable[[], Any]] = [
        lambda: bank.customers.update(
            created.id, CustomerChanges(emails=person.emails)
        ),
        lambda: bank.customers.update(
            created.id, CustomerChanges(addresses=person.addresses)
        ),
        lambda: list(bank.customers.list(page_size=1)),
        lambda: bank.kyc.start(created.id, StartKyc(program_id=_PROGRAM)),
        lambda: bank.customer_addresses.create(created.id, home()),
        lambda: bank.credit_applications.create(
            NewCreditApplication(program_id=_PROGRAM, customer_id=created.id)
        ),
        lambda: bank.account_numbers.create(
            NewAccountNumber(account_id=account, name="Payroll")
        ),
        lambda: simulator.simulate_payment(account, Money(100)),
        lambda: list(bank.accounts.list(customer_id=created.id)),
        lambda: list(bank.transactions.list(account_id=account)),
        lambda: _subscribe(bank),
        lambda: list(bank.events.list(page_size=1)),
        lambda: bank.accounts.close(account),
        lambda: bank.customers.delete(created.id),
    ]
    for step in steps:
        with suppress(AnybankError):
            step()


def _account(bank: Bank, owner: str) -> str:
    """Return a new account with what this bank needs of a name or a program."""
    needs: list[dict[str, Any]] = [{"name": "Everyday"}, {"program_id": "checking"}, {}]
    for more in needs:
        new = NewAccount(customer_ids=[owner], kind=AccountKind.DEPOSIT, **more)
        with suppress(AnybankError):
            return bank.accounts.create(new).id
    return "none"


_PROGRAM = "22222222-2222-4222-8222-222222222222"


def _subscribe(bank: Bank) -> None:
    new = NewWebhookSubscription(url="https://app.example.com/hook", events=())
    created = bank.webhook_subscriptions.create(new)
    bank.webhook_subscriptions.update(
        created.id, WebhookSubscriptionChanges(enabled=False)
    )


def _bodies(request: Request) -> Iterator[Request]:
    """Return a request with each member of its body replaced by odd values."""
    content = request.encoded()
    if not content or b"multipart" in content[:200]:
        return
    body = json.loads(content)
    for place in _places(body):
        for value in ODD:
            yield _with(
                request, body=json.dumps(_replaced(body, place, value)).encode()
            )
    yield from (_with(request, body=it) for it in (b"", b"\xff", b"[]", b"[" * 9_999))


def _queries(request: Request) -> Iterator[Request]:
    """Return a request with each parameter replaced by odd values."""
    query = dict(request.query)
    for name in query:
        for value in ODD_PARAMETERS:
            yield _with(request, query={**query, name: value})


def _with(request: Request, **members: Any) -> Request:
    return evolve(request, **{"query": dict(request.query), **members})


def _places(tree: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    items = dict(enumerate(tree)) if isinstance(tree, list) else tree
    for name in items if isinstance(items, dict) else ():
        yield from _places(tree[name], (*place, name))


def _replaced(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[place[0]] = _replaced(tree[place[0]], place[1:], value)
    return copy
