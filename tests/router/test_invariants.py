"""Whatever the networks do, no key has two customers, a wrong one, or one that is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FakeTime
from tests.router.banks import jane

from anybank import (
    AnybankError,
    Bank,
    Customer,
    EntryState,
    InMemoryDirectory,
    Router,
)
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator

KEYS = ("user-1", "user-2")
FAULTS = (None, None, "lost", "500", "503", "truncated", "malformed", "refused", "429")


@define
class Network:
    """Two brands at Bond, each with a faulty and a good network, and two processes."""

    directory: InMemoryDirectory = field(factory=InMemoryDirectory)
    faulty: Mapping[str, FaultyBank] = field(
        factory=lambda: {
            name: Faults({}, seed=seed).around(BondSimulator(seed=seed))
            for seed, name in enumerate(("old", "new"))
        }
    )
    clock: FakeTime = field(factory=FakeTime)

    def bank(self, name: str, *, good: bool = False) -> Bank:
        network = self.faulty[name]
        return Bank(
            "bond",
            transport=SimulatorTransport(network.bank if good else network),
            timing=self.clock.timing(),
            rate_limit=None,
            **BondSimulator.credentials,
        )

    def router(self) -> Router:
        """Return the router of a process."""
        return Router(
            {name: self.bank(name) for name in self.faulty},
            directory=self.directory,
            default="old",
            now=self.clock.read,
        )

    def customers(self, name: str) -> list[Customer]:
        with self.bank(name, good=True) as bank:
            return bank.customers.list().to_list()


def create(network: Network, router: Router, key: str) -> None:
    """Create a customer, as an app does that gives up after an error."""
    number = KEYS.index(key)
    router.customers.create(jane(ssn=f"123-45-678{number}"), key=key)


def resolve(network: Network, router: Router, key: str) -> None:
    """Resolve a create in another process, long after it."""
    network.clock.now += 3600
    router.customers.resolve(None, jane(), key=key)


def delete(network: Network, router: Router, key: str) -> None:
    router.customers.delete(key)


def move(network: Network, router: Router, key: str) -> None:
    """Copy a customer to the other bank, move the key, and delete the customer there."""
    before = router.locate(key)
    other = "new" if before.provider == "old" else "old"
    person = jane(external_id=key)
    with (
        network.bank(other, good=True) as target,
        network.bank(before.provider, good=True) as source,
    ):
        copy = target.customers.create(person).id
        try:
            router.move(key, to=other, customer_id=copy, expected=before)
        except AnybankError:
            target.customers.delete(copy)
        else:
            source.customers.delete(before.customer_id)


ACTIONS: Mapping[str, Callable[[Network, Router, str], None]] = {
    "create": create,
    "resolve": resolve,
    "delete": delete,
    "move": move,
}

STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTIONS)),
        st.sampled_from(KEYS),
        st.lists(st.sampled_from(FAULTS), max_size=3),
        st.sampled_from([0, 1]),
    ),
    min_size=1,
    max_size=10,
)


@given(STEPS)
def test_each_key_has_its_own_customer(
    steps: list[tuple[str, str, list[str | None], int]],
) -> None:
    """After every step of two processes over failing networks the directory is right."""
    network = Network()
    routers = [network.router(), network.router()]
    for action, key, faults, process in steps:
        for faulty in network.faulty.values():
            faulty.schedule(*faults)
        with suppress(AnybankError):
            ACTIONS[action](network, routers[process], key)
        assert_right(network)
    for router in routers:
        router.close()


def assert_right(network: Network) -> None:
    """Compare the directory with the banks."""
    everybody = {name: network.customers(name) for name in network.faulty}
    for key in KEYS:
        mine = [
            (name, customer.id)
            for name, customers in everybody.items()
            for customer in customers
            if customer.external_id == key
        ]
        entry = network.directory.find(key)
        assert len(mine) <= 1, "no key has two customers"
        if entry is None:
            assert mine == [], "no customer is lost"
        elif entry.state is EntryState.LOCATED:
            assert mine == [(entry.provider, entry.customer_id)], "the right customer"
        elif entry.state is EntryState.DELETING and mine:
            assert mine == [(entry.provider, entry.customer_id)]
