"""Count the modules that a call visits, and how often it switches between them.

`python -m tools.walk [create | apply] [--switches]` walks one create at the simulator of
Sonder, or `migrate apply` of a plan of three customers, in memory. A switch is a function
call whose caller is in another module, among the modules of anybank and its adapters.
Simulators do not count. `--switches` lists the pairs of modules, the most frequent first.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from attrs import define, field

from anybank import (
    Address,
    AddressKind,
    Bank,
    DocumentLocatorNumber,
    NewCustomer,
    Phone,
    Ssn,
    migrate,
)
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

_CUSTOMERS = 3
_LOCATOR = 900_000
_POLICIES = {"middle_name_when_absent": "", "second_line": "join"}


@define
class Walk:
    """The modules of a walk, with their calls, and the switches between two modules."""

    calls: Counter[str] = field(factory=Counter)
    switches: Counter[tuple[str, str]] = field(factory=Counter)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record the calls of this thread."""
        sys.setprofile(self._profile)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        module = _module_of(frame)
        if event != "call" or module is None or _is_simulated(module):
            return
        caller, outer = None, frame.f_back
        # Frames of other libraries are skipped: a call through attrs or httpx counts as
        # a call of the module of ours that is below it.
        while outer is not None and caller is None:
            caller, outer = _module_of(outer), outer.f_back
        if caller is not None and _is_simulated(caller):
            return  # a simulator uses the library, too
        self.calls[module] += 1
        if caller is not None and caller != module:
            self.switches[caller, module] += 1

    def __str__(self) -> str:
        return (
            f"{len(self.calls)} modules, {self.calls.total()} calls, "
            f"{self.switches.total()} switches"
        )


def _module_of(frame: FrameType) -> str | None:
    """Return the module of a frame if it belongs to anybank or an adapter."""
    name = str(frame.f_globals.get("__name__", ""))
    return name if name.partition(".")[0].startswith("anybank") else None


def _is_simulated(module: str) -> bool:
    return ".sandbox" in module or ".simulator" in module


def customer(number: int) -> NewCustomer:
    """Return an invented customer whom Bond and Sonder accept."""
    return NewCustomer(
        first_name="Ada",
        last_name="Sample",
        date_of_birth=date(1990, 4, 1 + number),
        ssn=Ssn(f"90000{1000 + number}"),
        document_locator_number=DocumentLocatorNumber(f"{_LOCATOR + number}"),
        emails=["ada@example.com"],
        phones=[Phone("+15550102000")],
        addresses=[
            Address(
                line1="1 Test St.",
                city="Reno",
                state="NV",
                postal_code="89501",
                country="US",
                kind=AddressKind.PHYSICAL,
                primary=True,
            )
        ],
    )


def options(simulator: Any, **more: Any) -> dict[str, Any]:
    """Return the arguments of a bank in front of a simulator."""
    return {
        "transport": SimulatorTransport(simulator),
        "rate_limit": None,
        **simulator.credentials,
        **more,
    }


def create() -> Walk:
    """Walk one create at Sonder; an earlier create has filled the caches."""
    walk = Walk()
    with Bank("sonder", **options(SonderSimulator(), **_POLICIES)) as bank:
        bank.customers.create(customer(0), accept_loss="all")
        new = customer(1)
        with walk.recorded():
            bank.customers.create(new, accept_loss="all")
    return walk


def apply() -> Walk:
    """Walk `migrate apply` of a plan of three customers from Bond to Sonder."""
    walk = Walk()
    bond, sonder = BondSimulator(), SonderSimulator()
    with TemporaryDirectory() as directory:
        supplement, journal = Path(directory, "vault.csv"), Path(directory, "move.db")
        with Bank("bond", **options(bond)) as bank, supplement.open("w") as file:
            rows = csv.writer(file)
            rows.writerow(("source_id", "ssn", "document_locator_number"))
            for number in range(_CUSTOMERS):
                new = customer(number)
                created = bank.customers.create(new, accept_loss="all")
                rows.writerow(
                    (created.id, new.ssn and new.ssn.reveal(), _LOCATOR + number)
                )
        sides: dict[str, Any] = {
            "source": migrate.Side("bond", options(bond)),
            "target": migrate.Side("sonder", options(sonder, **_POLICIES)),
        }
        migrate.plan(**sides, journal=journal, supplement=supplement, accept_loss="all")
        with walk.recorded():
            summary = migrate.apply(journal=journal, **sides)
        if summary.counts["created"] != _CUSTOMERS:
            raise SystemExit(f"apply did not create everybody: {dict(summary.counts)}")
    return walk


WALKS: dict[str, Callable[[], Walk]] = {"create": create, "apply": apply}


def main(arguments: list[str]) -> None:
    """Print the figures of the walks."""
    for name in [name for name in WALKS if name in arguments] or WALKS:
        walk = WALKS[name]()
        sys.stdout.write(f"{name}: {walk}\n")
        if "--switches" in arguments:
            for (caller, callee), count in walk.switches.most_common():
                sys.stdout.write(f"  {count:5} {caller} -> {callee}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
