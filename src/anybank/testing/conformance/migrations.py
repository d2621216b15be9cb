"""A check of migrations from and to the bank, whose responses get lost."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import define, field

from ...client import Bank
from ...errors import ConfigurationError
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.features import Feature
from ...model.kyc import KycStatus, StartKyc
from ...sandbox.transport import SimulatorTransport
from ...sensitive import Sensitive
from .._frozen_clock import frozen_timing
from .recorder import NotApplicable, Recorder, require
from .registry import check
from .subject import Subject

_PEOPLE = 3
_FAULTS_OF_SOURCE = ("503", "lost", None, "truncated")
_FAULTS_OF_TARGET = ("lost", None, "truncated", "lost")
"""Faults after which the target has the customer, although it seems to have failed."""
_KNOWN = ("created", "pending")
"""The states of customers whose id at the target is known."""


@check("customers.create", "customers.get")
def migrations_move_everybody_under_faults(subject: Subject) -> None:
    """A migration from the bank and to it moves everybody once, whatever gets lost."""
    if find_spec("sqlalchemy") is None:
        raise NotApplicable("migrations need pip install 'anybank[migrate]'")
    with TemporaryDirectory() as directory:
        move = _Move(subject, Path(directory))
        move.seed()
        counts = move.run()
        at_target = move.people_at_target()
    total = len(move.ids)
    states = _KNOWN if _has_look_up(subject) else (*_KNOWN, "quarantined")
    settled = sum(counts.get(state, 0) for state in states)
    require(
        at_target == total,
        f"A migration of {total} customers left {at_target} at the target after lost "
        "responses. Declare for customers.create what the vendor does with a repeated "
        "request: `none` where it creates the customer again.",
    )
    require(
        settled == total,
        f"A migration knows {settled} of {total} customers after lost responses. Let "
        "customers.list or the declared look-up find a customer whose create was lost.",
    )


def _has_look_up(subject: Subject) -> bool:
    """Return True if a lost create is found, or replayed, without a person who looks."""
    declared = subject.declared.feature(Feature.CUSTOMERS_CREATE).idempotency
    return declared.listed_by_key or declared.kind in ("client_reference", "replays")


@define(eq=False)
class _Move:
    """A migration between two simulators of the same bank."""

    subject: Subject
    directory: Path
    ids: dict[str, NewCustomer] = field(factory=dict)
    source: Recorder = field(init=False)
    target: Recorder = field(init=False)

    @source.default
    def _source(self) -> Recorder:
        return self.subject.recorder()

    @target.default
    def _target(self) -> Recorder:
        return self.subject.recorder()

    def seed(self) -> None:
        """Create people at the source whom a supplement can describe."""
        for recorder in (self.source, self.target):
            # Whoever is not verified is not moved. A bank without verifications has no
            # such choice.
            with suppress(ConfigurationError, AttributeError):
                recorder.simulator.choose_kyc(KycStatus.PASSED)
        people = [person for person in self.subject.people if person.ssn]
        with self.subject.bank(self.source, 0) as bank:
            for person in people[:_PEOPLE]:
                created = bank.customers.create(person)
                self._verify(bank, created)
                self.ids[created.id] = person
        if not self.ids:
            raise NotApplicable("no generated customer has an SSN")

    def _verify(self, bank: Bank, created: Customer) -> None:
        """Verify a person whom the create has left undecided, as some banks do."""
        if created.status is CustomerStatus.PENDING and self.subject.supports(
            Feature.KYC_START
        ):
            bank.kyc.start(created.id, self.subject.values(StartKyc)[0])

    def run(self) -> Mapping[str, int]:
        """Plan and apply; return the number of customers in each state."""
        from ... import migrate  # noqa: PLC0415  # it needs an extra

        self.source.forget()
        self.source.schedule(*_FAULTS_OF_SOURCE)
        source, target = self._side(self.source), self._side(self.target)
        journal = self.directory / "move.db"
        planned = migrate.plan(
            source,
            target,
            journal=journal,
            supplement=self._supplement(),
            ids=self._id_file(),
            accept_loss="all",
            accept_quality="all",  # generated texts need not be plausible
            match=False,
        )
        if planned.counts.get("ready", 0) != len(self.ids):
            raise NotApplicable(
                "a plan from this bank to itself blocks generated customers by "
                f"{', '.join(sorted({item.field for item in planned.reasons}))}"
            )
        self.target.schedule(*_FAULTS_OF_TARGET)
        applied = migrate.apply(
            journal=journal, source=source, target=target, concurrency=1
        )
        return applied.counts

    def people_at_target(self) -> int:
        """Return how many customers the target has."""
        if not self.subject.supports(Feature.CUSTOMERS_LIST):
            return self.target.effects
        with self.subject.bank(self.target, 2) as bank:
            return sum(1 for _ in bank.customers.list())

    def _side(self, recorder: Recorder) -> Any:
        from ...migrate.side import Side  # noqa: PLC0415  # as above

        adapter = self.subject.adapter

        class SimulatedSide(Side):
            """A side whose adapter need not be an installed plugin."""

            @property
            def _kind(self) -> Any:
                return adapter

        options = {
            "transport": SimulatorTransport(recorder),
            "timing": frozen_timing(),
            "rate_limit": None,
            **recorder.simulator.credentials,
            **self.subject.options,
        }
        return SimulatedSide(self.subject.declared.provider, options)

    def _supplement(self) -> Path:
        """Write what the source masks or never returns."""
        columns = list(_columns(self.subject, list(self.ids.values())))
        path = self.directory / "supplement.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["source_id", *columns])
            for identifier, person in self.ids.items():
                values = [_text(getattr(person, name)) for name in columns]
                writer.writerow([identifier, *values])
        return path

    def _id_file(self) -> Path | None:
        if self.subject.supports(Feature.CUSTOMERS_LIST):
            return None
        path = self.directory / "ids.txt"
        path.write_text("".join(f"{item}\n" for item in self.ids), "utf-8")
        return path


def _columns(subject: Subject, people: Sequence[NewCustomer]) -> Iterator[str]:
    for name, rule in subject.declared.rules(NewCustomer).items():
        is_hidden = rule.read != "returned" and rule.create != "refused"
        if is_hidden and any(_text(getattr(person, name, None)) for person in people):
            yield name


def _text(value: Any) -> str:
    """Return a value as a supplement has it; a list or a part is left out."""
    if isinstance(value, Sensitive):
        return str(value.reveal())
    return value if isinstance(value, str) else ""
