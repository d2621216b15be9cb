"""Neutral values from wire objects, and the vendor's objects from neutral values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeVar

import attrs
from attrs import frozen

from ...declaration.vocabulary import FieldRule
from ...errors import UnexpectedResponse
from ...model.unset import UNSET
from ...model.values import field_types, item_types, list_fields, unvalidated
from ..own_fields import with_own_fields
from .neutral import Mapped, MappedField, wire_fields
from .tables import words_for
from .wire_rules import Rules, implied_values, written_kinds

T = TypeVar("T")

_NO_RULES: Rules = {}


@frozen
class _Step:
    """How a wire field becomes a neutral field: what is the same for every object."""

    name: str
    get: Callable[[Any], Any]
    convert: Callable[[Any], Any] | None
    is_list: bool = False
    words: Mapping[Any, Any] = {}
    unknown: Any = None
    """What a word without an entry in `words` is read as."""
    native: str | None = None
    """The neutral field that has the vendor's word."""
    is_item: bool = False
    """True for a field that is a whole item of a list, and not a part of one."""

    def read(self, wire: Any, values: dict[str, Any]) -> None:
        """Add the neutral field; one that is absent has the usual default."""
        value = self.get(wire)
        if self.words:
            values[self.name] = self.words.get(value, self.unknown)
            if self.native is not None:
                values[self.native] = value
            return
        if value is not None and self.convert is not None:
            value = self.convert(value)
        if value is None:
            return
        if self.is_list:
            value = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        values[self.name] = value


@frozen
class _Item:
    """How fields of a wire object become one item of a list."""

    kind: Any
    chosen: Mapping[str, Any]
    """The kind that a name such as `addresses[mailing]` selects."""
    steps: Sequence[_Step]
    implied: Sequence[Mapping[str, Any]]
    """What is implied for the items after the first one, and for the first one."""

    def read(self, wire: Any, *, is_first: bool) -> Any:
        """Return the item, or None where no field of it is present."""
        present = [step for step in self.steps if step.get(wire) is not None]
        values: dict[str, Any] = {}
        if present and present[0].is_item:
            present[0].read(wire, values)
            content = values.get(present[0].name)
            return _item(self.kind, content, self.chosen, is_first=is_first)
        if not present:
            return None
        _read(present, wire, values)
        return unvalidated(
            self.kind, **{**self.implied[is_first], **self.chosen, **values}
        )


@frozen
class _Plan:
    """How a wire class becomes a value: its plain fields, and the items of lists."""

    known: frozenset[str]
    steps: Sequence[_Step]
    lists: Mapping[str, Sequence[_Item]]
    implied: Mapping[str, Any]
    texts: Mapping[str, str]


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
    value: T = _build(value_class, wire, raw, computed, is_first=True)
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
    return _copy(value, changed) if changed else value


def _build(
    kind: Any, wire: Any, raw: Any, computed: Mapping[str, Any], *, is_first: bool
) -> Any:
    plan = _plan(wire.__class__, kind, is_first)
    if not plan.known >= computed.keys():
        unknown = sorted(computed.keys() - plan.known)
        raise TypeError(f"{kind.__name__} has no field {', '.join(unknown)}")
    values = {**plan.implied, **computed}
    if raw is not None and "raw" in plan.known:
        values["raw"] = raw
    _read(plan.steps, wire, values)
    for name, items in plan.lists.items():
        if name not in values and (several := _items(items, wire)):
            values[name] = several
    return unvalidated(kind, **{**plan.texts, **values})


def _read(steps: Iterable[_Step], wire: Any, values: dict[str, Any]) -> None:
    """Add the fields of a wire object, of several for one field the first."""
    for step in steps:
        if step.name not in values:
            step.read(wire, values)


def _items(items: Iterable[_Item], wire: Any) -> tuple[Any, ...]:
    """Return the items of a list that the vendor has as separate fields."""
    several: list[Any] = []
    for item in items:
        content = item.read(wire, is_first=not several)
        if content is not None:
            several.append(content)
    return tuple(several)


# What follows from the classes alone is computed once: it takes longer than the reading.
@cache
def _plan(wire: Any, kind: Any, is_first: bool) -> _Plan:  # noqa: FBT001  # a key of the cache
    known = frozenset(attrs.fields_dict(kind))
    plain: list[_Step] = []
    lists: dict[str, dict[str, list[MappedField]]] = {}
    for field in wire_fields(wire):
        mapped = field.mapped
        if mapped is None or mapped.write_only or mapped.name not in known:
            continue
        if mapped.item is None:
            plain.append(_step(kind, field, mapped))
        else:
            lists.setdefault(mapped.name, {}).setdefault(mapped.item, []).append(field)
    items = {
        name: [_item_plan(wire, item_types(kind).get(name), each) for each in by_item]
        for name, by_item in ((name, lists[name].values()) for name in lists)
    }
    implied = implied_values(wire, kind, is_first=is_first)
    return _Plan(known, plain, items, implied, _required_texts(kind))


def _item_plan(wire: Any, kind: Any, fields: Sequence[MappedField]) -> _Item:
    mapped = [field.mapped for field in fields if field.mapped]
    steps = [_step(kind, *pair) for pair in zip(fields, mapped, strict=True)]
    later, first = (
        {**_required_texts(kind), **implied_values(wire, kind, is_first=is_first)}
        if kind
        else {}
        for is_first in (False, True)
    )
    return _Item(kind, _kind_of(kind, mapped[0]), steps, (later, first))


def _required_texts(kind: Any) -> Mapping[str, str]:
    """Return "" for each text that a value has, such as the number of a phone."""
    types = field_types(kind)
    fields = [it for it in attrs.fields(kind) if it.default is attrs.NOTHING]
    return {it.name: "" for it in fields if types[it.name] is str}


def _step(kind: Any, field: MappedField, mapped: Mapped) -> _Step:
    name = mapped.part or mapped.name
    get = field.of if len(field.path) > 1 else attrgetter(*field.path)
    convert = None
    if callable(mapped.read):
        convert = partial(_converted, mapped.read, field)
    if mapped.item is not None and mapped.part is None:
        return _Step(name, get, convert, is_item=True)
    item, words, native = (
        item_types(kind).get(name),
        words_for(mapped),
        f"native_{name}",
    )
    if convert is None and item is not None:
        convert = partial(_built, item)
    return _Step(
        name,
        get,
        convert,
        is_list=name in list_fields(kind),
        words=words,
        unknown=next(iter(words.values())).__class__["UNKNOWN"] if words else None,
        native=native if native in attrs.fields_dict(kind) else None,
    )


def _converted(convert: Callable[[Any], Any], field: MappedField, value: Any) -> Any:
    try:
        return convert(value)
    except UnexpectedResponse as error:
        if error.path not in (None, "$"):
            raise
        # A function that is used for several fields does not know their places.
        path = f"$.{'.'.join(field.natives)}"
        raise UnexpectedResponse(f"{path} does not fit", path=path) from None


def _built(kind: type, value: Any) -> Any:
    """Return the neutral items of inner wire objects; any other value as it is."""
    several = value if isinstance(value, (list, tuple)) else [value]
    built = [
        _item(kind, content, {}, is_first=index == 0)
        for index, content in enumerate(several)
    ]
    return built if several is value else built[0]


def _item(kind: Any, content: Any, fields: Any, *, is_first: bool) -> Any:
    """Return an item of a list: of a class, or a text where *kind* is None."""
    if kind is None or content is None:
        return content
    if not isinstance(content, kind) and attrs.has(content.__class__):
        return _build(kind, content, None, fields, is_first=is_first)
    if not isinstance(content, kind) or not fields:
        return content
    return _copy(content, fields)


def _copy(value: T, fields: Mapping[str, Any]) -> T:
    """Return a value with other fields, unvalidated as a vendor returned it."""
    kind: Any = type(value)
    whole = {each.name: getattr(value, each.name) for each in attrs.fields(kind)}
    copy: T = unvalidated(kind, **{**whole, **fields})
    return copy


def _kind_of(item_class: Any, mapped: Mapped) -> dict[str, Any]:
    """Return the kind that a name such as `addresses[mailing]` selects."""
    if mapped.index is not None:
        return {}
    return {"kind": field_types(item_class)["kind"](mapped.item)}


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
