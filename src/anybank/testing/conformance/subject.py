"""What is examined: an adapter, its simulator, and people whom it accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from ...adapter.base import Adapter
from ...aio import AsyncBank
from ...client import Bank
from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ...sandbox.transport import SimulatorTransport
from .._timing import still
from .casts import people_of, sparse, strangers_of, values_of
from .recorder import Recorder

T = TypeVar("T")
Seed = Callable[[str, Any, Bank], str | None]


def _no_seed(_kind: str, _simulator: Any, _bank: Bank) -> str | None:
    return None


@frozen(kw_only=True)
class Subject:
    """An adapter under examination.

    `make_person` gives people where generated ones do not suit; `options` are policies
    beyond the simulator's credentials; `examples` is how many people are generated;
    `samples` are values that no rule tells, by `StartKyc.program_id`; `skips` the reasons
    of the checks that are not made; `cassettes` the directory of all vendors' cassettes;
    `seed` puts in place what no operation makes.
    """

    adapter: type[Adapter]
    simulator: Callable[[], Any]
    make_person: Callable[[], NewCustomer] | None = None
    options: Mapping[str, Any] = field(factory=dict)
    examples: int = 6
    samples: Mapping[str, Any] = field(factory=dict)
    skips: Mapping[str, str] = field(factory=dict)
    cassettes: Path | None = None
    seed: Seed = _no_seed
    _values: dict[Any, Any] = field(factory=dict, init=False, repr=False, eq=False)

    def instance(self) -> Adapter:
        """Return a fresh adapter, configured as a Bank would."""
        given = {**self.simulator().credentials, **self.options}
        return self.adapter(self.adapter.Options(**given))

    @cached_property
    def declared(self) -> Capabilities:
        """What the class declares, or with policies what they make of it."""
        made = self.instance().capabilities if self.options else None
        return made or self.adapter.capabilities

    def supports(self, *features: str) -> bool:
        """Tell whether all of some features are declared."""
        return all(map(self.declared.supports, features))

    def recorder(self, *faults: str | None) -> Recorder:
        """Return a recorded fresh simulator; what befalls its first requests is named."""
        recorder = Recorder(self.simulator())
        recorder.schedule(*faults)
        return recorder

    def bank(
        self,
        recorder: Recorder,
        retries: int = 2,
        adapter: type[Adapter] | None = None,
    ) -> Bank:
        """Return a bank over a simulator; nothing waits."""
        return Bank(adapter or self.adapter, **self._given(recorder, retries))

    def async_bank(self, recorder: Recorder) -> AsyncBank:
        """Return the same bank for `await`."""
        return AsyncBank(self.adapter, **self._given(recorder, 2))

    def _given(self, recorder: Recorder, retries: int) -> dict[str, Any]:
        return {
            "transport": SimulatorTransport(recorder),
            "timing": still(),
            "rate_limit": None,
            "retries": retries,
            **recorder.simulator.credentials,
            **self.options,
        }

    @cached_property
    def people(self) -> list[NewCustomer]:
        """People whom the declaration accepts, as full as it allows, all different."""
        if self.make_person:
            return [self.make_person() for _ in range(self.examples)]
        return people_of(self.declared, self.examples)

    @cached_property
    def strangers(self) -> list[NewCustomer]:
        """People whom the declaration accepts, few or many of their fields given."""
        return strangers_of(self.declared, self.examples)

    @property
    def person(self) -> NewCustomer:
        """The first of the people."""
        return self.people[0]

    def values(self, kind: type[T]) -> list[T]:
        """Return values of a kind that the declaration accepts, the fullest first."""
        if kind not in self._values:
            given = self.sampled(kind)
            self._values[kind] = values_of(self.declared, kind, self.examples, given)
        found: list[T] = self._values[kind]
        return found

    def sparse(self, kind: type[T]) -> list[T]:
        """Return values of a kind that lack all that they may lack."""
        given = self.sampled(kind)
        return sparse(self.declared, kind, self.examples, given)

    def sampled(self, kind: type) -> dict[str, Any]:
        """Return the author's values for the fields of a kind."""
        fields = [(each.name, f"{kind.__name__}.{each.name}") for each in _fields(kind)]
        return {n: self.samples[key] for n, key in fields if key in self.samples}


def _fields(kind: type) -> tuple[Any, ...]:
    return tuple(attrs.fields(kind))
