"""Neutral values from wire objects, and the vendor's objects from neutral values."""

from __future__ import annotations

from typing import Any, TypeVar

import attrs

from ...declaration.vocabulary import FieldRule
from ...model.unset import UNSET
from ...model.values import item_types
from ..own_fields import with_own_fields
from .neutral import Mapped, MappedField, wire_fields
from .value_plans import value_plan, with_fields
from .wire_rules import Rules, written_kinds

T = TypeVar("T")

_NO_RULES: Rules = {}


def build(
    value_class: type[T],
    wire: Any,
    raw: Any = None,
    rules: Rules = _NO_RULES,
    /,
    **computed: Any,
) -> T:
    """Return a neutral value from a wire object and what the adapter computes itself.

    A computed field replaces that of the wire object, and of several wire fields the first
    that is present is read. What the rules of the wire class imply is added. `rules` are
    the `fields` of a declaration that options have changed: its words are also read.
    Raises TypeError for a name that is no field of the value class.
    """
    kind: Any = value_class
    plan = value_plan(wire.__class__, kind)
    if not plan.slots.keys() >= computed.keys():
        unknown = sorted(computed.keys() - plan.slots.keys())
        raise TypeError(f"{kind.__name__} has no field {', '.join(unknown)}")
    if raw is not None and "raw" in plan.slots:
        computed.setdefault("raw", raw)
    value: T = plan.build(wire, computed)
    if not rules:
        return value
    return _with_words(value, _with_own(wire.__class__, value_class, rules))


def _with_words(value: T, rules: Rules) -> T:
    """Return a value with the members of the vendor's words that the rules have."""
    kind: Any = type(value)
    changed: dict[str, Any] = {}
    for name, rule in rules.get(kind, {}).items():
        native = getattr(value, f"native_{name}", None)
        member = rule.members.get(native) if native is not None else None
        if member is not None and member is not getattr(value, name):
            changed[name] = member
    for name in item_types(kind):
        items = getattr(value, name)
        read = tuple(_with_words(it, rules) for it in items)
        if any(new is not old for new, old in zip(read, items, strict=True)):
            changed[name] = read
    return with_fields(value, changed) if changed else value


def write(
    wire: type, value: Any, *, extras: str | None = None, rules: Rules = _NO_RULES
) -> dict[str, Any]:
    """Return the vendor's object of a value, or of changes.

    It has the fields that are set, not None, and accepted by their rule, the constants, and
    the value's extras for the provider that is named by `extras`. A change to None of a
    field that is `clearable` is written as null or as an empty list. `rules` are the
    `fields` of a declaration that options have changed, in place of those of the class.
    """
    known = _with_own(wire, type(value), rules) if rules else rules
    written = _object(wire, value, known)
    if extras is None:
        return written
    return with_own_fields(written, value.extras.get(extras))


def _object(wire: type, value: Any, rules: Rules) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for field in wire_fields(wire):
        mapped = field.mapped
        if field.constant is not None:
            _put(written, field.natives, field.constant)
        if mapped and (rule := _rule(type(value), mapped, rules)) and rule.is_accepted:
            theirs = _written(field, mapped, rule, _member(value, mapped), rules)
            if theirs is not None:
                _put(written, field.natives, theirs)
            elif _is_cleared(value, mapped, rule):
                _put(written, field.natives, [] if field.is_list else None)
    return written


def _with_own(wire: type, kind: type, rules: Rules) -> Rules:
    """Return rules with those of a value that is read, or of changes, under its own class.

    They are the rules of the new value that is written as the wire class.
    """
    own: dict[str, FieldRule] = {}
    for each in written_kinds(wire, kind):
        own |= rules.get(each, {})
    return {**rules, kind: own}


def _rule(kind: type, mapped: Mapped, rules: Rules) -> FieldRule | None:
    """Return the rule of a field: that of a bank's declaration, or of the wire class."""
    if not mapped.rule or not rules:
        return mapped.rule
    of = item_types(kind).get(mapped.name, kind) if mapped.part else kind
    return rules.get(of, {}).get(mapped.part or mapped.name, mapped.rule)


def _is_cleared(value: Any, mapped: Mapped, rule: FieldRule) -> bool:
    """Return whether changes remove the value of a field: all others have it UNSET."""
    if not rule.clearable or mapped.item is not None:
        return False
    field = attrs.fields_dict(type(value)).get(mapped.name)
    is_change = field is not None and field.default is UNSET
    return is_change and getattr(value, mapped.name) in (None, ())


def _member(value: Any, mapped: Mapped) -> Any:
    """Return the field of a value, or the item or the part of an item that is named."""
    member = getattr(value, mapped.name, None)
    if mapped.item is None or member is None or member is UNSET:
        return member
    index = mapped.index
    matches = [
        item
        for at, item in enumerate(member)
        if (at == index if index is not None else item.kind == mapped.item)
    ]
    if not matches:
        return None
    return getattr(matches[0], mapped.part) if mapped.part else matches[0]


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *outer, last = path
    for name in outer:
        tree = tree.setdefault(name, {})
    tree[last] = value


def _written(
    field: MappedField, mapped: Mapped, rule: FieldRule, value: Any, rules: Rules
) -> Any:
    """Return what the vendor is sent for a value; None for one that is not set."""
    if value is None or value is UNSET:
        return None
    if isinstance(value, (list, tuple)):
        if not value:
            return None
        if field.is_list:
            return [_written_item(field, mapped, rule, item, rules) for item in value]
        value = value[0]
    return _written_item(field, mapped, rule, value, rules)


def _written_item(
    field: MappedField, mapped: Mapped, rule: FieldRule, value: Any, rules: Rules
) -> Any:
    if mapped.write is not None:
        return mapped.write(value)
    if rule.values is not None:
        return rule.values.get(value)
    return _object(field.inner, value, rules) if field.inner else value
