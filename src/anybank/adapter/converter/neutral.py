"""Wire classes whose fields name their neutral counterparts, to read, write and declare.

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
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import attrs
from attrs import evolve, frozen

from ...declaration.vocabulary import FieldRule
from ...model.pages import Page
from ...model.unset import UNSET
from ...model.values import item_types, list_fields, unvalidated
from .records import Build, Names, read_created, read_each
from .structure import native_metadata, native_names, read

T = TypeVar("T")

_MAPPED = "anybank.neutral"
_SEPARATE = "anybank.separate"
_CONSTANT = "anybank.constant"


@frozen
class Mapped:
    """The neutral field of a wire field, its rule, and how a value is read and written."""

    name: str
    rule: FieldRule | None = None
    read: Mapping[Any, Enum] | Callable[[Any], Any] | None = None
    write: Callable[[Any], Any] | None = None


_ID = Mapped("id")


@frozen
class _Field:
    """A field of a wire class, with the names that lead to it from the whole object.

    `path` has the attributes, and `natives` the vendor's names.
    """

    path: tuple[str, ...]
    natives: tuple[str, ...]
    mapped: Mapped | None
    inner: type | None
    """The wire class of the field's objects, or None for a plain value."""
    is_list: bool
    constant: str | None = None


def neutral(
    name: str,
    rule: FieldRule | None = None,
    *,
    read: Mapping[Any, Enum] | Callable[[Any], Any] | None = None,
    write: Callable[[Any], Any] | None = None,
    native: str | None = None,
) -> Any:
    """Declare a wire field that may be absent, and the neutral field that it is.

    `read` converts a value that is present: a function, or a table of the vendor's words,
    which also fills `native_<name>` and reads every other word as UNKNOWN. `write` is its
    inverse. Without them the `values` of the rule are read and written, and the items of an
    inner wire class by their own fields. A neutral list of at most one item is a plain
    field of the vendor. `native` is the vendor's name where Python does not allow it.
    """
    mapped = {_MAPPED: Mapped(name, rule, read, write)}
    return attrs.field(default=None, metadata=mapped | native_metadata(native))


def neutral_id(*, native: str | None = None) -> Any:
    """Declare the id of a record, where the vendor does not call it `id`.

    A record without it cannot be read. `native` is the vendor's name where Python does not
    allow it.
    """
    return attrs.field(metadata={_MAPPED: _ID} | native_metadata(native))


def constant(word: str, *, native: str | None = None) -> Any:
    """Declare a member that `write` always writes with the same word, such as a type.

    `native` is the vendor's name where Python does not allow it.
    """
    marked: dict[str, Any] = {_CONSTANT: word}
    return attrs.field(default=None, metadata=marked | native_metadata(native))


def separate(*, native: str | None = None) -> Any:
    """Declare an object that is read and is no part of the value, such as a guardian.

    The fields of any other object without a neutral name belong to the value. `native` is
    the vendor's name where Python does not allow it.
    """
    marked: dict[str, Any] = {_SEPARATE: True}
    return attrs.field(default=None, metadata=marked | native_metadata(native))


@cache
def _fields(wire: Any) -> tuple[_Field, ...]:
    """Return the fields of a wire class, and those of inner classes without a name."""
    fields: list[_Field] = []
    hints = get_type_hints(wire)
    for attribute in attrs.fields(wire):
        inner, is_list = _inner(hints[attribute.name])
        usual = _ID if attribute.name == "id" else None
        mapped = attribute.metadata.get(_MAPPED, usual)
        name = attribute.name
        natives = (native_names(wire)[name],)
        constant = attribute.metadata.get(_CONSTANT)
        whole = _Field((name,), natives, mapped, inner, is_list, constant)
        fields.append(whole)
        is_part = mapped is None and _SEPARATE not in attribute.metadata
        if is_part and inner and not is_list:
            fields += (_below(whole, field) for field in _fields(inner))
    return tuple(fields)


def _below(outer: _Field, field: _Field) -> _Field:
    """Return a field of an inner object, whose own id is none of the whole object."""
    return evolve(
        field,
        path=(*outer.path, *field.path),
        natives=(*outer.natives, *field.natives),
        mapped=None if field.mapped is _ID else field.mapped,
    )


def _inner(annotation: Any) -> tuple[type | None, bool]:
    """Return the wire class of a field, and whether the field is a list."""
    if get_origin(annotation) is UnionType:
        (annotation,) = (it for it in get_args(annotation) if it is not NoneType)
    is_list = get_origin(annotation) is list
    kind = get_args(annotation)[0] if is_list else annotation
    return (kind if attrs.has(kind) else None), is_list


def build(value_class: type[T], wire: Any, raw: Any = None, /, **computed: Any) -> T:
    """Return a neutral value from a wire object and what the adapter computes itself.

    A computed field replaces that of the wire object, and of several wire fields the first
    that is present is read. Raises TypeError for a name that is
    no field of the value class.
    """
    kind: Any = value_class  # attrs classes are hashable, which type[T] does not say
    known = _known(kind)
    values: dict[str, Any] = {"raw": raw} if "raw" in known and raw is not None else {}
    for field in _fields(wire.__class__):
        mapped = field.mapped
        if mapped and mapped.name in known - computed.keys() - values.keys():
            values |= _read(kind, mapped, _value(wire, field.path))
    if unknown := computed.keys() - known:
        raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    value: T = unvalidated(kind, **values, **computed)
    return value


@cache
def _known(kind: Any) -> frozenset[str]:
    return frozenset(attrs.fields_dict(kind))


def _value(wire: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        wire = getattr(wire, name) if wire is not None else None
    return wire


def _read(kind: type, mapped: Mapped, value: Any) -> dict[str, Any]:
    """Return the neutral field of a value; one that is absent has the usual default."""
    if words := _words(mapped):
        unknown = next(iter(words.values())).__class__["UNKNOWN"]
        read = {mapped.name: words.get(value, unknown)}
        has_native = f"native_{mapped.name}" in _known(kind)
        return {**read, f"native_{mapped.name}": value} if has_native else read
    if value is None:
        return {}
    value = (
        mapped.read(value)
        if callable(mapped.read)
        else _built(kind, mapped.name, value)
    )
    if value is None:
        return {}
    if mapped.name in list_fields(kind) and not isinstance(value, (list, tuple)):
        value = (value,)
    return {mapped.name: value}


def _words(mapped: Mapped) -> Mapping[Any, Enum]:
    """Return the table by which a field is read, or an empty one."""
    if isinstance(mapped.read, Mapping):
        return mapped.read
    is_declared = mapped.read is None and mapped.rule and mapped.rule.values
    return mapped.rule.members if mapped.rule and is_declared else {}


def _built(kind: type, name: str, value: Any) -> Any:
    """Return the neutral items of inner wire objects; any other value as it is."""
    item = item_types(kind).get(name)
    if item is None:
        return value
    if isinstance(value, (list, tuple)):
        return [_built(kind, name, each) for each in value]
    is_wire = attrs.has(value.__class__) and not isinstance(value, item)
    return build(item, value) if is_wire else value


def write(wire: type, value: Any) -> dict[str, Any]:
    """Return the vendor's object of a value, or of changes.

    It has the fields that are set, not None, and accepted by their rule, and the constants.
    """
    written: dict[str, Any] = {}
    for field in _fields(wire):
        mapped = field.mapped
        if field.constant is not None:
            _put(written, field.natives, field.constant)
        if mapped and mapped.rule and mapped.rule.is_accepted:
            ours = getattr(value, mapped.name, None)
            if ours not in (None, UNSET, ()):
                _put(written, field.natives, _written(field, mapped, mapped.rule, ours))
    return written


def _put(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *outer, last = path
    for name in outer:
        tree = tree.setdefault(name, {})
    tree[last] = value


def _written(field: _Field, mapped: Mapped, rule: FieldRule, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if field.is_list:
            return [_written_item(field, mapped, rule, item) for item in value]
        value = value[0]
    return _written_item(field, mapped, rule, value)


def _written_item(field: _Field, mapped: Mapped, rule: FieldRule, value: Any) -> Any:
    if mapped.write is not None:
        return mapped.write(value)
    if rule.values is not None:
        return rule.word(value)
    return write(field.inner, value) if field.inner else value


def rules_of(wire: type) -> dict[str, FieldRule]:
    """Return the rules of a wire class by neutral name, with the vendor's names."""
    rules: dict[str, FieldRule] = {}
    for field in _fields(wire):
        mapped, native = field.mapped, field.natives[-1]
        if mapped and mapped.rule:
            is_same = native == mapped.name
            rule = mapped.rule
            rules[mapped.name] = rule if is_same else evolve(rule, native=native)
    return rules


def word_tables(wire: type) -> Mapping[str, Mapping[Any, Any]]:
    """Return every table of words of a wire class, by its neutral field."""
    marked = (_MAPPED in attribute.metadata for attribute in attrs.fields(wire))
    fields = _fields(wire) if any(marked) else ()
    return {
        field.mapped.name: words
        for field in fields
        if field.mapped and (words := _words(field.mapped))
    }


def words_of(wire: type, name: str) -> Mapping[str, Any]:
    """Return the table of the vendor's words that a neutral field is read by."""
    return next(
        words
        for field in _fields(wire)
        if field.mapped
        and field.mapped.name == name
        and (words := _words(field.mapped))
    )


def neutral_names(wire: type, kind: type) -> dict[str, str]:
    """Return the neutral name of each path in the vendor's object (see `read_each`).

    Raises TypeError for a neutral name that is no field of *kind*.
    """
    return dict(_names(wire, kind, "", ""))


def _names(wire: type, kind: type, theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    for field in _fields(wire):
        if field.mapped is None:
            continue
        name = field.mapped.name
        base = re.split(r"[.\[]", name, maxsplit=1)[0]
        if base not in _known(kind):
            raise TypeError(f"{wire.__name__}: {kind.__name__} has no field {base}")
        path = f"{theirs}{'.'.join(field.natives)}"
        yield path, f"{ours}{name}"
        item = item_types(kind).get(name)
        if field.inner and item:
            index, step = ("[]", "[]") if field.is_list else ("[0]", "")
            yield from _names(
                field.inner, item, f"{path}{step}.", f"{ours}{name}{index}."
            )


@frozen
class Reader(Generic[T]):
    """How the records of a vendor become neutral values: strictly, or each on its own.

    `builder` is needed where the wire class does not say everything. `names` are those of
    the wire class unless others are passed.
    """

    wire: Any
    kind: type[T]
    builder: Build[Any, T] | None = None
    names: Names = attrs.field(repr=False)

    @names.default
    def _names_of_wire(self) -> Names:
        return neutral_names(self.wire, self.kind)

    def build(self, wire: Any, raw: Any) -> T:
        """Return the value of a wire object."""
        if self.builder is not None:
            return self.builder(wire, raw)
        return build(self.kind, wire, raw)

    def read(self, raw: object) -> T:
        """Read one record. Raises UnexpectedResponse if a field does not fit."""
        return self.build(read(raw, self.wire), raw)

    def created(self, raw: object) -> T:
        """Read the response to a create: `unreadable` names what does not fit."""
        return read_created(raw, self.wire, self.build, self.names)

    def each(self, raw: object) -> Page[T]:
        """Read the records of a listing: `unreadable` names what does not fit."""
        return read_each(raw, self.wire, self.build, self.names)
