"""A router takes what its banks' methods take, and passes it on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field
from tests.router.banks import World, jane

from anybank import (
    AccountKind,
    AsyncBank,
    AsyncRouter,
    Bank,
    CustomerChanges,
    InMemoryDirectory,
    InvalidInput,
    NewAccount,
    Router,
    StartKyc,
)
from anybank.adapter.wire import Request, Response
from anybank_bond.simulator import BondSimulator

both_kinds = pytest.mark.usefixtures("both_kinds")
KEY = "user-17"
PROGRAM = "66666666-6666-4666-8666-666666666666"
_BY_THE_KEY = {"customer_id", "customer_ids"}
"""The key names the customer."""
_NOT_OF_A_ROUTER = {"token"}
"""A page token belongs to one bank; a listing of the router may read several."""
_OF_THE_DIRECTORY = {("customers", "resolve"): {"idempotency_key"}}
"""What the directory has stored with the create, so that no caller needs it."""


_REQUIRED = ("transactions", "list", "account_id")
"""A bank lists all transactions without it, and a key has some of them only."""


def _resources(kind: Any) -> dict[str, Any]:
    banks: Any = {"bond": World().bank("bond")}
    router: Any = Router(banks, directory=InMemoryDirectory())
    if kind is AsyncRouter:
        banks = {"bond": World().async_bank("bond")}
        router = AsyncRouter(banks, directory=InMemoryDirectory())
    return {
        name: (getattr(router, name), getattr(banks["bond"], name))
        for name in ("customers", "kyc", "accounts", "transactions")
    }


def _methods(of: Any) -> dict[str, Callable[..., Any]]:
    return {
        name: method
        for name, method in inspect.getmembers(type(of), inspect.isfunction)
        if not name.startswith("_")
    }


def _parameters(method: Callable[..., Any]) -> dict[str, Any]:
    found = dict(inspect.signature(method).parameters)
    found.pop("self")
    return found


@pytest.mark.parametrize("kind", [Router, AsyncRouter])
def test_a_router_has_every_method_and_keyword_of_its_banks(kind: Any) -> None:
    """A new keyword of a bank's method fails here until the router passes it on."""
    for name, (routed, own) in _resources(kind).items():
        missing = _methods(own).keys() - _methods(routed).keys()
        assert not missing, f"the router's {name} has no {missing}"
        for method, of_bank in _methods(own).items():
            of_router = _parameters(_methods(routed)[method])
            exceptions = _BY_THE_KEY | _NOT_OF_A_ROUTER
            exceptions |= _OF_THE_DIRECTORY.get((name, method), set())
            for parameter, value in _parameters(of_bank).items():
                if parameter in exceptions:
                    continue
                assert parameter in of_router, f"{name}.{method}: {parameter}"
                routed_type = of_router[parameter].annotation
                is_required = (name, method, parameter) == _REQUIRED
                assert routed_type == value.annotation or is_required
            assert "key" in of_router or (name, method) == ("customers", "list")


@pytest.mark.parametrize(("router", "bank"), [(Router, Bank), (AsyncRouter, AsyncBank)])
def test_a_router_takes_the_options_of_its_banks(router: Any, bank: Any) -> None:
    """`with_options` has the same keywords."""
    options = [_parameters(kind.with_options) for kind in (router, bank)]
    assert options[0].keys() == options[1].keys()


@define
class Recording:
    """A simulator that records its requests."""

    bank: Any = field(factory=BondSimulator)
    requests: list[Request] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        response: Response = self.bank(request)
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bank, name)


@both_kinds
def test_extra_content_reaches_the_bank() -> None:
    """Headers and fields of one call are sent to the bank that has the customer."""
    recording = Recording()
    world = World(simulators={"bond": recording})
    extra: Any = {"extra_headers": {"X-App": "a"}, "extra_body": {"note": "n"}}
    with world.router(None, "bond") as banks:
        banks.customers.create(jane(), key=KEY, **extra)
        banks.customers.update(KEY, CustomerChanges(emails=["j@example.com"]), **extra)
        banks.kyc.start(KEY, StartKyc(program_id=PROGRAM), **extra)
        new = NewAccount(program_id=PROGRAM, kind=AccountKind.DEPOSIT)
        account = banks.accounts.create(new, key=KEY, **extra)
        assert banks.accounts.resolve(None, new, key=KEY).id == account.id
        assert [one.id for one in banks.accounts.list(KEY, page_size=5)] == [account.id]
    writes = [
        request for request in recording.requests if request.method in ("POST", "PATCH")
    ]
    assert len(writes) == 4
    assert {request.headers.get("x-app") for request in writes} == {"a"}
    assert all("note" in str(request.body) for request in writes)


@both_kinds
def test_options_of_a_router_are_those_of_its_banks() -> None:
    """A router with other options uses the same directory, and sends them."""
    recording = Recording()
    world = World(simulators={"bond": recording})
    with world.router(None, "bond") as banks:
        banks.customers.create(jane(), key=KEY)
        other = banks.with_options(extra_headers={"X-App": "a"}, retries=0)
        assert other.customers.get(KEY).first_name == "Jane"
        assert other.locate(KEY) == banks.locate(KEY)
    assert recording.requests[-1].headers["x-app"] == "a"


@both_kinds
def test_an_account_to_resolve_names_no_customer() -> None:
    """The key names the customer, as for the create."""
    world = World()
    with world.router(None, "bond") as banks, pytest.raises(InvalidInput):
        banks.accounts.resolve(None, NewAccount(customer_ids=["c1"]), key=KEY)
