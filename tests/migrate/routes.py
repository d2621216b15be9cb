"""Migrations between any two of the four banks, with invented people at the source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anybank.sandbox.simulator import Simulator
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator
from anybank_unit.simulator import UnitSimulator

from .moving import NAMES, Moving, seeded_bond, sonder_person, ssn

BANKS: Mapping[str, Callable[[], Simulator]] = {
    "bond": lambda: BondSimulator(seed=1),
    "increase": lambda: IncreaseSimulator(seed=1),
    "sonder": SonderSimulator,
    "unit": UnitSimulator,
}
DIRECTIONS = [
    (source, target) for source in BANKS for target in BANKS if source != target
]

_HEAD = "source_id,first_name,middle_name,last_name,ssn,document_locator_number,emails,phones"
_HOME = {
    "street": "1 Test St.",
    "city": "Reno",
    "state": "NV",
    "postalCode": "89501",
    "country": "US",
}


def _seed_increase(count: int) -> tuple[Simulator, list[str]]:
    increase = IncreaseSimulator()
    ids = []
    for at in range(count):
        number = {
            "method": "social_security_number",
            "number": ssn(at).replace("-", ""),
        }
        entity = increase.seed_entity(
            name=f"{NAMES[at % len(NAMES)]} Sample", identification=number
        )
        decided = {"status": "valid", "issues": []}
        increase.stored(entity).record["validation"] = decided
        ids.append(entity)
    return increase, ids


def _seed_sonder(count: int) -> tuple[Simulator, list[str]]:
    sonder = SonderSimulator()
    return sonder, [sonder.seed_customer(**sonder_person(at)) for at in range(count)]


def _seed_unit(count: int) -> tuple[Simulator, list[str]]:
    unit = UnitSimulator()
    ids = [
        unit.seed_application(
            fullName={"first": NAMES[at % len(NAMES)], "last": "Sample"},
            ssn=ssn(at).replace("-", ""),
            address=_HOME,
        )
        for at in range(count)
    ]
    return unit, ids


_SEEDS: Mapping[str, Callable[[int], tuple[Any, list[str]]]] = {
    "bond": seeded_bond,
    "increase": _seed_increase,
    "sonder": _seed_sonder,
    "unit": _seed_unit,
}


def route(
    source: str, target: str, directory: Path, count: int = 3, *, bank: Any = None
) -> Moving:
    """Return a migration of some people from one bank to another, empty one.

    The supplement has all that any of the banks masks, does not return or requires.
    """
    simulator, ids = _SEEDS[source](count)
    vault = directory / "vault.csv"
    rows = [
        f"{item},{NAMES[at % len(NAMES)]},May,Sample,{ssn(at)},{900_000 + at},"
        "ada@example.com,+15550102000\n"
        for at, item in enumerate(ids)
    ]
    vault.write_text(f"{_HEAD}\n{''.join(rows)}")
    named = directory / "ids.txt"
    named.write_text("".join(f"{item}\n" for item in ids))
    return Moving(
        directory,
        simulator,
        bank or BANKS[target](),
        supplement=vault,
        ids=named if source == "sonder" else None,
    )
