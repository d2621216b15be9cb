"""Values that cannot be taken for anything else: what is looked for where it must not be.

Generated texts may be words of the library by chance. So each field has its marked value,
which is given wherever the declaration accepts it.
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


_MARKS: Mapping[str, Callable[[int], Any]] = {
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


def marked(declared: Capabilities, value: T, index: int) -> T:
    """Return a value with the marks of an index wherever they are accepted."""
    names = [each.name for each in attrs.fields(type(value))]  # type: ignore[arg-type] # an attrs value
    for name in names:
        now = getattr(value, name)
        if now in (None, ()):
            continue
        value = _with(declared, value, name, _mark(declared, name, now, index))
    return value


def _mark(declared: Capabilities, name: str, now: Any, index: int) -> Any:
    if name == "addresses":
        return [marked(declared, each, index * 3 + at) for at, each in enumerate(now)]
    if name == "phones":
        return [
            attrs.evolve(each, number=_phone(index * 3 + at).number)
            for at, each in enumerate(now)
        ]
    return _MARKS[name](index) if name in _MARKS else now


def _with(declared: Capabilities, value: T, name: str, mark: Any) -> T:
    try:
        other: T = attrs.evolve(value, **{name: mark})  # type: ignore[misc] # an attrs value
    except ValueError:
        return value
    return other if any(accepts(declared, each) for each in _ways(other)) else value


def _ways(value: T) -> Iterator[T]:
    """Yield a value as it is, and an address as one that is not the primary one."""
    yield value
    if isinstance(value, Address):
        yield attrs.evolve(value, primary=bool(value.primary))
