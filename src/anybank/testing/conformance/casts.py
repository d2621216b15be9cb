"""The people and other values that an adapter is examined with, as it declares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ..strategies import accepts, customers, values
from .marks import marked

T = TypeVar("T")

_DRAWN: dict[tuple[str, ...], list[Any]] = {}
"""What was drawn by which rules: the same ones again, and drawing takes its time."""


def _once(make: Callable[..., list[T]], declared: Capabilities, *given: Any) -> list[T]:
    key = (make.__name__, repr(declared.fields), repr(given))
    if key not in _DRAWN:
        _DRAWN[key] = make(declared, *given)
    return list(_DRAWN[key])


def people_of(declared: Capabilities, count: int) -> list[NewCustomer]:
    """Return people whom a declaration accepts, as full as it allows, all different."""
    return _once(_people, declared, count)


def _people(declared: Capabilities, count: int) -> list[NewCustomer]:
    drawn_first = _fullest(customers(declared), count)
    found = _covering(drawn_first, count)
    found[0] = _completed(declared, found[0], drawn_first)
    return [marked(declared, person, index) for index, person in enumerate(found)]


def _completed(declared: Capabilities, value: T, others: Sequence[T]) -> T:
    """Return a value with what others have, wherever that is accepted."""
    kind: Any = type(value)
    for each in attrs.fields(kind):
        for other in others:
            if getattr(value, each.name) in (None, ()):
                lent = {each.name: getattr(other, each.name)}
                fuller: T = attrs.evolve(value, **lent)  # type: ignore[misc] # an attrs value
                value = fuller if accepts(declared, fuller) else value
    return value


def strangers_of(declared: Capabilities, count: int) -> list[NewCustomer]:
    """Return people whom a declaration accepts, whatever else they are."""
    return _once(_strangers, declared, count)


def _strangers(declared: Capabilities, count: int) -> list[NewCustomer]:
    return drawn(customers(declared), count * 3)


def sparse(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    """Return values that lack all that a declaration lets them lack."""
    return _once(_sparse, declared, kind, count, fixed)


def _sparse(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    lacking = {
        name: st.just(attrs.fields_dict(kind)[name].default)  # type: ignore[arg-type] # an attrs class
        for name, rule in declared.rules(kind).items()
        if rule.create == "optional" and name in attrs.fields_dict(kind)  # type: ignore[arg-type] # an attrs class
    }
    given = {name: st.just(value) for name, value in fixed.items()}
    return drawn(values(declared, kind, **{**lacking, **given}), count)


def values_of(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    """Return values of a kind that a declaration accepts, the fullest first."""
    return _once(_values, declared, kind, count, fixed)


def _values(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    given = {name: st.just(value) for name, value in fixed.items()}
    found = _fullest(values(declared, kind, **given), count)
    found[0] = _completed(declared, found[0], found[1:])
    return [marked(declared, value, index) for index, value in enumerate(found)]


def drawn(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Draw values, the same ones at each call."""
    found: list[T] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(value: T) -> None:
        found.append(value)

    keep()
    return found


def filled(value: object) -> int:
    """Count what a value tells, its parts in all their fields."""
    if isinstance(value, tuple):
        return sum(map(filled, value))
    cls: Any = type(value)
    if attrs.has(cls):
        names = [each.name for each in attrs.fields(cls)]
        return sum(filled(getattr(value, name)) for name in names)
    return int(value is not None)


def _fullest(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    return sorted(drawn(strategy, 24 + count * 2), key=_fullness, reverse=True)


def _fullness(value: Any) -> tuple[int, int]:
    """Return how many fields a value has, and how many they have in their turn."""
    told = [getattr(value, each.name) for each in attrs.fields(type(value))]
    return sum(each not in (None, ()) for each in told), filled(value)


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
