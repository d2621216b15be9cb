"""Neutral values from wire objects, and the vendor's objects from neutral values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar

import attrs
from attrs import frozen

from ...declaration.vocabulary import FieldRule
from ...errors import UnexpectedResponse
from ...model.unset import UNSET
from ...model.values import field_types, item_types, list_fields, unvalidated
from ..own_fields import with_own_fields
from .neutral import Mapped, MappedField, wire_fields
from .tables import words_for
from .wire_rules import implied_values

T = TypeVar("T")


_Pair: TypeAlias = tuple[MappedField, Mapped]


@frozen
class _Plan:
    """How a wire class becomes a value: its plain fields, and those of items of lists."""

    known: frozenset[str]
    fields: Sequence[_Pair]
    items: Mapping[str, Mapping[str, Sequence[_Pair]]]
    """The fields of each list, by item."""


@cache
def _plan(wire: Any, kind: Any) -> _Plan:
    known = frozenset(attrs.fields_dict(kind))
    plain: list[_Pair] = []
    items: dict[str, dict[str, list[_Pair]]] = {}
    for field in wire_fields(wire):
        mapped = field.mapped
        if mapped is None or mapped.name not in known:
            continue
        if mapped.item is None:
            plain.append((field, mapped))
        else:
            of_list = items.setdefault(mapped.name, {})
            of_list.setdefault(mapped.item, []).append((field, mapped))
    return _Plan(known, plain, items)


def build(value_class: type[T], wire: Any, raw: Any = None, /, **computed: Any) -> T:
    """Return a neutral value from a wire object and what the adapter computes itself.

    A computed field replaces that of the wire object, and of several wire fields the first
    that is present is read. What the rules of the wire class imply is added. Raises
    TypeError for a name that is no field of the value class.
    """
    value: T = _build(value_class, wire, raw, computed, is_first=True)
    return value


def _build(
    kind: Any, wire: Any, raw: Any, computed: Mapping[str, Any], *, is_first: bool
) -> Any:
    plan = _plan(wire.__class__, kind)
    if unknown := computed.keys() - plan.known:
        raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    values = dict(computed)
    if raw is not None and "raw" in plan.known:
        values["raw"] = raw
    for field, mapped in plan.fields:
        if mapped.name not in values:
            values |= _read(kind, field, mapped, field.of(wire))
    for name, by_item in plan.items.items():
        if name not in values and (items := _items(kind, name, by_item, wire)):
            values[name] = items
    implied = implied_values(wire.__class__, kind, is_first=is_first)
    return unvalidated(kind, **{**implied, **values})


def _read(kind: type, field: MappedField, mapped: Mapped, value: Any) -> dict[str, Any]:
    """Return the neutral field of a value; one that is absent has the usual default."""
    name = mapped.part or mapped.name
    if words := words_for(mapped):
        unknown = next(iter(words.values())).__class__["UNKNOWN"]
        read = {name: words.get(value, unknown)}
        has_native = f"native_{name}" in attrs.fields_dict(kind)
        return {**read, f"native_{name}": value} if has_native else read
    if value is None:
        return {}
    value = _converted(kind, field, mapped, value)
    if value is None:
        return {}
    if name in list_fields(kind) and not isinstance(value, (list, tuple)):
        value = (value,)
    return {name: value}


def _converted(kind: type, field: MappedField, mapped: Mapped, value: Any) -> Any:
    if not callable(mapped.read):
        return _built(kind, mapped.part or mapped.name, value)
    try:
        return mapped.read(value)
    except UnexpectedResponse as error:
        if error.path not in (None, "$"):
            raise
        # A function that is used for several fields does not know their places.
        path = f"$.{'.'.join(field.natives)}"
        raise UnexpectedResponse(f"{path} does not fit", path=path) from None


def _built(kind: type, name: str, value: Any) -> Any:
    """Return the neutral items of inner wire objects; any other value as it is."""
    item = item_types(kind).get(name)
    if item is None:
        return value
    several = value if isinstance(value, (list, tuple)) else [value]
    built = [
        _item(item, content, {}, is_first=index == 0)
        for index, content in enumerate(several)
    ]
    return built if several is value else built[0]


def _item(kind: type, content: Any, fields: Any, *, is_first: bool) -> Any:
    is_wire = attrs.has(content.__class__) and not isinstance(content, kind)
    if is_wire:
        return _build(kind, content, None, fields, is_first=is_first)
    if not isinstance(content, kind) or not fields:
        return content
    whole = {each.name: getattr(content, each.name) for each in attrs.fields(kind)}
    return unvalidated(kind, **{**whole, **fields})


def _items(
    kind: type, name: str, by_item: Mapping[str, Sequence[_Pair]], wire: Any
) -> tuple[Any, ...]:
    """Return the items of a list that the vendor has as separate fields."""
    item_class = item_types(kind).get(name)
    items: list[Any] = []
    for fields in by_item.values():
        present = [(*pair, pair[0].of(wire)) for pair in fields]
        present = [each for each in present if each[2] is not None]
        if present:
            items.append(_item_of(item_class, present, wire, is_first=not items))
    return tuple(items)


def _item_of(
    item_class: Any,
    present: Sequence[tuple[MappedField, Mapped, Any]],
    wire: Any,
    *,
    is_first: bool,
) -> Any:
    field, mapped, content = present[0]
    kind = _kind_of(item_class, mapped)
    if mapped.part is None:
        read = mapped.read(content) if callable(mapped.read) else content
        return _item(item_class, read, kind, is_first=is_first)
    implied = implied_values(wire.__class__, item_class, is_first=is_first)
    values = {**implied, **kind}
    for field, mapped, content in reversed(present):
        values |= _read(item_class, field, mapped, content)
    return unvalidated(item_class, **values)


def _kind_of(item_class: Any, mapped: Mapped) -> dict[str, Any]:
    """Return the kind that a name such as `addresses[mailing]` selects."""
    if mapped.index is not None:
        return {}
    return {"kind": field_types(item_class)["kind"](mapped.item)}


def write(wire: type, value: Any, *, extras: str | None = None) -> dict[str, Any]:
    """Return the vendor's object of a value, or of changes.

    It has the fields that are set, not None, and accepted by their rule, the constants, and
    the value's extras for the provider that is named by `extras`.
    """
    written = _object(wire, value)
    if extras is None:
        return written
    return with_own_fields(written, value.extras.get(extras))


def _object(wire: type, value: Any) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for field in wire_fields(wire):
        mapped = field.mapped
        if field.constant is not None:
            _put(written, field.natives, field.constant)
        if mapped and mapped.rule and mapped.rule.is_accepted:
            ours = _member(value, mapped)
            theirs = None
            if ours not in (None, UNSET, ()):
                theirs = _written(field, mapped, mapped.rule, ours)
            if theirs is not None:
                _put(written, field.natives, theirs)
    return written


def _member(value: Any, mapped: Mapped) -> Any:
    """Return the field of a value, or the item or the part of an item that is named."""
    member = getattr(value, mapped.name, None)
    if mapped.item is None or member in (None, UNSET):
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


def _written(field: MappedField, mapped: Mapped, rule: FieldRule, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if field.is_list:
            return [_written_item(field, mapped, rule, item) for item in value]
        value = value[0]
    return _written_item(field, mapped, rule, value)


def _written_item(
    field: MappedField, mapped: Mapped, rule: FieldRule, value: Any
) -> Any:
    if mapped.write is not None:
        return mapped.write(value)
    if rule.values is not None:
        return rule.word(value)
    return _object(field.inner, value) if field.inner else value
