"""Validation of bodies; a problem names the field and never its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import field, frozen

Check: TypeAlias = Callable[[str, Any], Iterator[str]]
"""Yields the problems of a value under its name."""


@frozen
class Fields:
    """The fields of an object, each with its check."""

    checks: Mapping[str, Check]
    tolerated: frozenset[str] = field(default=frozenset(), kw_only=True)
    """Known names without an effect."""

    def problems(
        self, body: Any, *, whole: bool = True, strict: bool = False, place: str = ""
    ) -> Iterator[str]:
        """Yield the problems of a body, which is partial for an update."""
        if not isinstance(body, dict):
            yield f"{place.rstrip('.') or 'the body'} must be an object"
            return
        for name, check in self.checks.items():
            if name in body or whole:
                yield from _judged(check, place + name, body.get(name))
        for name in body.keys() - self.checks.keys() - self.tolerated if strict else ():
            yield f"{place}{_shown(name)} is not a known field"

    def known(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the known members of a body; the others are ignored."""
        return {name: body[name] for name in self.checks if name in body}


def _judged(check: Check, name: str, value: Any) -> Iterator[str]:
    if value is None:
        yield f"{name} is required"
    else:
        yield from check(name, value)


def _shown(name: str) -> str:
    """Return a name that the caller chose, unless it could be a value (row 2)."""
    return name if re.fullmatch(r"[A-Za-z_]{1,40}", name) else "one"


def text(name: str, value: Any) -> Iterator[str]:
    """Require a string that is not empty."""
    yield from text_or_empty(name, value)
    if value == "":
        yield f"{name} must not be empty"


def text_or_empty(name: str, value: Any) -> Iterator[str]:
    """Require a string."""
    if not isinstance(value, str):
        yield f"{name} must be a string"


def integer(name: str, value: Any) -> Iterator[str]:
    """Require an integer of any size; `true` and `1.0` are not integers (row 14)."""
    if type(value) is not int:
        yield f"{name} must be an integer"


def matching(pattern: str, meaning: str) -> Check:
    """Return the check of a string by a whole pattern."""
    compiled = re.compile(pattern)

    def check(name: str, value: Any) -> Iterator[str]:
        if not (isinstance(value, str) and compiled.fullmatch(value)):
            yield f"{name} must be {meaning}"

    return check


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def calendar_date(name: str, value: Any) -> Iterator[str]:
    """Require a calendar date, YYYY-MM-DD."""
    try:
        good = isinstance(value, str) and _ISO.fullmatch(value)
        date.fromisoformat(value if good else "")
    except ValueError:
        yield f"{name} must be a date, YYYY-MM-DD"


def items(item: Check, *, empty: bool = False) -> Check:
    """Return the check of a list by that of its items."""

    def check(name: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{name} must be an array"
        elif not (value or empty):
            yield f"{name} must not be empty"
        else:
            for index, member in enumerate(value):
                yield from _judged(item, f"{name}[{index}]", member)

    return check


def objects(fields: Fields, *, strict: bool) -> Check:
    """Return the check of an object by its fields."""
    return lambda name, value: fields.problems(value, strict=strict, place=name + ".")
