"""The rules of one program, which replace those of the vendor's pages.

A program may have an agreement with its vendor that no page shows, such as longer names.
Only rules that the library itself checks can be replaced. An adapter writes and reads
what it was written for, so an override cannot make a vendor accept a field, more items
or a change that the adapter would not send: the data would be lost silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from attrs import evolve

from ..errors import ConfigurationError
from .vocabulary import Capabilities, Create, FieldRule, PoBox, Submit, Update

_STRICTER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "create": {"optional": get_args(Create), "required": ("required",)},
    "update": {
        "always": get_args(Update),
        "before_kyc": ("before_kyc", "never"),
        "never": ("never",),
    },
}
"""The words that may replace each word of a rule: the same, and the stricter ones."""


def override(declared: Capabilities, overrides: object) -> Capabilities:
    """Return a declaration with the rules of a program.

    *overrides* maps a field (`NewCustomer.first_name`) to parts of its rule
    (`{"length": (1, 80)}`). The rules that it changes name the changed parts in
    `overridden` and an override as their source. Raises ConfigurationError for an unknown
    field or part, and for a value that a part cannot have.
    """
    if not overrides:
        return declared
    fields = {kind: dict(rules) for kind, rules in declared.fields.items()}
    kinds = {kind.__name__: kind for kind in fields}
    entries = dict(_entries(overrides))
    for path, parts in entries.items():
        kind, _, name = path.partition(".")
        rules = fields.get(kinds.get(kind, object), {})
        if name not in rules:
            raise _unknown_field(declared, path, kinds)
        rules[name] = _overridden(declared, path, rules[name], parts)
    changed = "; ".join(
        f"{path} ({', '.join(parts)})" for path, parts in entries.items()
    )
    note = f"overrides of this program replace rules of the pages: {changed}"
    return evolve(
        declared, fields=fields, overrides=entries, notes=(*declared.notes, note)
    )


def parse_overrides(text: str, source: str) -> object:
    """Read overrides from JSON; raises ConfigurationError naming the variable *source*."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    # Not in the `except` block: the exception has the whole text.
    raise ConfigurationError(f"{source} must be a JSON object, or file:PATH of one")


def _entries(overrides: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each field with the parts of its rule."""
    if not isinstance(overrides, Mapping):
        raise _ill_formed()
    for path, parts in overrides.items():
        if not isinstance(path, str) or not isinstance(parts, Mapping) or not parts:
            raise _ill_formed()
        yield path, parts


def _ill_formed() -> ConfigurationError:
    return ConfigurationError(
        "overrides must map fields to parts of their rules, such as "
        '{"NewCustomer.first_name": {"length": [1, 80]}}'
    )


def _unknown_field(
    declared: Capabilities, path: str, kinds: Mapping[str, type]
) -> ConfigurationError:
    kind, _, name = path.partition(".")
    if kind in kinds and name:
        known = ", ".join(declared.rules(kinds[kind]))
    else:
        known = ", ".join(f"{name}.<field>" for name in kinds)
    return ConfigurationError(
        f"overrides: {declared.title} declares no rule for {path}. Use one of: {known}"
    )


def _overridden(
    declared: Capabilities, path: str, rule: FieldRule, parts: Mapping[str, Any]
) -> FieldRule:
    """Return a rule with other parts."""
    if not rule.is_accepted:
        raise ConfigurationError(
            f"overrides: {path} is not supported by {declared.title}, and an override "
            "cannot change that: the adapter would not send it. Use extra_body"
        )
    for part, value in parts.items():
        if part not in _CHECKS:
            known = ", ".join(_CHECKS)
            raise ConfigurationError(
                f"overrides: {path} has no part {part} that can be replaced. Use one of: "
                f"{known}"
            )
        if problem := _CHECKS[part](rule, part, value):
            raise ConfigurationError(f"overrides: {part} of {path} must be {problem}")
    values: dict[str, Any] = {
        part: tuple(value) if isinstance(value, list) else value
        for part, value in parts.items()
    }
    values.setdefault("source", f"an override, in place of {rule.source}")
    if "pattern" in parts:
        # A pattern of the vendor for one country would otherwise take precedence.
        values = {"pattern_in": {}, "pattern_note": "", **values}
    return evolve(rule, **values, overridden=tuple(parts))


def _stricter(rule: FieldRule, part: str, value: object) -> str | None:
    allowed = _STRICTER[part].get(getattr(rule, part), ())
    if value in allowed:
        return None
    words = " or ".join(allowed) or f"left as it is ({getattr(rule, part)})"
    return f"{words}: an override can only be stricter"


def _one_of(*words: str) -> Callable[[FieldRule, str, object], str | None]:
    problem = " or ".join(words)
    return lambda _rule, _part, value: None if value in words else problem


def _items(rule: FieldRule, _part: str, value: object) -> str | None:
    """Check for a number of items that the vendor accepts as well."""
    least, greatest = rule.items or (0, None)
    fewest, most = _pair(value)
    is_within = fewest is not None and fewest >= least
    is_bounded = greatest is None or (most is not None and most <= greatest)
    if is_within and is_bounded and (most is None or most >= (fewest or 0)):
        return None
    at_most = "any number" if greatest is None else greatest
    return (
        f"a pair of numbers from {least} to {at_most}: an override can only be stricter"
    )


def _length(_rule: FieldRule, _part: str, value: object) -> str | None:
    fewest, most = _pair(value)
    if fewest is None or most is None or not 0 <= fewest <= most:
        return "a pair of numbers, such as [1, 80]"
    return None


def _pair(value: object) -> tuple[int | None, int | None]:
    """Return two whole numbers, each None if it is none."""
    if not isinstance(value, tuple | list) or len(value) != 2:  # a pair
        return None, None
    first, second = (number if type(number) is int else None for number in value)
    return first, second


def _pattern(_rule: FieldRule, _part: str, value: object) -> str | None:
    try:
        if isinstance(value, str):
            re.compile(value)
    except re.error:
        value = ...
    if value is None or isinstance(value, str):
        return None
    return "a regular expression, or None for no pattern"


def _text(_rule: FieldRule, _part: str, value: object) -> str | None:
    return None if isinstance(value, str) and value.strip() else "a text"


_CHECKS: Mapping[str, Callable[[FieldRule, str, object], str | None]] = {
    "length": _length,
    "pattern": _pattern,
    "pattern_note": _text,
    "items": _items,
    "create": _stricter,
    "update": _stricter,
    "submit": _one_of(*get_args(Submit)),
    "po_box": _one_of(*get_args(PoBox)),
    "note": _text,
    "source": _text,
}
"""The parts of a rule that an override may replace, each with its check."""
