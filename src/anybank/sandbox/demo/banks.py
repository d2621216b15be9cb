"""The two simulated banks of the demo, its people, and the brand's own store of them."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from ...client import Bank
from ...errors import ConfigurationError
from ...migrate import Side
from ...model.kyc import StartKyc
from ...plugins import find
from ..server import serve
from .population import Person, Trait, population

POLICIES: Mapping[str, str] = {"middle_name_when_absent": "", "second_line": "join"}
"""What is decided about Sonder before the move: options of `Bank("sonder", ...)`."""

ACCEPT_LOSS = ("external_id",)
"""What the move may drop."""

SUPPLIED = ("ssn", "document_locator_number")
"""The columns of the supplement, beside the customer's id at Bond."""


@frozen(kw_only=True)
class DemoBanks:
    """Bond with its people, an empty Sonder, and the supplement beside them."""

    people: Mapping[str, Person]
    sonder: Any
    source: Side
    target: Side
    supplement: Path

    @property
    def supplied(self) -> int:
        """How many people the supplement has a row of."""
        return sum(person.supplied is not None for person in self.people.values())

    @property
    def traits(self) -> Mapping[Trait, int]:
        """How many people have each trait."""
        found = (person.trait for person in self.people.values())
        counted = Counter(trait for trait in found if trait)
        return {trait: counted[trait] for trait in Trait if counted[trait]}


@contextmanager
def serve_banks(customers: int, seed: int) -> Iterator[DemoBanks]:
    """Serve both banks on free ports of loopback until the block ends.

    The supplement is a file for its owner's eyes only, and is removed at the end.
    """
    bond, sonder = _simulator("bond", seed), _simulator("sonder", seed)
    people = {_seeded(bond, each): each for each in population(customers, seed)}
    with (
        tempfile.TemporaryDirectory(prefix="anybank-demo-") as folder,
        serve({"bond": bond, "sonder": sonder}) as running,
    ):
        supplement = Path(folder) / "vault.csv"
        _write(supplement, people)
        source = _side("bond", bond, running.base_url("bond"))
        _verify(source, people)
        yield DemoBanks(
            people=people,
            sonder=sonder,
            source=source,
            target=_side("sonder", sonder, running.base_url("sonder"), **POLICIES),
            supplement=supplement,
        )


def _simulator(name: str, seed: int) -> Any:
    make = find(name).simulator
    if make is None:
        raise ConfigurationError(f"the plugin of {name} brings no simulator")
    return make()(seed=seed)


def _seeded(bond: Any, person: Person) -> str:
    """Put a person into Bond past its rules, as older records are."""
    customer_id: str = bond.seed_customer(**person.bond)
    return customer_id


def _side(name: str, simulator: Any, url: str, **policies: str) -> Side:
    """Return a side at the pace of this machine: simulators have no limit to keep."""
    options = {"base_url": url, "rate_limit": None, **simulator.credentials, **policies}
    return Side(name, options)


def _verify(source: Side, people: Mapping[str, Person]) -> None:
    """Take those through KYC at Bond who are to have passed it."""
    with Bank(source.provider, **source.options) as bank:
        for customer_id, person in people.items():
            if person.trait is Trait.VERIFIED:
                bank.kyc.start(customer_id, StartKyc(program_id=_PROGRAM))


_PROGRAM = "99999999-aaaa-4aaa-8aaa-999999999999"


def _write(path: Path, people: Mapping[str, Person]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_rows(people))


def _rows(people: Mapping[str, Person]) -> Iterable[tuple[str, ...]]:
    yield ("source_id", *SUPPLIED)
    for customer_id, person in people.items():
        if person.supplied is not None:
            yield (customer_id, *(person.supplied[name] for name in SUPPLIED))
