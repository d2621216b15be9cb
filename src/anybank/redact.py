"""Scrubbing what a vendor sends back before it becomes part of an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from enum import Enum

import attrs

from .model._fields import PERSONAL
from .model.phones import Phone
from .sensitive import MASK, Sensitive

_SHORTEST = 2
_ALWAYS = re.compile(
    r"""(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])   # an SSN
    |(?<!\w)[0-9]{9}(?!\w)                              # one without its dashes
    |[^\s@"'<>:,;(]+@[^\s@"'<>:,;)]+                    # an e-mail address
    """,
    re.VERBOSE,
)


def personal_texts(value: object) -> frozenset[str]:
    """Return every way in which a value's personal fields may be written."""
    return frozenset(text for text in _texts(value) if len(text) >= _SHORTEST)


def scrub(text: str, texts: Collection[str]) -> str:
    """Mask the texts wherever they stand as words, and whatever looks like an SSN."""
    if texts:
        longest_first = sorted(texts, key=len, reverse=True)
        known = "|".join(map(re.escape, longest_first))
        text = re.sub(rf"(?<!\w)(?:{known})(?!\w)", MASK, text, flags=re.IGNORECASE)
    return _ALWAYS.sub(MASK, text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Sensitive):
        yield from value.forms()
    elif isinstance(value, Phone):
        yield from _phone(value)
    elif isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, date):
        yield from (value.isoformat(), value.strftime("%m/%d/%Y"))
    elif isinstance(value, (list, tuple)):
        yield from _each(value)
    elif attrs.has(type(value)):
        yield from _each(
            getattr(value, field.name)
            for field in attrs.fields(type(value))  # type: ignore[arg-type] # attrs
            if PERSONAL in field.metadata or attrs.has(type(getattr(value, field.name)))
        )


def _each(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _texts(value)


def _phone(phone: Phone) -> Iterator[str]:
    yield phone.number
    if phone.is_e164:
        national = phone.national
        yield from (national, f"{national[:3]}-{national[3:6]}-{national[6:]}")
