"""The adapter under test, its simulator, and the values to test it with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from ...adapter.base import Adapter
from ...adapter.credentials import AccessToken
from ...aio import AsyncBank
from ...client import Bank
from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ...sandbox.transport import SimulatorTransport
from ...sensitive import Sensitive
from .._frozen_clock import frozen_timing
from ..modes import Mode
from .distinct_people import distinct
from .generated_values import full_people, full_values, minimal_values, varied_people
from .recorder import Observe, Recorder
from .token_grants import grant

T = TypeVar("T")
B = TypeVar("B", Bank, AsyncBank)
Seed = Callable[[str, Any, Bank], str | None]
SeedFor = Callable[[str, str, Any, Bank], str | None]
SeedLive = Callable[[str, Bank], str | None]
SeedExpected = Callable[[Any, Bank], Iterable[Any]]


def _no_seed(_kind: str, _simulator: Any, _bank: Bank) -> str | None:
    return None


def _no_seed_for(_kind: str, _owner: str, _simulator: Any, _bank: Bank) -> str | None:
    return None


def _no_live_seed(_kind: str, _bank: Bank) -> str | None:
    return None


def _nothing_expected(_simulator: Any, _bank: Bank) -> Iterable[Any]:
    return ()


@frozen(kw_only=True)
class Subject:
    """An adapter under test, with everything that its author set.

    `make_person` returns a customer where generated ones do not fit. `options` are the
    adapter's options, in addition to the simulator's credentials. `examples` is the number
    of customers to generate. `samples` are values that no rule describes, by their field:
    `StartKyc.program_id`. `skips` are the reasons of skipped checks. `cassettes` is the
    directory that holds the cassettes of all vendors. `seed` creates records that no
    operation creates, `seed_for` those that exist below an owner only, and `seed_live`
    those of a vendor's sandbox. `seed_expected` creates records and returns them as neutral
    values, with which the kit compares what the adapter reads. `openapi` is the vendor's
    own document, `openapi_exceptions` the reason for each place that differs from it, and
    `openapi_values` the words that the adapter reads, by the vendor's member. `observe` is
    called with each exchange of the simulator. In another `mode` the
    `simulator` is the vendor's cassettes or sandbox, and `bank_options` are those of a
    Bank over it.
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
    seed_for: SeedFor = _no_seed_for
    seed_expected: SeedExpected = _nothing_expected
    openapi: Path | None = None
    openapi_exceptions: Mapping[str, str] = field(factory=dict)
    openapi_values: Mapping[str, Collection[str]] = field(factory=dict)
    observe: Observe | None = field(default=None, repr=False, eq=False)
    mode: Mode = Mode.SIMULATED
    bank_options: Mapping[str, Any] | None = field(default=None, repr=False, eq=False)
    seed_live: SeedLive = _no_live_seed
    run: str = ""
    """The name of a live run, which no other run has; empty in the other modes."""
    serials: Iterator[int] = field(factory=count, repr=False, eq=False)
    cache: dict[str, Any] = field(factory=dict, init=False, repr=False, eq=False)
    _values: dict[Any, Any] = field(factory=dict, init=False, repr=False, eq=False)

    def instance(self) -> Adapter:
        """Return a fresh adapter, configured as a Bank configures it."""
        options = {**self.simulator().credentials, **self.options}
        return self.adapter(self.adapter.Options(**options))

    @cached_property
    def declared(self) -> Capabilities:
        """The capabilities of the class, or of an instance where options are set."""
        # Without options the class is examined, because `diff`, the documentation and
        # the migration planner read the class. Options may change the declaration, so
        # with some of them the instance is.
        of_instance = self.instance().capabilities if self.options else None
        return of_instance or self.adapter.capabilities

    def supports(self, *features: str) -> bool:
        """Return True if all *features* are declared."""
        return all(map(self.declared.supports, features))

    def recorder(self, *faults: str | None) -> Recorder:
        """Return a recorder over a fresh simulator, with faults for its first requests."""
        recorder = Recorder(self.simulator(), observe=self.observe)
        recorder.schedule(*faults)
        return recorder

    def bank(
        self,
        recorder: Recorder,
        retries: int = 2,
        adapter: type[Adapter] | None = None,
        *,
        with_token: bool = True,
    ) -> Bank:
        """Return a Bank over a simulator, whose waits take no time.

        `with_token` gives it an access token beforehand, where the adapter requests one: a
        check that counts requests counts those of its operation.
        """
        bank = Bank(adapter or self.adapter, **self._bank_options(recorder, retries))
        return self._with_token(bank, recorder) if with_token else bank

    def async_bank(self, recorder: Recorder) -> AsyncBank:
        """Return an AsyncBank over a simulator, whose waits take no time."""
        bank = AsyncBank(self.adapter, **self._bank_options(recorder, 2))
        return self._with_token(bank, recorder)

    def token_of(self, bank: Bank) -> str | None:
        """Return the access token of a bank, or None if the adapter requests none."""
        store = bank._engine.tokens  # noqa: SLF001  # no user reads a token
        token = store and store.current(0)
        return str(token.reveal()) if token else None

    def _with_token(self, bank: B, recorder: Recorder) -> B:
        store = bank._engine.tokens  # noqa: SLF001  # no user passes a token
        if store is not None and self.mode is Mode.RECORDED:
            store.store(AccessToken(value=Sensitive("recorded")), 0)
        # The banks of a live run share the token that the sandbox has issued.
        elif store is not None and not (self.run and store.current(0)):
            token = grant(self.instance(), recorder.simulator)
            store.store(AccessToken(value=token.value), 0)
        return bank

    def _bank_options(self, recorder: Recorder, retries: int) -> dict[str, Any]:
        # No wait takes time, and the vendor's limit does not slow the checks down: a whole
        # run makes thousands of calls.
        unlimited = {"timing": frozen_timing(), "rate_limit": None}
        return {
            "transport": SimulatorTransport(recorder),
            "retries": retries,
            **(unlimited if self.bank_options is None else self.bank_options),
            **recorder.simulator.credentials,
            **self.options,
        }

    @cached_property
    def people(self) -> list[NewCustomer]:
        """Different customers that the declaration accepts, with all accepted fields."""
        if self.make_person:
            people = [self.make_person() for _ in range(self.examples)]
        else:
            people = full_people(self.declared, self.examples)
        return [self.distinct(person) for person in people]

    def distinct(self, person: NewCustomer) -> NewCustomer:
        """Return a person whom the sandbox of a live run does not know yet."""
        if not self.run:
            return person
        return distinct(self.declared, person, self.run, next(self.serials))

    def for_check(self) -> Subject:
        """Return the subject for one check: in a live run each has people of its own."""
        return attrs.evolve(self, serials=self.serials) if self.run else self

    @cached_property
    def varied_people(self) -> list[NewCustomer]:
        """Customers that the declaration accepts, with few or many fields."""
        return varied_people(self.declared, self.examples)

    @property
    def person(self) -> NewCustomer:
        """The first of `people`."""
        return self.people[0]

    def values(self, kind: type[T]) -> list[T]:
        """Return values of a type that the declaration accepts, the fullest first."""
        # Generated once per subject: a dozen checks ask for the values of the same
        # type.
        if kind not in self._values:
            fixed = self.samples_of(kind)
            self._values[kind] = full_values(self.declared, kind, self.examples, fixed)
        values: list[T] = self._values[kind]
        return values

    def minimal_values(self, kind: type[T]) -> list[T]:
        """Return values of a type without any of their optional fields."""
        fixed = self.samples_of(kind)
        return minimal_values(self.declared, kind, self.examples, fixed)

    def samples_of(self, kind: type) -> dict[str, Any]:
        """Return the author's samples for the fields of a type, by field name."""
        names: list[str] = [field.name for field in attrs.fields(kind)]
        keys = [(name, f"{kind.__name__}.{name}") for name in names if name != "extras"]
        return {name: self.samples[key] for name, key in keys if key in self.samples}
