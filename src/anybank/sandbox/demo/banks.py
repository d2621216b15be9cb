"""The demo's two simulated banks, its invented customers and their supplement."""

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
"""The options of `Bank("sonder", ...)` for the demo."""

ACCEPT_LOSS = ("external_id",)
"""The fields that the migration may drop."""

SUPPLIED = ("ssn", "document_locator_number")
"""The columns of the supplement besides the customer's id at Bond."""


@frozen(kw_only=True)
class DemoBanks:
    """A Bond with customers, an empty Sonder, and the supplement."""

    people: Mapping[str, Person]
    sonder: Any
    source: Side
    target: Side
    supplement: Path

    @property
    def supplied(self) -> int:
        """The number of people who have a row in the supplement."""
        return sum(person.supplied is not None for person in self.people.values())

    @property
    def traits(self) -> Mapping[Trait, int]:
        """The number of people with each trait."""
        counts = Counter(person.trait for person in self.people.values())
        return {trait: counts[trait] for trait in Trait if counts[trait]}


@contextmanager
def serve_banks(customers: int, seed: int) -> Iterator[DemoBanks]:
    """Serve both banks on free loopback ports until the block ends.

    The supplement is a temporary file that only its owner can read.
    """
    bond, sonder = _simulator("bond", seed), _simulator("sonder", seed)
    people = {_seeded(bond, person): person for person in population(customers, seed)}
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
        raise ConfigurationError(f"the plugin {name} has no simulator")
    return make()(seed=seed)


def _seeded(bond: Any, person: Person) -> str:
    """Store a person in Bond without its validation, like an older record."""
    customer_id: str = bond.seed_customer(**person.bond)
    return customer_id


def _side(name: str, simulator: Any, url: str, **policies: str) -> Side:
    """Return a side without a rate limit, because simulators have none."""
    options = {"base_url": url, "rate_limit": None, **simulator.credentials, **policies}
    return Side(name, options)


def _verify(source: Side, people: Mapping[str, Person]) -> None:
    """Pass the KYC of the customers who have the trait VERIFIED."""
    with Bank(source.provider, **source.options) as bank:
        for customer_id, person in people.items():
            if person.trait is Trait.VERIFIED:
                bank.kyc.start(customer_id, StartKyc(program_id=_PROGRAM))


_PROGRAM = "99999999-aaaa-4aaa-8aaa-999999999999"


def _write(path: Path, people: Mapping[str, Person]) -> None:
    # The file has SSNs: it is created with the mode of its owner, not given it
    # afterwards. O_EXCL refuses a link that somebody put in its place.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_rows(people))


def _rows(people: Mapping[str, Person]) -> Iterable[tuple[str, ...]]:
    yield ("source_id", *SUPPLIED)
    for customer_id, person in people.items():
        if person.supplied is not None:
            yield (customer_id, *(person.supplied[name] for name in SUPPLIED))
