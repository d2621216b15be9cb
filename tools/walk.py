"""Count the modules that a call visits and how often it switches: `python -m tools.walk`.

A switch is a call of a function in another module than the call before. Fewer switches
mean that a reader follows the way of a customer through fewer files. The simulators, which
stand for a bank, are not counted. `--modules` also lists the visits of each module.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from attrs import define, field

from anybank import Address, Bank, NewCustomer, Phone, migrate
from anybank.migrate import Side
from anybank.sandbox.simulator import Simulator
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_sonder.simulator import SonderSimulator

_PACKAGES = ("anybank", "anybank_bond", "anybank_increase", "anybank_sonder")
_PERSON = NewCustomer(
    first_name="Ada",
    middle_name="May",
    last_name="Sample",
    date_of_birth=date(1990, 4, 1),
    ssn="912-45-6000",
    document_locator_number=900_000,
    emails=["ada@example.com"],
    phones=[Phone(number="+15550102000")],
    addresses=[
        Address(line1="1 Test St.", city="Reno", state="NV", postal_code="89501")
    ],
)
_SUPPLEMENT = "source_id,ssn,document_locator_number\n{},912-45-6000,900000\n"


@define
class Walk:
    """Counts the calls of functions per module, and the switches between modules."""

    visits: Counter[str] = field(factory=Counter)
    switches: Counter[tuple[str, str]] = field(factory=Counter)
    calls: Counter[str] = field(factory=Counter)
    _names: dict[CodeType, str] = field(factory=dict)
    _last: str = ""

    def profile(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note a call; for `sys.setprofile`."""
        if event != "call":
            return
        code = frame.f_code
        if code not in self._names:
            self._names[code] = _counted(frame)
        module = self._names[code]
        if not module:
            return
        self.calls[f"{module}.{code.co_qualname}"] += 1
        if module != self._last:
            self.visits[module] += 1
            self.switches[self._last, module] += 1
            self._last = module

    def of(self, call: Callable[[], Any]) -> Walk:
        """Run a call and return this walk."""
        sys.setprofile(self.profile)
        try:
            call()
        finally:
            sys.setprofile(None)
        return self


def _counted(frame: FrameType) -> str:
    """Return a module's name, empty where it is not counted."""
    name = str(frame.f_globals.get("__name__", ""))
    is_bank = "simulator" in name.split(".") or name.startswith("anybank.sandbox")
    return name if name.partition(".")[0] in _PACKAGES and not is_bank else ""


def _side(provider: str, simulator: Simulator) -> Side:
    options = {**simulator.credentials, "transport": SimulatorTransport(simulator)}
    return Side(provider, options)


def create_walk() -> Walk:
    """Walk one create of a customer at Sonder."""
    side = _side("sonder", SonderSimulator())
    with Bank(side.provider, **side.options) as bank:
        return Walk().of(lambda: bank.customers.create(_PERSON, accept_loss="all"))


def apply_walk() -> Walk:
    """Walk the apply of a plan that moves one customer from Bond to Sonder."""
    bond, sonder = BondSimulator(), SonderSimulator()
    customer_id = bond.seed_customer(
        first_name="Ada", middle_name="May", ssn="912-45-6000"
    )
    with tempfile.TemporaryDirectory() as directory:
        journal, supplement = Path(directory, "move.db"), Path(directory, "vault.csv")
        supplement.write_text(_SUPPLEMENT.format(customer_id))
        source, target = _side("bond", bond), _side("sonder", sonder)
        plan: Any = {"supplement": supplement, "accept_loss": "all"}
        migrate.plan(source, target, journal=journal, **plan)
        sides: Any = {"source": source, "target": target}
        walk = Walk().of(lambda: migrate.apply(journal=journal, **sides))
    if not sonder.customer_ids:
        raise SystemExit("nobody was sent: the walk is not that of an apply")
    return walk


def main() -> None:
    """Print the modules and switches of both walks."""
    write = sys.stdout.write
    for name, walk in (("create", create_walk()), ("apply", apply_walk())):
        modules, switches = len(walk.visits), sum(walk.switches.values())
        write(f"{name}: {modules} modules, {switches} switches\n")
        if "--modules" in sys.argv:
            for module, visits in walk.visits.most_common():
                write(f"  {visits:4} {module}\n")


if __name__ == "__main__":
    main()
