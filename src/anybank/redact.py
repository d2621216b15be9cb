"""Scrubbing what a vendor sends back before it becomes part of an error."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from typing import Any
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
        given = getattr(value, field.name)
        if PERSONAL in field.metadata or attrs.has(type(given)):
            yield given


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
    ((Enum, bool), _nothing),
    (Sensitive, Sensitive.forms),
    (Phone, _phone),
    (Money, _amount),
    (str, lambda text: (text,)),
    (date, _day),
    (int, lambda number: (str(number),)),
    ((list, tuple), _each),
    (dict, lambda given: _each(given.values())),  # JSON by hand: nothing is marked
)
"""How each kind of value may be written; the first that fits counts."""
