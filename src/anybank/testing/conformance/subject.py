"""What is examined: an adapter, its simulator, and people whom it accepts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase, given, settings

from ...adapter import Adapter
from ...aio import AsyncBank
from ...client import Bank
from ...errors import AnybankError
from ...model.customers import NewCustomer
from ...sandbox.faults import Bank as Answers
from ...sandbox.faults import Faults
from ...sandbox.transport import SimulatorTransport
from ...wire import Request, Response
from .._timing import still
from ..strategies import customers

MOST_REQUESTS = 200
"""How many requests one examination may make before it is taken to be endless."""


class Broken(Exception):
    """A check that failed; its text tells the author what to do, and holds no value."""


class NotApplicable(Exception):
    """A check that has nothing to examine, and why."""


def require(holds: object, remedy: str) -> None:
    """Raise Broken with what to do, where something does not hold."""
    if not holds:
        raise Broken(remedy)


@define(eq=False)
class Recorder:
    """A simulator that keeps what it was asked and may answer otherwise.

    `rewrite` is applied to each answer; `scripted` answers go before the simulator's.
    """

    bank: Answers
    rewrite: Callable[[Request, Response], Response] | None = None
    scripted: list[Response] = field(factory=list)
    requests: list[Request] = field(factory=list)

    @property
    def base_path(self) -> str:
        """The part of the path before the resources."""
        return self.bank.base_path

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        if len(self.requests) > MOST_REQUESTS:
            raise Broken("the adapter asks without end")
        answer = self.scripted.pop(0) if self.scripted else self.bank(request)
        return self.rewrite(request, answer) if self.rewrite else answer

    @property
    def writes(self) -> list[Request]:
        """The requests that are no reads."""
        return [each for each in self.requests if each.method != "GET"]


@frozen(kw_only=True)
class Subject:
    """An adapter under examination.

    `make_person` gives people where generated ones do not suit; `options` are policies
    beyond the simulator's credentials; `examples` is how many people are generated.
    """

    adapter: type[Adapter]
    simulator: Callable[[], Any]
    make_person: Callable[[], NewCustomer] | None = None
    options: Mapping[str, Any] = field(factory=dict)
    examples: int = 6

    def instance(self) -> Adapter:
        """Return a fresh adapter, configured as a Bank would."""
        given = {**self.simulator().credentials, **self.options}
        return self.adapter(self.adapter.Options(**given))

    @cached_property
    def declared(self) -> Any:
        """The declaration, policies applied."""
        return self.instance().capabilities

    def supports(self, *features: str) -> bool:
        """Tell whether all of some features are declared."""
        return all(map(self.declared.supports, features))

    def recorder(self, *faults: str | None) -> Recorder:
        """Return a recorded fresh simulator; what befalls its first requests is named."""
        simulator = self.simulator()
        faulty = Faults().around(simulator)
        faulty.schedule(*faults)
        return Recorder(faulty)

    def bank(self, recorder: Recorder, retries: int = 2) -> Bank:
        """Return a bank over a simulator; nothing waits."""
        return Bank(self.adapter, **self._given(recorder, retries))

    def async_bank(self, recorder: Recorder) -> AsyncBank:
        """Return the same bank for `await`."""
        return AsyncBank(self.adapter, **self._given(recorder, 2))

    def _given(self, recorder: Recorder, retries: int) -> dict[str, Any]:
        credentials = self.simulator().credentials
        return {
            "transport": SimulatorTransport(recorder),
            "timing": still(),
            "rate_limit": None,
            "retries": retries,
            **credentials,
            **self.options,
        }

    @cached_property
    def people(self) -> list[NewCustomer]:
        """People whom the declaration accepts, as full as it allows, all different."""
        if self.make_person:
            return [self.make_person() for _ in range(self.examples)]
        return _full(customers(self.declared), self.examples)

    @property
    def person(self) -> NewCustomer:
        """The first of the people."""
        return self.people[0]


def _full(strategy: Any, count: int) -> list[NewCustomer]:
    """Draw people, and return those with the most fields."""
    drawn: list[NewCustomer] = []

    @settings(
        max_examples=count * 4,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(person: NewCustomer) -> None:
        drawn.append(person)

    keep()
    fullest = sorted(drawn, key=filled, reverse=True)
    return _covering(fullest, count)


def _covering(fullest: Sequence[NewCustomer], count: int) -> list[NewCustomer]:
    """Return the fullest, and for each field those who make it differ among them."""
    chosen: list[NewCustomer] = []
    for person in fullest[:count]:
        _add(chosen, person)
    for each in attrs.fields(NewCustomer):
        if not _differ(chosen, each.name):
            for person in _two_that_differ(fullest, each.name):
                _add(chosen, person)
    return chosen


def _add(chosen: list[NewCustomer], person: NewCustomer) -> None:
    """Add a person, unless a vendor would take the reference for one it has."""
    references = [each.external_id for each in chosen if each.external_id]
    if person not in chosen and person.external_id not in references:
        chosen.append(person)


def _differ(people: Sequence[NewCustomer], name: str) -> bool:
    values = [getattr(person, name) for person in people if getattr(person, name)]
    return any(value != values[0] for value in values)


def _two_that_differ(people: Sequence[NewCustomer], name: str) -> list[NewCustomer]:
    told = [person for person in people if getattr(person, name)]
    other = [each for each in told if getattr(each, name) != getattr(told[0], name)]
    return told[:1] + other[:1]


def filled(value: object) -> int:
    """Count what a person tells, addresses and phones in all their fields."""
    if isinstance(value, tuple):
        return sum(map(filled, value))
    cls: Any = type(value)
    if attrs.has(cls):
        names = [each.name for each in attrs.fields(cls)]
        return sum(filled(getattr(value, name)) for name in names)
    return int(value is not None)


def body_of(request: Request) -> str:
    """Return what a request carries beside its headers, as text."""
    body = (request.encoded() or b"").decode("utf-8", "replace")
    return f"{request.method} {request.path} {request.query} {body}"


def outcome_of(call: Callable[[], Any]) -> Any:
    """Return what a call gives, or the error that it raises."""
    try:
        return call()
    except AnybankError as error:
        return error


def json_answer(response: Response, change: Callable[[Any], Any]) -> Response:
    """Return an answer whose JSON is changed; one that is not JSON as it was."""
    try:
        changed = change(json.loads(response.content))
    except ValueError:
        return response
    return attrs.evolve(response, content=json.dumps(changed).encode())
