"""Unmistakable values for personal fields, so that a leak of one can be searched for.

A generated text may equal a word of the library by chance. Each field therefore has a
marker value, which replaces the generated one wherever the declaration accepts it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

import attrs

from ...declaration.vocabulary import Capabilities
from ...model.addresses import Address
from ...model.phones import Phone
from ...sensitive import Ssn
from ..strategies import accepts

T = TypeVar("T")

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _word(stem: str) -> Callable[[int], str]:
    return lambda index: stem + _LETTERS[index // 26 % 26] + _LETTERS[index % 26]


def _phone(index: int) -> Phone:
    return Phone(f"+1212555{1400 + index:04}")


_MARKERS: Mapping[str, Callable[[int], Any]] = {
    "first_name": _word("Quillow"),
    "middle_name": _word("Zebedix"),
    "last_name": _word("Vanterpo"),
    "preferred_name": _word("Oswinka"),
    "date_of_birth": lambda index: date(1951 + index % 40, 4, 10 + index % 17),
    "ssn": lambda index: Ssn(f"{900_12_3400 + index}"),
    "document_locator_number": lambda index: 204_518_830 + index,
    "emails": lambda index: [f"{_word('quillow')(index)}@example.com"],
    "email": lambda index: f"{_word('zebedix')(index)}@example.com",
    "phone": _phone,
    "external_id": lambda index: f"anybank-reference-{index + 100}",
    "ip": lambda index: f"192.0.2.{index % 200 + 1}",
    "name": _word("Savings Xylop"),
    "line1": lambda index: f"{4100 + index} {_word('Quixwood')(index)} Way",
    "line2": _word("Suite Yarrow"),
    "city": _word("Xanthoburg"),
    "postal_code": lambda index: f"{94100 + index}",
}


def with_markers(declared: Capabilities, value: T, index: int) -> T:
    """Return a value with the markers of *index* wherever the declaration accepts them."""
    names = [field.name for field in attrs.fields(type(value))]  # type: ignore[arg-type] # an attrs value
    for name in names:
        current = getattr(value, name)
        if current in (None, ()):
            continue
        marker = _marker(declared, name, current, index)
        value = _replace_if_accepted(declared, value, name, marker)
    return value


def _marker(declared: Capabilities, name: str, current: Any, index: int) -> Any:
    if name == "addresses":
        return [
            with_markers(declared, address, index * 3 + position)
            for position, address in enumerate(current)
        ]
    if name == "phones":
        return [
            attrs.evolve(phone, number=_phone(index * 3 + position).number)
            for position, phone in enumerate(current)
        ]
    return _MARKERS[name](index) if name in _MARKERS else current


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
