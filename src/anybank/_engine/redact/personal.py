"""List the personal texts of a value, which an error must not contain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from typing import Any

import attrs

from ...model._fields import PERSONAL
from ...model.money import Money
from ...model.phones import Phone
from ...sensitive import Sensitive

_SHORTEST = 2
"""One letter or digit would mask most of a message."""


def personal_texts(value: object) -> frozenset[str]:
    """Return every spelling of a value's personal fields."""
    return frozenset(text for text in _texts(value) if len(text) >= _SHORTEST)


def _texts(value: object) -> Iterator[str]:
    for kind, texts in _KINDS:
        if isinstance(value, kind):
            yield from texts(value)
            return
    if attrs.has(type(value)):
        yield from _each(_personal_fields(value))


def _each(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)


def _personal_fields(value: Any) -> Iterator[object]:
    for field in attrs.fields(type(value)):
        content = getattr(value, field.name)
        if PERSONAL in field.metadata or attrs.has(type(content)):
            yield content


def _phone(phone: Phone) -> Iterator[str]:
    yield phone.number
    if phone.is_e164:
        national = phone.national
        area, middle, last = national[:3], national[3:6], national[6:]
        yield from (national, f"({area}) {middle}-{last}")
        yield from (mark.join((area, middle, last)) for mark in "-. ")


def _amount(money: Money) -> Iterable[str]:
    return (str(money.minor_units), f"{money.minor_units / 100:.2f}")


def _day(day: date) -> Iterable[str]:
    return (day.isoformat(), day.strftime("%m/%d/%Y"))


def _nothing(_: object) -> Iterable[str]:
    return ()


_KINDS: Sequence[tuple[type | tuple[type, ...], Callable[[Any], Iterable[str]]]] = (
    # A StrEnum is a str and a bool is an int, but neither is about one person.
    ((Enum, bool), _nothing),
    (Sensitive, lambda value: value.forms()),
    (Phone, _phone),
    (Money, _amount),
    (str, lambda text: (text,)),
    (date, _day),
    (int, lambda number: (str(number),)),
    ((list, tuple), _each),
    (dict, lambda body: _each(body.values())),  # a raw request has no marked fields
)
"""How each type of value may be written; the first match counts."""
