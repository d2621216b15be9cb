"""A router over simulated banks with networks that fail on demand."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from attrs import define, field
from tests.fakes import FakeTime, home, james

from anybank import (
    AddressKind,
    AsyncBank,
    AsyncRouter,
    Bank,
    CustomerChanges,
    Directory,
    DocumentLocatorNumber,
    InMemoryDirectory,
    NewCustomer,
    Router,
    Ssn,
)
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator

SIMULATORS = {
    "bond": BondSimulator,
    "sonder": SonderSimulator,
    "increase": IncreaseSimulator,
}


class Kind:
    """Which router `World.router` returns."""

    is_async = False


class Awaiting:
    """An asynchronous router, whose calls are awaited in an event loop of its own."""

    def __init__(self, target: Any, runner: asyncio.Runner | None = None) -> None:
        self._target = target
        self._runner = runner or asyncio.Runner()

    def __getattr__(self, name: str) -> Any:
        if name == "close" and isinstance(self._target, AsyncRouter):
            return self._end
        value = getattr(self._target, name)
        if isinstance(value, dict):
            return value
        return self._call(value) if callable(value) else Awaiting(value, self._runner)

    def _call(self, function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if inspect.isawaitable(result):
                return self._runner.run(_awaited(result))
            return Awaiting(result, self._runner)

        return call

    def __iter__(self) -> Iterator[Any]:
        items = aiter(self._target)
        with suppress(StopAsyncIteration):
            while True:
                yield self._runner.run(_awaited(anext(items)))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._runner.run(self._target.aclose())
        self._runner.close()


async def _awaited(result: Any) -> Any:
    return await result


@define
class World:
    """Simulated banks that outlive the routers of the processes that use them."""

    simulators: dict[str, Any] = field(
        factory=lambda: {name: kind() for name, kind in SIMULATORS.items()}
    )
    networks: dict[str, FaultyBank] = field(init=False)
    clock: FakeTime = field(factory=FakeTime)

    def __attrs_post_init__(self) -> None:
        self.networks = {
            name: Faults({}).around(bank) for name, bank in self.simulators.items()
        }

    def options(self, name: str) -> dict[str, Any]:
        """Return the options of a bank, without retries."""
        return {
            **SIMULATORS[name].credentials,
            "transport": SimulatorTransport(self.networks[name]),
            "timing": self.clock.timing(),
            "rate_limit": None,
            "retries": 0,
        }

    def bank(self, name: str) -> Bank:
        return Bank(name, **self.options(name))

    def async_bank(self, name: str, **options: Any) -> AsyncBank:
        return AsyncBank(name, **{**self.options(name), **options})

    def router(
        self,
        directory: Directory | None = None,
        *names: str,
        default: str | None = "bond",
        is_async: bool | None = None,
        **options: Any,
    ) -> Any:
        """Return the router of one process: synchronous, or one that is awaited."""
        settings: dict[str, Any] = {
            "directory": InMemoryDirectory() if directory is None else directory,
            "default": default,
            "now": self.clock.read,
            **options,
        }
        names = names or ("bond", "sonder")
        if Kind.is_async if is_async is None else is_async:
            return Awaiting(
                AsyncRouter({name: self.async_bank(name) for name in names}, **settings)
            )
        return Router({name: self.bank(name) for name in names}, **settings)

    def count(self, name: str) -> int:
        """Return how many customers a bank has."""
        simulator = self.simulators[name]
        if name != "sonder":
            with self.bank(name) as bank:
                return len(bank.customers.list().to_list())
        return len(simulator.world.customers)


def jane(**fields: Any) -> NewCustomer:
    """Return a person whom all the banks accept."""
    fields = {
        "first_name": "Jane",
        "middle_name": "Ann",
        "last_name": "Sample",
        "ssn": Ssn("123-45-6789"),
        "addresses": [home(kind=AddressKind.PHYSICAL)],
        **fields,
    }
    return james(**fields)


def copy_to(world: World, name: str, **fields: Any) -> str:
    """Create Jane at a bank without a router, and return the id there."""
    if name == "sonder":
        fields["document_locator_number"] = DocumentLocatorNumber("12345")
    with world.bank(name) as bank:
        return bank.customers.create(jane(**fields), accept_loss="all").id


def email(text: str) -> CustomerChanges:
    """Return a change of the e-mail address."""
    return CustomerChanges(emails=[text])
