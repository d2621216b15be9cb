"""Schemas that find fault with a body in the words of marshmallow (seed 001, §8.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from ipaddress import IPv4Address
from typing import Any, TypeAlias
from uuid import UUID

from attrs import field, frozen

Problems: TypeAlias = list[str] | dict[str, Any]
"""What is wrong: texts, or problems by the field below; empty where nothing is."""
Check: TypeAlias = Callable[[Any], Problems]

REQUIRED = "Missing data for required field."
PATTERN = "String does not match expected pattern."
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON may write it, UTF-8 may not
_NULL = "Field may not be null."
_INPUT = "Invalid input type."


def _nothing(_: object) -> dict[str, Any]:
    return {}


@frozen
class Rule:
    """What one field of a body has to be."""

    check: Check
    required: bool = False

    def problems(self, body: Mapping[str, Any], name: str, *, whole: bool) -> Problems:
        """Return the faults of the field in a body, which a PATCH gives in part."""
        if name not in body:
            return [REQUIRED] if self.required and whole else []
        return [_NULL] if body[name] is None else self.check(body[name])


@frozen
class Schema:
    """What a body has to be: its fields, then what several of them say together."""

    rules: Mapping[str, Rule]
    together: Callable[[Mapping[str, Any]], dict[str, Any]] = field(
        default=_nothing, kw_only=True
    )

    def problems(
        self, body: Any, *, whole: bool = True, strict: bool = False
    ) -> dict[str, Any]:
        """Return the faults of a body; `strict` refuses unknown fields."""
        if not isinstance(body, Mapping):
            return {"_schema": [_INPUT]}
        faults: dict[str, Any] = {
            name: rule.problems(body, name, whole=whole)
            for name, rule in self.rules.items()
        }
        if strict:
            faults |= {name: ["Unknown field."] for name in body.keys() - faults.keys()}
        faults = {name: problems for name, problems in faults.items() if problems}
        return faults or self.together(body)


def required(check: Check) -> Rule:
    """Make the rule of a field that a whole body must have."""
    return Rule(check, required=True)


def optional(check: Check) -> Rule:
    """Make the rule of a field that may be left out."""
    return Rule(check)


def text(*checks: Callable[[str], str | None]) -> Check:
    """Make the check of a string by further checks of what it says."""

    def problems(value: Any) -> Problems:
        if not isinstance(value, str) or _SURROGATE.search(value):
            return ["Not a valid string."]
        return [faults for check in checks if (faults := check(value))]

    return problems


def pattern(expression: str, message: str = PATTERN) -> Callable[[str], str | None]:
    """Make the check of a string by a whole pattern."""
    compiled = re.compile(expression)
    return lambda value: None if compiled.fullmatch(value) else message


def length(least: int, most: int) -> Callable[[str], str | None]:
    """Make the check of how long a string is."""
    message = (
        f"Length must be between {least} and {most}."
        if least
        else f"Longer than maximum length {most}."
    )
    return lambda value: None if least <= len(value) <= most else message


def one_of(choices: Collection[str]) -> Check:
    """Make the check of a string that is one of a few."""
    message = f"Must be one of: {', '.join(choices)}."
    return text(lambda value: None if value in choices else message)


def reads(read: Callable[[str], object], kind: str) -> Check:
    """Make the check of a string that a function has to read."""

    def check(value: str) -> str | None:
        try:
            read(value)
        except ValueError:
            return f"Not a valid {kind}."
        return None

    return text(check)


def instance(kind: type, name: str) -> Check:
    """Make the check of a value that is just of one type: `1` is no boolean."""
    return lambda value: [] if type(value) is kind else [f"Not a valid {name}."]


def each(schema: Schema, *, strict: bool = False) -> Check:
    """Make the check of a list of at least one object, problems by their place."""

    def problems(value: Any) -> Problems:
        if not isinstance(value, list):
            return ["Not a valid list."]
        faults = {
            str(place): wrong
            for place, item in enumerate(value)
            if (wrong := schema.problems(item, strict=strict))
        }
        return faults if value else ["Shorter than minimum length 1."]

    return problems


def nested(rules: Mapping[str, Rule]) -> Check:
    """Make the check of an object within a body."""
    return Schema(rules).problems


def _cents(value: Any) -> Problems:
    if type(value) is not int:
        return ["Not a valid integer."]
    return [] if value >= 0 else ["Must be greater than or equal to 0."]


def _read_date(value: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError
    return date.fromisoformat(value)


DATE = reads(_read_date, "date")
UUID_TEXT = reads(UUID, "UUID")
IPV4 = reads(IPv4Address, "IPv4 address")
BOOLEAN = instance(bool, "boolean")

CENTS: Check = _cents
EMAIL = text(
    pattern(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "Not a valid email address."),
)
