"""How a user's file spells the values of a field, such as a cell of a CSV supplement."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from attrs import frozen

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


@frozen
class Spelling:
    """The reader of a field's values in a file, and a description of what it accepts.

    `read` takes a text or a value of JSON. It raises TypeError, ValueError, LookupError or
    InvalidInput for anything else.
    """

    read: Callable[[Any], object]
    description: str


def read_text(value: object) -> str:
    """Return a text as it is."""
    if isinstance(value, str):
        return value
    raise TypeError


def read_texts(value: object) -> tuple[str, ...]:
    """Return the items of a list, or of a text that separates them by semicolons."""
    items = value if isinstance(value, list) else read_text(value).split(";")
    return tuple(read_text(item).strip() for item in items)


def _date(value: object) -> date:
    text = read_text(value)
    if not _DATE.fullmatch(text):  # fromisoformat also reads 1990-W14
        raise ValueError
    return date.fromisoformat(text)


def _time(value: object) -> datetime:
    moment = datetime.fromisoformat(read_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    return _BOOLEANS[read_text(value).lower()]


def member_of(kind: type[Enum]) -> Spelling:
    """Return the spelling of an enum: the value of any member but UNKNOWN."""
    words = [member.value for member in kind if member.name != "UNKNOWN"]
    return Spelling(
        lambda value: kind(read_text(value).lower()), f"one of {', '.join(words)}"
    )


TEXT = Spelling(read_text, "a text")
DATE = Spelling(_date, "a date such as 1997-12-25")
TIME = Spelling(_time, "a time with its zone, such as 2024-03-01T12:00:00+00:00")
BOOLEAN = Spelling(_boolean, "true or false")
COUNTRY = Spelling(read_text, "a two-letter code such as US")
