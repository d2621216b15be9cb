"""Generates the customers and other values that an adapter is tested with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ...model.government_ids import GovernmentId, GovernmentIdKind
from ...model.values import item_types
from ..strategies import accepts, customers, government_ids, values
from .marker_values import with_markers
from .recorder import CheckFailed

T = TypeVar("T")

_CACHE: dict[tuple[str, ...], list[Any]] = {}
"""Generated values by the rules that they satisfy, because generating is slow."""


def _cached(
    generate: Callable[..., list[T]], declared: Capabilities, *arguments: Any
) -> list[T]:
    # The rules as text: a Capabilities is not hashable, and two adapters with the same
    # rules need the same values.
    key = (generate.__name__, repr(declared.fields), repr(arguments))
    if key not in _CACHE:
        try:
            _CACHE[key] = generate(declared, *arguments)
        except Unsatisfiable:
            raise CheckFailed(_unsatisfiable(declared)) from None
    return list(_CACHE[key])


def _unsatisfiable(declared: Capabilities) -> str:
    """Say why no value satisfies a declaration, as far as it can be told."""
    for name, rule in declared.rules(NewCustomer).items():
        item = item_types(NewCustomer).get(name)
        parts = declared.rules(item).values() if item else ()
        if (
            item
            and rule.create == "required"
            and not any(it.is_accepted for it in parts)
        ):
            return (
                f"No customer satisfies the declaration: {name} is required, and no part of "
                f"{item.__name__} is accepted. Declare its rules, such as with "
                f"`@writes({item.__name__}, PAGE)` on its wire class."
            )
    return (
        "No value satisfies the declaration. Two rules contradict each other, such as a "
        "`pattern` and a `length`, or a required part that is refused."
    )


def full_people(declared: Capabilities, count: int) -> list[NewCustomer]:
    """Return different customers with all the fields that a declaration accepts."""
    return _cached(_full_people, declared, count)


def _full_people(declared: Capabilities, count: int) -> list[NewCustomer]:
    fullest = [*_fullest(customers(declared), count), *_identified(declared)]
    candidates = _alternating(fullest)
    chosen = _choose_people(candidates, count)
    # Hypothesis rarely draws a customer with every optional field. What is still empty
    # is copied from other candidates.
    chosen[0] = _fill(declared, chosen[0], candidates)
    return [
        with_markers(declared, person, index) for index, person in enumerate(chosen)
    ]


def _identified(declared: Capabilities) -> Iterator[NewCustomer]:
    """Yield customers with each kind of government id that a declaration accepts."""
    rule = declared.rule(GovernmentId, "kind")
    kinds = [kind for kind in rule.values or () if kind is not GovernmentIdKind.SSN]
    if declared.rule(NewCustomer, "government_ids").is_accepted:
        for kind in kinds:
            ids = st.lists(government_ids(declared, kind), min_size=1, max_size=1)
            strategy = customers(declared, ssn=st.none(), government_ids=ids)
            yield from _fullest(strategy, 1)[:3]


def _alternating(people: Sequence[NewCustomer]) -> list[NewCustomer]:
    """Order customers so that the first ones are identified in different ways."""
    groups: dict[Any, list[NewCustomer]] = {}
    for person in sorted(people, key=lambda person: not person.ssn):
        kinds = tuple(sorted(identity.kind for identity in person.government_ids))
        groups.setdefault(kinds, []).append(person)
    rounds = zip_longest(*groups.values())
    return [person for group in rounds for person in group if person is not None]


def _fill(declared: Capabilities, value: T, others: Sequence[T]) -> T:
    """Return a value with its empty fields copied from others, where accepted."""
    kind: Any = type(value)
    for field in attrs.fields(kind):
        for other in others:
            if getattr(value, field.name) in (None, ()):
                copied = {field.name: getattr(other, field.name)}
                fuller: T = attrs.evolve(value, **copied)  # type: ignore[misc] # an attrs value
                value = fuller if accepts(declared, fuller) else value
    return value


def varied_people(declared: Capabilities, count: int) -> list[NewCustomer]:
    """Return customers that a declaration accepts, with any combination of fields."""
    return _cached(_varied_people, declared, count)


def _varied_people(declared: Capabilities, count: int) -> list[NewCustomer]:
    return draw(customers(declared), count * 3)


def minimal_values(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    """Return values of a type without any of their optional fields."""
    return _cached(_minimal_values, declared, kind, count, fixed)


def _minimal_values(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    absent = {
        name: st.just(attrs.fields_dict(kind)[name].default)  # type: ignore[arg-type] # an attrs class
        for name, rule in declared.rules(kind).items()
        if rule.create == "optional" and name in attrs.fields_dict(kind)  # type: ignore[arg-type] # an attrs class
    }
    constants = {name: st.just(value) for name, value in fixed.items()}
    return draw(values(declared, kind, **{**absent, **constants}), count)


def full_values(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    """Return values of a type that a declaration accepts, the fullest first."""
    return _cached(_full_values, declared, kind, count, fixed)


def _full_values(
    declared: Capabilities, kind: type[T], count: int, fixed: Mapping[str, Any]
) -> list[T]:
    constants = {name: st.just(value) for name, value in fixed.items()}
    fullest = _fullest(values(declared, kind, **constants), count)
    fullest[0] = _fill(declared, fullest[0], fullest[1:])
    return [with_markers(declared, value, index) for index, value in enumerate(fullest)]


def draw(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Draw *count* values from a strategy, the same ones at each call."""
    values: list[T] = []

    @settings(
        # Derandomized and without a database: a run must give the same result on every
        # machine. No shrinking, since nothing fails here.
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        values.append(value)

    collect()
    return values


def count_leaves(value: object) -> int:
    """Count the leaves of a value that are not None, including those of its parts."""
    if isinstance(value, tuple):
        return sum(map(count_leaves, value))
    cls: Any = type(value)
    if attrs.has(cls):
        names = [field.name for field in attrs.fields(cls)]
        return sum(count_leaves(getattr(value, name)) for name in names)
    return int(value is not None)


def _fullest(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    # Hypothesis starts with simple values, so the fullest are chosen among many.
    return sorted(draw(strategy, 24 + count * 2), key=_fullness, reverse=True)


def _fullness(value: Any) -> tuple[int, int]:
    """Return the number of fields that have a value, and the number of leaves."""
    values = [getattr(value, field.name) for field in attrs.fields(type(value))]
    return sum(item not in (None, ()) for item in values), count_leaves(value)


def _choose_people(candidates: Sequence[NewCustomer], count: int) -> list[NewCustomer]:
    """Choose the first *count* candidates, and a pair that differs in every field."""
    chosen: list[NewCustomer] = []
    for person in candidates[:count]:
        _add(chosen, person)
    for field in attrs.fields(NewCustomer):
        if not _differ(chosen, field.name):
            for person in _differing_pair(candidates, field.name):
                _add(chosen, person)
    return chosen


def _add(chosen: list[NewCustomer], person: NewCustomer) -> None:
    """Add a customer unless another one has the same external id."""
    references = [other.external_id for other in chosen if other.external_id]
    # Two customers with one reference would be a duplicate at a vendor with unique
    # references.
    if person not in chosen and person.external_id not in references:
        chosen.append(person)


def _differ(people: Sequence[NewCustomer], name: str) -> bool:
    values = [getattr(person, name) for person in people if getattr(person, name)]
    return any(value != values[0] for value in values)


def _differing_pair(people: Sequence[NewCustomer], name: str) -> list[NewCustomer]:
    present = [person for person in people if getattr(person, name)]
    differing = [
        person
        for person in present
        if getattr(person, name) != getattr(present[0], name)
    ]
    return present[:1] + differing[:1]
