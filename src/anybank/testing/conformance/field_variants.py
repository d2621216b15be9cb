"""Pairs of accepted values that differ in one field, and the fields that lack a pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, TypeAlias

import attrs

from ...declaration.vocabulary import FieldRule, fields_without_rules
from ...model.customers import NewCustomer
from ...model.values import item_types
from ..strategies import accepts
from .subject import Subject

Variant: TypeAlias = tuple[str, Any, Any]
"""A field's path, and two values that differ in that field only."""

_SET_BY_KIT = ("account_id", "customer_id", "customer_ids", "primary")
"""The scenario sets the customers of a value; the order of addresses decides `primary`."""


def customer_variants(subject: Subject) -> Iterator[Variant]:
    """Yield a field's name and two accepted customers who differ in that field only."""
    for name, person, other in field_variants(subject, subject.people):
        # In a live run each pair is a person of its own, whom the sandbox does not know.
        fresh = subject.distinct(person)
        own = {
            field: getattr(fresh, field)
            for field in ("external_id", "emails", "ssn")
            if field != name and getattr(fresh, field) != getattr(person, field)
        }
        yield name, attrs.evolve(person, **own), attrs.evolve(other, **own)


def field_variants(subject: Subject, values: Sequence[Any]) -> Iterator[Variant]:
    """Yield a pair for each accepted field of the values, where there is one."""
    for name in _accepted(subject, type(values[0])):
        pair = _pair(subject, values, name, lambda value: value, _keep)
        if pair:
            yield name, *pair


def part_variants(subject: Subject, values: Sequence[Any]) -> Iterator[Variant]:
    """Yield a pair for each accepted field of an address or phone, where there is one."""
    for name, part in _parts(values):
        varied = subject.varied_people if isinstance(values[0], NewCustomer) else []
        items = [value for value in (*values, *varied) if getattr(value, name)]
        for field in _accepted(subject, part):
            pair = _pair(
                subject,
                items,
                field,
                lambda value, name=name: getattr(value, name)[0],  # type: ignore[misc] # a default binds the loop's
                lambda value, item, name=name: _with_first(value, name, item),  # type: ignore[misc] # as above
            )
            if pair:
                yield f"{name}.{field}", *pair


def unexamined(subject: Subject, values: Sequence[Any]) -> Iterator[str]:
    """Yield each accepted field that no generated value has, or that never varies."""
    kind = type(values[0])
    varied = {name for name, *_ in field_variants(subject, values)}
    for name in _accepted(subject, kind):
        if name in varied:
            continue
        # Customers come in pairs that differ in every field. Other values may have a
        # field with one possible content, which then cannot vary.
        if kind is NewCustomer or not any(getattr(value, name) for value in values):
            yield name
    for name, part in _parts(values):
        items = [item for value in values for item in getattr(value, name)]
        for field in _accepted(subject, part):
            if items and not any(getattr(item, field) for item in items):
                yield f"{name}.{field}"


def _parts(values: Sequence[Any]) -> Iterator[tuple[str, type]]:
    kind: Any = type(values[0])
    yield from item_types(kind).items()


def _accepted(subject: Subject, kind: type) -> Iterator[str]:
    """Yield the fields of a value that the declaration accepts and a caller can set."""
    rules = subject.declared.rules(kind)
    skipped = {*fields_without_rules(rules), *_SET_BY_KIT}
    names = attrs.fields_dict(kind).keys() - skipped
    for name, rule in rules.items():
        if name in names and rule.is_accepted:
            yield name


def _pair(
    subject: Subject,
    values: Sequence[Any],
    name: str,
    part_of: Callable[[Any], Any],
    with_part: Callable[[Any, Any], Any],
) -> tuple[Any, Any] | None:
    for value in values:
        rule = subject.declared.rule(type(part_of(value)), name)
        for donor in values:
            part, content = part_of(value), getattr(part_of(donor), name)
            before = getattr(part, name)
            # Two members that the vendor has one word for are no pair: the requests
            # would be equal.
            if not (before and content) or _is_same(rule, before, content):
                continue
            # The content comes from another generated value, so it satisfies the same
            # rules.
            other = _with_content(value, part, name, content, with_part)
            if other is not None and accepts(subject.declared, other):
                return value, other
    return None


def _with_content(
    value: Any,
    part: Any,
    name: str,
    content: Any,
    with_part: Callable[[Any, Any], Any],
) -> Any:
    """Return a value with other content in one field, None if its type rejects it."""
    try:
        return with_part(value, attrs.evolve(part, **{name: content}))
    except ValueError:  # the kind of an id decides which numbers it accepts
        return None


def _is_same(rule: FieldRule, before: Any, after: Any) -> bool:
    """Return True for equal values, and for two members with the same vendor's word."""
    has_word = isinstance(before, Enum) and rule.word(before)
    return bool(before == after or (has_word and rule.word(before) == rule.word(after)))


def _keep(_: Any, part: Any) -> Any:
    return part


def _with_first(value: Any, name: str, item: Any) -> Any:
    return attrs.evolve(value, **{name: [item, *getattr(value, name)[1:]]})
