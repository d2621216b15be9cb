"""Unmistakable values for personal fields, so that a leak of one can be searched for.

A generated text may equal a word of the library by chance. Each field therefore has a
marker value, which replaces the generated one wherever the declaration accepts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import attrs

from ...declaration.vocabulary import Capabilities
from ...model._fields import sample_of
from ...model.addresses import Address
from ..strategies import accepts

T = TypeVar("T")


def with_markers(declared: Capabilities, value: T, index: int) -> T:
    """Return a value with the markers of *index* wherever the declaration accepts them."""
    kind: Any = type(value)
    for field in attrs.fields(kind):
        current = getattr(value, field.name)
        if current in (None, ()):
            continue
        # The generated value stays where the declaration rejects the marker, for
        # example by a pattern.
        marker = _marker(declared, field, current, index)
        value = _replace_if_accepted(declared, value, field.name, marker)
    return value


def _marker(declared: Capabilities, field: Any, current: Any, index: int) -> Any:
    if isinstance(current, tuple) and attrs.has(type(current[0])):
        return [
            # Three places for each index: lists of items get different markers as well.
            with_markers(declared, item, index * 3 + position)
            for position, item in enumerate(current)
        ]
    sample = sample_of(field)
    return sample(index) if sample else current


def _replace_if_accepted(declared: Capabilities, value: T, name: str, marker: Any) -> T:
    try:
        other: T = attrs.evolve(value, **{name: marker})  # type: ignore[misc] # an attrs value
    except ValueError:
        return value
    accepted = any(accepts(declared, variant) for variant in _variants(other))
    return other if accepted else value


def _variants(value: T) -> Iterator[T]:
    """Yield a value unchanged and, for an address, also as a secondary one."""
    yield value
    if isinstance(value, Address):
        yield attrs.evolve(value, primary=bool(value.primary))
