"""What a wire class declares of the neutral values that it is written from and read as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias, TypeVar

import attrs
from attrs import evolve, frozen

from ...declaration.field_rules import field_rules
from ...declaration.read_rules import ReadRule, require_field, unreturned
from ...declaration.vocabulary import FieldRule, Fields, Implied
from ...model.accounts import Account, NewAccount
from ...model.customers import Customer, NewCustomer
from ...model.values import item_types
from .neutral import Mapped, parts_of, wire_fields

W = TypeVar("W")

Rules: TypeAlias = Mapping[type, Fields]
"""The rules of the fields of each value: the `fields` of a declaration."""

_RETURNED_AS: Mapping[type, type] = {NewCustomer: Customer, NewAccount: Account}
"""The value as which a vendor returns a new one: its rules may name fields of both."""
_WRITES = "__anybank_writes__"
_READS = "__anybank_reads__"


@frozen
class _Written:
    """A value class that is written as a wire class, and the rules of its fields."""

    kind: type
    source: str
    rules: Mapping[str, FieldRule]
    refused: tuple[str, ...]


def writes(
    kind: type,
    source: str,
    rules: Mapping[str, FieldRule] | None = None,
    refused: Iterable[str] = (),
) -> Callable[[type[W]], type[W]]:
    """Declare that a value, such as a NewCustomer, is written as this wire class.

    `source` is the page of each rule that names none itself. The rules of the fields stand
    with the fields; `rules` adds those of fields that the vendor does not have as such, and
    `refused` lists the fields that the vendor does not have at all. What `rules` declares
    as implied is also what `build` reads. Several decorators declare several values: that
    of `GovernmentId` has the rules of the fields `government_ids[...]`.
    """
    written = _Written(kind, source, rules or {}, tuple(refused))

    def declare(wire: type[W]) -> type[W]:
        for name in (*written.rules, *written.refused):
            _require_field_or_returned(kind, name)
        setattr(wire, _WRITES, (written, *vars(wire).get(_WRITES, ())))
        return wire

    return declare


def _require_field_or_returned(kind: type, name: str) -> None:
    """Raise ValueError for a name that is a field of neither a value nor its record."""
    returned = _RETURNED_AS.get(kind, kind)
    require_field(returned if name in attrs.fields_dict(returned) else kind, name)


def reads(
    kind: type, source: str, /, **unreturned_fields: str
) -> Callable[[type[W]], type[W]]:
    """Declare that records of this wire class are read as a value, such as a Customer.

    `source` is the vendor's page that shows the record. The other arguments name the
    fields that the vendor never returns, each with the reason.
    """
    rule = unreturned(source, **unreturned_fields)

    def declare(wire: type[W]) -> type[W]:
        for name in rule.never:
            require_field(kind, name)
        setattr(wire, _READS, {kind: rule, **vars(wire).get(_READS, {})})
        return wire

    return declare


def rules_of(*places: ModuleType | type) -> dict[type, dict[str, FieldRule]]:
    """Return the rules of the values that are written as wire classes, by value.

    They are the `fields` of a declaration. A place is a wire class, or a module with wire
    classes. Two of them may be parts of one value. Raises TypeError for a wire class
    without `writes`, whose rules would be nobody's.
    """
    for place in places:
        if isinstance(place, type) and not _written(place):
            raise TypeError(f"{place.__name__} has no @writes: name the value it is of")
    tables: dict[type, dict[str, FieldRule]] = {}
    for wire in _wire_classes(places):
        for written in _written(wire):
            rules = {**_rules_of_fields(wire, written.kind), **written.rules}
            declared = field_rules(written.source, rules, written.refused)
            tables.setdefault(written.kind, {}).update(declared)
    return {kind: tables[kind] for kind in _in_reading_order(tables)}


def _in_reading_order(kinds: Collection[type]) -> Iterator[type]:
    """Yield the value classes, the items of its lists after each one."""
    items = _item_classes(kinds)
    for kind in kinds:
        if kind not in items:
            yield kind
            yield from (it for it in item_types(kind).values() if it in kinds)


def read_rules_of(*places: ModuleType | type) -> dict[type, ReadRule]:
    """Return the fields that the values of wire classes never have, by value.

    They are the `reads` of a declaration. A place is a wire class, or a module with wire
    classes.
    """
    return {
        kind: rule
        for wire in _wire_classes(places)
        for kind, rule in vars(wire).get(_READS, {}).items()
    }


def _wire_classes(places: Iterable[ModuleType | type]) -> Iterator[type]:
    """Yield the wire classes, each of a module where it is defined."""
    for place in places:
        if isinstance(place, type):
            yield place
            continue
        for member in vars(place).values():
            is_own = getattr(member, "__module__", None) == place.__name__
            if is_own and isinstance(member, type):
                yield member


def _written(wire: type) -> tuple[_Written, ...]:
    declared: tuple[_Written, ...] = vars(wire).get(_WRITES, ())
    return declared


def _rules_of_fields(wire: type, kind: type) -> dict[str, FieldRule]:
    """Return the rules that stand with the fields of a wire class, of one value class."""
    rules: dict[str, FieldRule] = {}
    items: dict[str, set[str]] = defaultdict(set)
    for field in wire_fields(wire):
        mapped = field.mapped
        if mapped is None or mapped.rule is None:
            continue
        if _class_of(mapped, wire, kind) is kind:
            name = mapped.part or mapped.name
            rules.setdefault(name, _with_native(mapped.rule, name, field.natives[-1]))
        if mapped.item and mapped.name in attrs.fields_dict(kind):
            items[mapped.name].add(mapped.item)
    # A list that the vendor has as separate fields has at most as many items.
    lists = {name: FieldRule(items=(0, len(each))) for name, each in items.items()}
    return {**lists, **rules}


def _with_native(rule: FieldRule, name: str, native: str) -> FieldRule:
    return rule if native == name else evolve(rule, native=native)


def _class_of(mapped: Mapped, wire: type, kind: type) -> type | None:
    """Return the value class to which the rule of a field belongs, of those written."""
    written = [each.kind for each in _written(wire)]
    if mapped.part:
        items = (item_types(each).get(mapped.name) for each in written)
        return next(filter(None, items), None)
    return None if kind in _item_classes(written) else kind


def _item_classes(kinds: Iterable[type]) -> set[type]:
    return {item for kind in kinds for item in item_types(kind).values()}


@cache
def implied_values(wire: Any, kind: Any, *, is_first: bool) -> Mapping[str, Any]:
    """Return what the rules of a wire class imply for fields that the vendor lacks.

    A field that is implied for the first item of a list is True in that item alone.
    """
    mapped = [field.mapped.name for field in wire_fields(wire) if field.mapped]
    lacking = attrs.fields_dict(kind).keys() - mapped
    rules = [(name, rule) for name, rule in _rules_for(wire, kind) if name in lacking]
    firsts = {name: is_first for name, rule in rules if rule.implied is Implied.FIRST}
    constants = {name: rule.implied_constant for name, rule in rules}
    return {
        **{name: value for name, value in constants.items() if value is not None},
        **firsts,
    }


def _rules_for(wire: Any, kind: type) -> Iterator[tuple[str, FieldRule]]:
    """Yield the rules of a value, or of the new value that it was created from."""
    chosen = written_kinds(wire, kind)
    for part in parts_of(wire):
        tables = rules_of(part) if _written(part) else {}
        for table_kind, table in tables.items():
            if table_kind in chosen:
                yield from table.items()


@cache
def written_kinds(wire: Any, kind: type) -> frozenset[type]:
    """Return a value class if it has rules, or those that it is created from."""
    kinds = [each.kind for part in parts_of(wire) for each in _written(part)]
    return frozenset({kind} if kind in kinds else set(kinds) - _item_classes(kinds))
