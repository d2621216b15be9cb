"""Checks of extras: each declared field reaches the request, and the vendor accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from attrs import evolve

from ...adapter.base import Adapter
from ...adapter.own_fields import native_names_of
from ...errors import AnybankError
from .first_writes import first_write
from .operations import Operation, capture_query, declared_operations, with_fixed_key
from .recorder import CheckFailed, NotApplicable, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject
from .words import plain_name


@check()
def declared_extras_are_sent(subject: Subject) -> None:
    """Every field of the declared extras changes the request, which the vendor accepts."""
    declared = subject.declared.extras
    if not declared:
        raise NotApplicable("no extras are declared")
    samples = {kind: _sample(subject, kind, of) for kind, of in declared.items()}
    examined = set()
    for operation, scenario in declared_operations(subject, Operation.is_write):
        query, _ = capture_query(operation, scenario)
        for name, value in _values_with(samples, query):
            examined.add(type(value))
            _require_sent(subject, operation, query, name, samples[type(value)])
            _require_accepted(subject, operation, name, samples[type(value)])
    for kind in declared.keys() - examined:
        raise CheckFailed(
            f"extras are declared for {kind.__name__}, which no declared operation takes. "
            "Declare them for the value that the operation has, such as NewAccount.",
        )


@check()
def extras_use_the_member_of_their_name(subject: Subject) -> None:
    """A field of extras is sent as the member of its name, where another field is not."""
    declared = subject.declared.extras
    if not declared:
        raise NotApplicable("no extras are declared")
    for of in declared.values():
        natives = native_names_of(of)
        by_plain = {plain_name(native): native for native in natives.values()}
        for name, native in natives.items():
            own = by_plain.get(plain_name(name), native)
            require(
                native == own,
                f"{of.__name__}.{name} is sent as {native}, and another field as {own}. "
                "Two names may be exchanged: compare both with the vendor's page.",
            )


def _sample(subject: Subject, kind: type, extras: type) -> Any:
    """Return the author's sample of a kind of extras, with a value in every field."""
    sample = subject.samples.get(f"{kind.__name__}.extras")
    empty = [
        field.name
        for field in attrs.fields(extras)
        if not getattr(sample, field.name, None)
    ]
    require(
        isinstance(sample, extras) and not empty,
        f"extras of {kind.__name__} are declared, and the kit has no value for "
        f"{', '.join(empty)}. Add samples = {{'{kind.__name__}.extras': "
        f"{extras.__name__}(...)}} with every field set.",
    )
    return sample


def _values_with(samples: dict[type, Any], query: Any) -> Iterator[tuple[str, Any]]:
    """Yield the members of a query that are values for which extras are declared."""
    if query is None:
        return
    for field in attrs.fields(type(query)):
        value = getattr(query, field.name)
        if type(value) in samples:
            yield field.name, value


def _with_extras(subject: Subject, query: Any, name: str, extras: Any) -> Any:
    value = getattr(query, name)
    own = {subject.declared.provider: extras}
    return evolve(query, **{name: evolve(value, extras=own)})


def _require_sent(
    subject: Subject, operation: Operation, query: Any, name: str, sample: Any
) -> None:
    """Compare the request with all extras to the one without each of them."""

    def request(extras: Any) -> str:
        scenario = Scenario.of(subject)
        operation.prepare(scenario)
        written = _with_extras(subject, with_fixed_key(query), name, extras)
        return first_write(scenario, operation, written)

    whole = request(sample)
    for field in attrs.fields(type(sample)):
        without = evolve(sample, **{field.name: _default(field)})
        require(
            request(without) != whole,
            f"{operation.name} accepts the extra {field.name}, but the request does not "
            "contain it. Write the field, or remove it from the class of the extras.",
        )


def _default(field: Any) -> Any:
    default = field.default
    return default.factory() if hasattr(default, "factory") else default


def _require_accepted(
    subject: Subject, operation: Operation, name: str, sample: Any
) -> None:
    """Run an operation with the extras; the simulator must accept them."""
    kind = subject.adapter

    def write(self: Adapter, query: Any) -> Any:
        own = _with_extras(subject, query, name, sample)
        return getattr(kind, operation.method)(self, own)

    scenario = Scenario.of(subject)
    operation.prepare(scenario)
    with_extras = type("WithExtras", (kind,), {operation.method: write})
    with subject.bank(scenario.recorder, 0, with_extras) as bank:
        try:
            operation.run(bank, scenario)
        except AnybankError as error:
            problem = type(error).__name__
        else:
            return
    raise CheckFailed(
        f"{operation.name} failed with {problem} when it had the declared extras. Write "
        "them as the vendor's page shows them.",
    )
