"""How wire classes become neutral values: what follows from the classes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

import attrs
from attrs import frozen

from ...errors import UnexpectedResponse
from ...model._fields import (
    NEVER_NULL,
    SetSlot,
    factories_of,
    slots_of,
    unchecked,
)
from ...model.values import field_types, item_types, list_fields
from .neutral import Mapped, MappedField, wire_fields
from .tables import words_for
from .wire_rules import implied_values

T = TypeVar("T")

_Get: TypeAlias = Callable[[Any], Any]
"""Returns a field of a wire object, or what a value is converted to."""
_Option: TypeAlias = Callable[[Any, Any], bool]
"""Sets a field from a wire object; returns False where the object has nothing for it."""


@frozen
class ValuePlan:
    """How the objects of a wire class become values of one class.

    It is computed once, because it takes longer than to read a record.
    """

    kind: Any
    slots: Mapping[str, SetSlot]
    constants: Sequence[tuple[SetSlot, Any]]
    """What a field has where nothing else is set: its default, or what is implied."""
    factories: Sequence[tuple[SetSlot, Callable[[], Any]]]
    plain: Sequence[tuple[str, SetSlot, _Get, Any]]
    """The fields that are passed on as they are, with their defaults."""
    others: Sequence[tuple[str, Sequence[_Option]]]
    """The fields that are converted, or of which a wire object has several."""

    def build(self, wire: Any, computed: Mapping[str, Any]) -> Any:
        """Return the value of a wire object; a computed field replaces that of the object."""
        # As `unchecked` does it, without a dictionary of all members.
        value = object.__new__(self.kind)
        for set_slot, member in self.constants:
            set_slot(value, member)
        for set_slot, create in self.factories:
            set_slot(value, create())
        for name, set_slot, get, default in self.plain:
            if name not in computed:
                member = get(wire)
                set_slot(value, default if member is None else member)
        for name, options in self.others:
            if name not in computed:
                for option in options:
                    if option(wire, value):
                        break
        slots = self.slots
        for name, member in computed.items():
            slots[name](value, member)
        return value


@frozen
class _Item:
    """How fields of a wire object become one item of a list.

    A field without a part is the whole item. `plans` are those of the items after the first
    one, and of the first one. `needed` has the fields of each part without which there is
    no item: a nationality alone is no passport.
    """

    kind: Any
    chosen: Mapping[str, Any]
    """The kind that a name such as `addresses[mailing]` selects."""
    fields: Sequence[tuple[_Get, Mapped]]
    plans: tuple[ValuePlan, ValuePlan] | None
    needed: Sequence[Sequence[_Get]] = ()

    def read(self, wire: Any, *, is_first: bool) -> Any:
        """Return the item, or None where no field of it, or no needed one, is present."""
        for fields in self.needed:
            if all(get(wire) is None for get in fields):
                return None
        for get, mapped in self.fields:
            content = get(wire)
            if content is None:
                continue
            if mapped.part is not None and self.plans is not None:
                return self.plans[is_first].build(wire, {})
            if callable(mapped.read):
                content = mapped.read(content)
            return _item(self.kind, content, self.chosen, is_first=is_first)
        return None


@cache
def value_plan(wire: Any, kind: Any, *, is_first: bool = True) -> ValuePlan:
    """Return how a wire class becomes a value, which is the first of its list or is not."""
    fields: list[MappedField] = []
    lists: dict[str, dict[str, list[MappedField]]] = {}
    for field in wire_fields(wire):
        mapped = field.mapped
        if mapped is None or mapped.write_only or mapped.name not in slots_of(kind):
            continue
        if mapped.item is None:
            fields.append(field)
        else:
            lists.setdefault(mapped.name, {}).setdefault(mapped.item, []).append(field)
    items = {
        name: [_item_plan(wire, item_types(kind).get(name), it) for it in each.values()]
        for name, each in lists.items()
    }
    implied = implied_values(wire, kind, is_first=is_first)
    return _plan(kind, fields, implied, items)


def _item_plan(wire: Any, kind: Any, fields: Sequence[MappedField]) -> _Item:
    named = [(_getter(field.path), field.mapped) for field in fields if field.mapped]
    chosen = _kind_of(kind, named[0][1])
    if kind is None:
        return _Item(kind, chosen, named, None)
    parts = [field for field in fields if field.mapped and field.mapped.part]
    later, first = (
        _plan(kind, parts, {**implied_values(wire, kind, is_first=is_first), **chosen})
        for is_first in (False, True)
    )
    needed = [
        [get for get, mapped in named if mapped.part == part]
        for part in _needed_fields(kind)
    ]
    return _Item(kind, chosen, named, (later, first), list(filter(None, needed)))


def _needed_fields(kind: Any) -> list[str]:
    """Return the fields without which a value is none, such as the number of a document.

    A document of an unknown kind is still a document.
    """
    return [
        it.name
        for it in attrs.fields(kind)
        if it.default is attrs.NOTHING
        or (it.default is None and NEVER_NULL in it.metadata and it.name != "kind")
    ]


def _kind_of(item_class: Any, mapped: Mapped) -> dict[str, Any]:
    """Return the kind that a name such as `addresses[mailing]` selects."""
    if mapped.index is not None:
        return {}
    return {"kind": field_types(item_class)["kind"](mapped.item)}


def _plan(
    kind: Any,
    fields: Iterable[MappedField],
    implied: Mapping[str, Any],
    lists: Mapping[str, Sequence[_Item]] = {},
) -> ValuePlan:
    slots = slots_of(kind)
    constants = {**_defaults(kind), **implied}
    plain: list[tuple[str, SetSlot, _Get, Any]] = []
    others: dict[str, list[_Option]] = {}
    for name, several in _by_name(fields).items():
        (field, mapped), *more = several
        is_one = not more and name not in lists and name in constants
        if is_one and _is_plain(kind, name, mapped):
            default = constants.pop(name)
            plain.append((name, slots[name], _getter(field.path), default))
        else:
            others[name] = [_option(kind, name, *each) for each in several]
    for name, items in lists.items():
        others.setdefault(name, []).append(partial(_set_items, slots[name], items))
    return ValuePlan(
        kind,
        slots,
        [(slots[name], member) for name, member in constants.items()],
        [(slots[name], create) for name, create in factories_of(kind).items()],
        plain,
        list(others.items()),
    )


def _defaults(kind: Any) -> dict[str, Any]:
    """Return the defaults of a value class, without those that a function creates.

    A text that each value has, such as the number of a phone, is "" where it is absent.
    """
    types, factories = field_types(kind), factories_of(kind)
    return {
        it.name: ""
        if it.default is attrs.NOTHING and types[it.name] is str
        else it.default
        for it in attrs.fields(kind)
        if it.name not in factories
    }


def _by_name(
    fields: Iterable[MappedField],
) -> Mapping[str, list[tuple[MappedField, Mapped]]]:
    """Return the wire fields of each neutral field."""
    named: dict[str, list[tuple[MappedField, Mapped]]] = {}
    for field in fields:
        if mapped := field.mapped:
            named.setdefault(mapped.part or mapped.name, []).append((field, mapped))
    return named


def _is_plain(kind: Any, name: str, mapped: Mapped) -> bool:
    """Return whether a value is passed on as it is."""
    is_converted = callable(mapped.read) or words_for(mapped)
    return not is_converted and name not in (*item_types(kind), *list_fields(kind))


def _option(kind: Any, name: str, field: MappedField, mapped: Mapped) -> _Option:
    get, set_slot = _getter(field.path), slots_of(kind)[name]
    if words := words_for(mapped):
        set_native = slots_of(kind).get(f"native_{name}")
        return _words_option(get, set_slot, set_native, words, is_part=mapped.part)
    convert: _Get | None = None
    if callable(mapped.read):
        convert = _explained(mapped.read, field)
    elif item := item_types(kind).get(name):
        convert = partial(_built, item)
    is_list = name in list_fields(kind)

    def set_member(wire: Any, value: Any) -> bool:
        member = get(wire)
        if member is not None and convert is not None:
            member = convert(member)
        if member is None:
            return False
        if is_list:
            several = isinstance(member, (list, tuple))
            member = tuple(member) if several else (member,)
        set_slot(value, member)
        return True

    return set_member


def _words_option(
    get: _Get,
    set_slot: SetSlot,
    set_native: SetSlot | None,
    words: Mapping[Any, Any],
    *,
    is_part: object,
) -> _Option:
    """Return what sets the member of a word, and the word where a field is for it.

    An absent word is UNKNOWN, but for a part of an item.
    """
    unknown = next(iter(words.values())).__class__["UNKNOWN"]

    def set_word(wire: Any, value: Any) -> bool:
        word = get(wire)
        if word is None and is_part:
            return False
        set_slot(value, words.get(word, unknown))
        if set_native is not None:
            set_native(value, word)
        return True

    return set_word


def _set_items(
    set_slot: SetSlot, items: Iterable[_Item], wire: Any, value: Any
) -> bool:
    """Set a list whose items the vendor has as separate fields."""
    several: list[Any] = []
    for item in items:
        content = item.read(wire, is_first=not several)
        if content is not None:
            several.append(content)
    if several:
        set_slot(value, tuple(several))
    return bool(several)


def _getter(path: Sequence[str]) -> _Get:
    """Return a function that returns the value at a path of attributes, or None."""
    *outer, last = path
    member = attrgetter(last)
    if not outer:
        return member
    get_object = _getter(outer)

    def get(wire: Any) -> Any:
        inner = get_object(wire)
        return None if inner is None else member(inner)

    return get


def _explained(convert: _Get, field: MappedField) -> _Get:
    """Return a function whose errors name the place of the field."""

    def converted(value: Any) -> Any:
        try:
            return convert(value)
        except UnexpectedResponse as error:
            if error.path not in (None, "$"):
                raise
            # A function that is used for several fields does not know their places.
            path = f"$.{'.'.join(field.natives)}"
            raise UnexpectedResponse(f"{path} does not fit", path=path) from None

    return converted


def _built(kind: type, value: Any) -> Any:
    """Return the neutral items of inner wire objects; any other value as it is."""
    if not isinstance(value, (list, tuple)):
        return _item(kind, value, {}, is_first=True)
    return [
        _item(kind, content, {}, is_first=index == 0)
        for index, content in enumerate(value)
    ]


def _item(kind: Any, content: Any, fields: Any, *, is_first: bool) -> Any:
    """Return an item of a list: of a class, or a text where *kind* is None."""
    if kind is None or content is None:
        return content
    if isinstance(content, kind):
        return with_fields(content, fields) if fields else content
    if attrs.has(content.__class__):
        plan = value_plan(content.__class__, kind, is_first=is_first)
        return plan.build(content, fields)
    return content


def with_fields(value: T, fields: Mapping[str, Any]) -> T:
    """Return a value with other fields, unvalidated as a vendor returned it."""
    kind: Any = type(value)
    whole = {each.name: getattr(value, each.name) for each in attrs.fields(kind)}
    changed: T = unchecked(kind, {**whole, **fields})
    return changed
