"""A small migration between two simulators, which can crash at any step."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from attrs import define, field
from tests.fakes import FakeTime
from tests.proofs import PROOF

from anybank import Bank, migrate
from anybank.migrate import Side, Summary
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.states import State
from anybank.sandbox.simulator import Simulator
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

_SIMULATORS: Mapping[str, type[Simulator]] = {
    "bond": BondSimulator,
    "increase": IncreaseSimulator,
    "sonder": SonderSimulator,
    "unit": UnitSimulator,
}
_FOR_A_VERDICT = frozenset({State.QUARANTINED, State.AMBIGUOUS})
NAMES = ("Ada", "Bea", "Cleo", "Dora", "Edith", "Flora", "Greta", "Hanna")


STRIDE = 1 if PROOF else 11
"""A run of the tests dies at one step in eleven, the proofs (and CI) at every one.

An odd number, because commits, requests and responses alternate.
"""


class Crash(BaseException):
    """Stands for the end of the process: no handler of Exception catches it."""


@define
class Steps:
    """Counts every commit, request and response, and crashes at one of them."""

    deadly: int | None = None
    taken: int = 0

    def take(self) -> None:
        """Take a step, unless the process has crashed before or crashes now."""
        self.taken += 1
        # At every later step too: code that runs in a `finally` must not reach the disk or
        # a bank any more, as in a process that was killed.
        if self.deadly is not None and self.taken >= self.deadly:
            raise Crash

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count commits as steps too."""

        def on_commit(_: sa.Connection) -> None:
            self.take()

        sa.event.listen(sa.Engine, "commit", on_commit)
        try:
            yield
        finally:
            sa.event.remove(sa.Engine, "commit", on_commit)


@define
class Stepping(httpx.AsyncBaseTransport):
    """A transport with a step before each request and after each response."""

    inner: httpx.AsyncBaseTransport
    steps: Steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.steps.take()
        await asyncio.sleep(0)
        answer = await self.inner.handle_async_request(request)
        self.steps.take()
        return answer


def side(
    simulator: Any, provider: str = "", *, steps: Steps | None = None, **more: Any
) -> Side:
    """Return the side of a simulator, with a fake clock."""
    transport: Any = SimulatorTransport(simulator)
    bank = getattr(simulator, "bank", simulator)
    name = provider or type(bank).__name__.removesuffix("Simulator").lower()
    credentials = _SIMULATORS[name].credentials
    options = {
        "transport": Stepping(transport, steps) if steps else transport,
        "rate_limit": None,
        "timing": FakeTime().timing(),
        **credentials,
        **more,
    }
    return Side(name, options)


@define
class Moving:
    """Two banks, a directory, and the commands between them."""

    directory: Path
    source: Any
    target: Any
    supplement: Path | None = None
    ids: Path | None = None
    options: Mapping[str, Any] = field(factory=dict)
    steps: Steps = field(factory=Steps)
    place: Any = None

    @property
    def journal(self) -> Any:
        """The location of the journal: a file, unless another one is set."""
        return self.place or self.directory / "move.db"

    def sides(self) -> tuple[Side, Side]:
        """Return both sides; those of the same run count the same steps."""
        return (
            side(self.source, steps=self.steps),
            side(self.target, steps=self.steps, **self.options),
        )

    def plan(self, **more: Any) -> Summary:
        defaults = {
            "supplement": self.supplement,
            "ids": self.ids,
            "accept_loss": "all",
        }
        return migrate.plan(*self.sides(), journal=self.journal, **{**defaults, **more})

    def apply(self, **more: Any) -> Summary:
        source, target = self.sides()
        return migrate.apply(journal=self.journal, source=source, target=target, **more)

    def verify(self, **more: Any) -> Summary:
        source, target = self.sides()
        return migrate.verify(
            journal=self.journal, source=source, target=target, **more
        )

    def crosswalk(self) -> dict[str, str]:
        path = self.directory / "crosswalk.csv"
        migrate.crosswalk(journal=self.journal, csv=path)
        with path.open() as file:
            return {row["source_id"]: row["target_id"] for row in csv.DictReader(file)}

    def crash_at(self, step: int, **more: Any) -> None:
        """Apply, and crash at a step."""
        self.steps = Steps(step)
        try:
            with self.steps.counted():
                self.apply(**more)
        except Crash:
            pass
        finally:
            self.steps = Steps()

    def count_steps(self) -> int:
        """Apply without a crash, and return the number of steps."""
        self.steps = Steps()
        with self.steps.counted():
            self.apply()
        return self.steps.taken


def belongs_here(place: Any) -> None:
    """Make a journal that a test has copied the latest one."""
    with Journal.open_locked(place, adopting=True) as journal:
        journal.copy_detector.open(journal.transaction, shared=False)


def sonder_person(at: int) -> dict[str, Any]:
    """Return the data that Sonder stores of a person."""
    return {
        "socialSecurityNumber": ssn(at),
        "dateOfBirth": "1990-04-01",
        "documentLocatorNumber": 900_000 + at,
        "firstName": NAMES[at],
        "middleName": "May",
        "lastName": "Sample",
        "preferredName": NAMES[at],
        "emails": ["ada@example.com"],
        "phoneNumbers": [{"type": "MOBILE", "number": "555-010-2000"}],
        "addresses": [
            {
                "type": "HOME",
                "street": "1 Test St.",
                "city": "Reno",
                "state": "NV",
                "zip": "89501",
            }
        ],
    }


def ssn(at: int) -> str:
    """Return the SSN of an invented person."""
    return f"912-45-{6000 + at}"


def seeded_bond(count: int, **switches: Any) -> tuple[BondSimulator, list[str]]:
    """Return a Bond with a number of customers, and their ids."""
    bond = BondSimulator(**switches)
    ids = [
        bond.seed_customer(
            first_name=NAMES[at % len(NAMES)], middle_name="May", ssn=ssn(at)
        )
        for at in range(count)
    ]
    return bond, ids


def supplement_for(ids: list[str], path: Path) -> Path:
    """Write the values that Bond masks or does not return."""
    rows = [f"{item},{ssn(at)},{900_000 + at}\n" for at, item in enumerate(ids)]
    path.write_text("source_id,ssn,document_locator_number\n" + "".join(rows))
    return path


def bond_to_sonder(
    directory: Path, count: int = 4, *, target: Any = None, **switches: Any
) -> Moving:
    """Return a migration of Bond's customers to an empty Sonder."""
    bond, ids = seeded_bond(count)
    supplement = supplement_for(ids, directory / "vault.csv")
    sonder = SonderSimulator(**switches) if target is None else target
    return Moving(directory, bond, sonder, supplement=supplement)


def sonder_to_bond(directory: Path, count: int = 4, *, target: Any = None) -> Moving:
    """Return a migration of Sonder's customers to an empty Bond."""
    sonder = SonderSimulator()
    ids = [sonder.seed_customer(**sonder_person(at)) for at in range(count)]
    path = directory / "ids.txt"
    path.write_text("".join(f"{item}\n" for item in ids))
    bond = BondSimulator(seed=1) if target is None else target
    return Moving(directory, sonder, bond, ids=path)


def people(simulator: Simulator) -> dict[str, str]:
    """Return the first names of all customers of a bank, by id."""
    at = side(simulator)
    with Bank(at.provider, **at.options) as bank:
        if isinstance(simulator, SonderSimulator):
            customers = [
                bank.customers.get(customer_id)
                for customer_id in simulator.customer_ids
            ]
        else:
            customers = list(bank.customers.list())
    return {
        customer.id: customer.first_name or _first_word(customer.name)
        for customer in customers
    }


def _first_word(name: str | None) -> str:
    return (name or "").partition(" ")[0]


def settle(moving: Moving) -> int:
    """Do a person's tasks: compare with the target's data, and record the result."""
    names, there = people(moving.source), people(moving.target)
    _, target = moving.sides()
    with Journal.open(moving.journal) as journal:
        waiting = [record.source_id for record in journal.records(_FOR_A_VERDICT)]
    for source_id in waiting:
        matches = [key for key, name in there.items() if name == names[source_id]]
        assert len(matches) < 2
        how: Any = {"exists": matches[0]} if matches else {"absent": True}
        migrate.resolve(
            journal=moving.journal, target=target, source_id=source_id, **how
        )
    return len(waiting)


def crosswalk(directory: Path, pairs: Iterable[tuple[str, str]]) -> Path:
    """Write a crosswalk of customers whom the target has already."""
    path = directory / "old.csv"
    rows = "".join(f"{ours},{theirs}\n" for ours, theirs in pairs)
    path.write_text(f"source_id,target_id\n{rows}")
    return path


def same_as_made(directory: Path) -> tuple[Moving, dict[str, str]]:
    """Return a migration whose customers another journal has moved."""
    (directory / "old").mkdir()
    old = bond_to_sonder(directory / "old", 3)
    old.plan(limit=2)
    old.apply()
    new = Moving(directory, old.source, old.target, supplement=old.supplement)
    return new, old.crosswalk()
