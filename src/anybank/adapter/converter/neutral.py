"""Wire classes whose fields name their neutral counterparts, to read, write and declare.

    @writes(Address, PAGE, {"primary": refuse(implied=Implied.FIRST)}, refused=["id"])
    @frozen(kw_only=True)
    class WireAddress:
        street: str | None = neutral("line1", required(length=(1, 255)))
        zip: str | None = neutral("postal_code", required(pattern="[0-9]{5}"))

A field of the vendor stands once, with its type, its neutral name and its rule. `build`
reads a wire object into a neutral value, `write` writes a neutral value as the vendor's
object, `rules_of` returns the rules, and a Reader reads records with the names for errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import attrs
from attrs import evolve, frozen

from ...declaration.vocabulary import FieldRule
from .structure import WRITE_ONLY, native_metadata, native_names

Read: TypeAlias = Mapping[Any, Enum] | Callable[[Any], Any]
"""How a wire field is read: a table of the vendor's words, or a function."""

_MAPPED = "anybank.neutral"
_SEPARATE = "anybank.separate"
_CONSTANT = "anybank.constant"
_NAME = re.compile(r"(?P<field>\w+)(\[(?P<item>\w+)\](\.(?P<part>\w+))?)?")


@frozen
class Mapped:
    """The neutral field of a wire field, its rule, and how a value is read and written.

    In `addresses[mailing].line1` the name is `addresses`, the item `mailing` and the part
    `line1`. A field that is no item of a list has neither item nor part.
    """

    name: str
    rule: FieldRule | None = None
    read: Read | None = None
    write: Callable[[Any], Any] | None = None
    item: str | None = None
    part: str | None = None
    write_only: bool = False

    @property
    def index(self) -> int | None:
        """The index of the item, or None where its kind selects it."""
        return int(self.item) if self.item and self.item.isdigit() else None


_ID = Mapped("id")


@frozen
class MappedField:
    """A field of a wire class, with the names that lead to it from the whole object.

    `path` has the attributes, and `natives` the vendor's names. `inner` is the wire class
    of the field's objects, or None for a plain value.
    """

    path: tuple[str, ...]
    natives: tuple[str, ...]
    mapped: Mapped | None
    inner: type | None
    is_list: bool
    constant: str | None = None


def neutral(
    name: str,
    rule: FieldRule | None = None,
    *,
    read: Read | None = None,
    write: Callable[[Any], Any] | None = None,
    native: str | None = None,
    write_only: bool = False,
) -> Any:
    """Declare a wire field that may be absent, and the neutral field that it is.

    `read` converts a value that is present: a function, or a table of the vendor's words,
    which also fills `native_<name>` and reads every other word as UNKNOWN. `write` is its
    inverse. Without them the `values` of the rule are read and written, and the items of an
    inner wire class by their own fields. A neutral list of at most one item is a plain
    field of the vendor. `native` is the vendor's name where Python does not allow it.
    A `write_only` field, such as a secret, is read from no response, nor is a field that is
    accepted and, by its rule, never returned.

    A field of the vendor may be one item of a neutral list, or a part of one:
    `addresses[mailing]` is the address of that kind, `government_ids[passport].number` the
    number of a passport, and `addresses[0].line1` the line of the first address. The rule
    of a part is that of the item's class. Raises TypeError for a name of another form.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise TypeError(
            f"{name!r} is not of the form name, name[item] or name[item].part"
        )
    field, item, part = parts["field"], parts["item"], parts["part"]
    write_only |= rule is not None and rule.is_accepted and rule.read == "never"
    mapped = Mapped(field, rule, read, write, item, part, write_only)
    marked: dict[str, Any] = {_MAPPED: mapped, WRITE_ONLY: write_only}
    return attrs.field(default=None, metadata=marked | native_metadata(native))


def neutral_id(name: str = "id", *, native: str | None = None) -> Any:
    """Declare the id of a record, where the vendor or the value does not call it `id`.

    A record without it cannot be read. A balance, for example, has an `account_id`. Any
    other field that no record may lack, such as a status, is declared in the same way.
    `native` is the vendor's name where Python does not allow it.
    """
    return attrs.field(metadata={_MAPPED: Mapped(name)} | native_metadata(native))


def constant(word: str, *, native: str | None = None) -> Any:
    """Declare a member that `write` always writes with the same word, such as a type.

    It is not read. `native` is the vendor's name where Python does not allow it.
    """
    marked: dict[str, Any] = {_CONSTANT: word, WRITE_ONLY: True}
    return attrs.field(default=None, metadata=marked | native_metadata(native))


def separate(*, native: str | None = None) -> Any:
    """Declare an object that is read and is no part of the value, such as a guardian.

    The fields of any other object without a neutral name belong to the value. `native` is
    the vendor's name where Python does not allow it.
    """
    marked: dict[str, Any] = {_SEPARATE: True}
    return attrs.field(default=None, metadata=marked | native_metadata(native))


@cache
def wire_fields(wire: Any) -> tuple[MappedField, ...]:
    """Return the fields of a wire class, and those of inner classes without a name."""
    fields: list[MappedField] = []
    hints = get_type_hints(wire)
    for attribute in attrs.fields(wire):
        inner, is_list = _inner(hints[attribute.name])
        usual = _ID if attribute.name == "id" else None
        mapped = attribute.metadata.get(_MAPPED, usual)
        name = attribute.name
        natives = (native_names(wire)[name],)
        constant = attribute.metadata.get(_CONSTANT)
        whole = MappedField((name,), natives, mapped, inner, is_list, constant)
        fields.append(whole)
        if inner and is_transparent(whole, attribute):
            fields += (_below(whole, field) for field in wire_fields(inner))
    return tuple(fields)


def is_transparent(field: MappedField, attribute: Any) -> bool:
    """Return whether the fields of an inner object belong to the outer value."""
    is_named = field.mapped is not None or field.is_list
    return not is_named and _SEPARATE not in attribute.metadata


def parts_of(wire: Any) -> list[type]:
    """Return a wire class and the inner classes whose fields belong to the same value."""
    parts = [wire]
    for field, attribute in zip(_own_fields(wire), attrs.fields(wire), strict=True):
        if field.inner and is_transparent(field, attribute):
            parts += parts_of(field.inner)
    return parts


def _own_fields(wire: Any) -> list[MappedField]:
    return [field for field in wire_fields(wire) if len(field.path) == 1]


def has_neutral_names(wire: Any) -> bool:
    """Return whether a class is one whose fields name their neutral counterparts."""
    return any(_MAPPED in attribute.metadata for attribute in attrs.fields(wire))


def _below(outer: MappedField, field: MappedField) -> MappedField:
    """Return a field of an inner object, whose own id is none of the whole object."""
    return evolve(
        field,
        path=(*outer.path, *field.path),
        natives=(*outer.natives, *field.natives),
        mapped=None if field.mapped == _ID else field.mapped,
    )


def _inner(annotation: Any) -> tuple[type | None, bool]:
    """Return the wire class of a field, and whether the field is a list."""
    if get_origin(annotation) is UnionType:
        annotation, *others = (it for it in get_args(annotation) if it is not NoneType)
        if others:
            raise TypeError(
                f"a field of a wire class has the types {annotation} and {others[0]}: name "
                "one, and None (Decimal also reads a whole number)"
            )
    is_list = get_origin(annotation) is list
    kind = get_args(annotation)[0] if is_list else annotation
    return (kind if attrs.has(kind) else None), is_list
