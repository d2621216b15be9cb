"""Schemas that return the faults of a body in marshmallow's wording ("Creating a customer", §8.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from ipaddress import IPv4Address
from typing import Any, TypeAlias
from uuid import UUID

from attrs import field, frozen

Problems: TypeAlias = list[str] | dict[str, Any]
"""The faults of a value: texts, or faults by member; empty for a valid value."""
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
    """The rule of one field."""

    check: Check
    required: bool = False

    def problems(self, body: Mapping[str, Any], name: str, *, whole: bool) -> Problems:
        """Return the faults of the field in a body, which is partial for a PATCH."""
        if name not in body:
            return [REQUIRED] if self.required and whole else []
        return [_NULL] if body[name] is None else self.check(body[name])


@frozen
class Schema:
    """The rules of a body: its fields, then the rules across fields."""

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
    """Return the rule of a required field."""
    return Rule(check, required=True)


def optional(check: Check) -> Rule:
    """Return the rule of an optional field."""
    return Rule(check)


def text(*checks: Callable[[str], str | None]) -> Check:
    """Return the check of a string by further checks of its text."""

    def problems(value: Any) -> Problems:
        if not isinstance(value, str) or _SURROGATE.search(value):
            return ["Not a valid string."]
        return [faults for check in checks if (faults := check(value))]

    return problems


def pattern(expression: str, message: str = PATTERN) -> Callable[[str], str | None]:
    """Return the check of a string by a whole pattern."""
    compiled = re.compile(expression)
    return lambda value: None if compiled.fullmatch(value) else message


def length(least: int, most: int) -> Callable[[str], str | None]:
    """Return the check of the length of a string."""
    message = (
        f"Length must be between {least} and {most}."
        if least
        else f"Longer than maximum length {most}."
    )
    return lambda value: None if least <= len(value) <= most else message


def one_of(choices: Collection[str]) -> Check:
    """Return the check of a string with a list of choices."""
    message = f"Must be one of: {', '.join(choices)}."
    return text(lambda value: None if value in choices else message)


def reads(read: Callable[[str], object], kind: str) -> Check:
    """Return the check of a string that a function must parse."""

    def check(value: str) -> str | None:
        try:
            read(value)
        except ValueError:
            return f"Not a valid {kind}."
        return None

    return text(check)


def instance(kind: type, name: str) -> Check:
    """Return the check of an exact type: `1` is not a boolean."""
    return lambda value: [] if type(value) is kind else [f"Not a valid {name}."]


def items(schema: Schema, *, strict: bool = False) -> Check:
    """Return the check of a list of at least one object, with faults by index."""

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
    """Return the check of an object inside a body."""
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
