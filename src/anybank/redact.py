"""Scrubbing what a vendor sends back before it becomes part of an error."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from enum import Enum
from urllib.parse import quote, quote_plus

import attrs

from .model._fields import PERSONAL
from .model.money import Money
from .model.phones import Phone
from .sensitive import MASK, Sensitive

_SHORTEST = 2
_ANYWHERE = 6
"""From this length on a text is masked inside of words, too: `1997-12-25T00:00`."""
_NUMBER = re.compile(r"[0-9][-./ ()0-9]{4,}[0-9]")
_PUNCTUATION = re.compile(r"[-./ ()]")
_ALWAYS = re.compile(
    r"""(?<![\w-])[0-9]{3}([- ])[0-9]{2}\1[0-9]{4}(?![\w-])  # an SSN
    |(?<!\w)[0-9]{9}(?!\w)                              # one without its dashes
    |[^\s@"'<>:,;(]+@[^\s@"'<>:,;)]+                    # an e-mail address
    """,
    re.VERBOSE,
)


def personal_texts(value: object) -> frozenset[str]:
    """Return every way in which a value's personal fields may be written."""
    return frozenset(text for text in _texts(value) if len(text) >= _SHORTEST)


def scrub(text: str, texts: Collection[str]) -> str:
    """Mask the texts, escaped or not, and whatever looks like an SSN or e-mail.

    A short text is masked where it stands as a word, a long one wherever it is.
    """
    written = {each for known in texts for each in _written(known)}
    if written:
        longest_first = sorted(written, key=len, reverse=True)
        known = "|".join(map(_pattern, longest_first))
        text = re.sub(known, MASK, text, flags=re.IGNORECASE)
    return _ALWAYS.sub(MASK, text)


def _written(text: str) -> Iterator[str]:
    """Yield a text as it is, as JSON, a URL, a form and HTML escape it, and its digits."""
    yield text
    yield json.dumps(text)[1:-1]
    yield quote(text, safe="", errors="replace")
    yield quote(text, errors="replace")
    yield quote_plus(text, errors="replace")
    yield html.escape(text)
    if _NUMBER.fullmatch(text):
        yield _PUNCTUATION.sub("", text)


def _pattern(text: str) -> str:
    found = re.escape(text)
    return found if len(text) >= _ANYWHERE else rf"(?<!\w){found}(?!\w)"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Sensitive):
        yield from value.forms()
    elif isinstance(value, Phone):
        yield from _phone(value)
    elif isinstance(value, Money):
        yield from (str(value.minor_units), f"{value.minor_units / 100:.2f}")
    elif isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, date):
        yield from (value.isoformat(), value.strftime("%m/%d/%Y"))
    elif isinstance(value, int) and not isinstance(value, (bool, Enum)):
        yield str(value)
    elif isinstance(value, (list, tuple)):
        yield from _each(value)
    elif isinstance(value, dict):  # JSON given by hand: nothing in it is marked
        yield from _each(value.values())
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
        area, middle, last = national[:3], national[3:6], national[6:]
        yield from (national, f"({area}) {middle}-{last}")
        yield from (mark.join((area, middle, last)) for mark in "-. ")
