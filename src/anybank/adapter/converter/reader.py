"""How the records of a vendor become neutral values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import attrs
from attrs import frozen

from ...model.pages import Page
from ...model.values import field_types, item_types
from .neutral import Mapped, wire_fields
from .neutral_values import build
from .records import Build, Names, read_created, read_each
from .structure import read

T = TypeVar("T")


def neutral_names(wire: type, kind: type) -> dict[str, str]:
    """Return the neutral name of each path in the vendor's object (see `read_each`).

    Items that are fields of the vendor have no index that is known: where there are several
    (`addresses[home]`, `addresses[mailing]`), their name is that of the list. Raises
    TypeError for a neutral name that is no field of *kind*.
    """
    return dict(_names(wire, kind, "", ""))


def _names(wire: type, kind: type, theirs: str, ours: str) -> Iterator[tuple[str, str]]:
    known, lists = attrs.fields_dict(kind), _items_by_list(wire)
    for field in wire_fields(wire):
        mapped = field.mapped
        if mapped is None:
            continue
        if mapped.name not in known:
            raise TypeError(
                f"{wire.__name__}: {kind.__name__} has no field {mapped.name}"
            )
        item = item_types(kind).get(mapped.name)
        _require_item(item, mapped)
        is_only = len(lists[mapped.name]) == 1
        path, name = f"{theirs}{'.'.join(field.natives)}", f"{ours}{mapped.name}"
        yield path, f"{name}[0].{mapped.part}" if mapped.part and is_only else name
        if field.inner and item and (mapped.item is None or is_only):
            index, step = ("[]", "[]") if field.is_list else ("[0]", "")
            yield from _names(field.inner, item, f"{path}{step}.", f"{name}{index}.")


def _require_item(item: Any, mapped: Mapped) -> None:
    """Raise TypeError for a kind or a part that the items of a list do not have."""
    if mapped.part and mapped.part not in (attrs.fields_dict(item) if item else ()):
        raise TypeError(f"an item of {mapped.name} has no field {mapped.part}")
    if mapped.item and mapped.index is None:
        kinds = field_types(item)["kind"] if item else None
        if kinds is None or mapped.item not in list(kinds):
            name = kinds.__name__ if kinds else f"an item of {mapped.name}"
            raise TypeError(f"{name} has no {mapped.item}")


def _items_by_list(wire: type) -> dict[str, set[str | None]]:
    """Return the items of each neutral list that a wire class has as fields."""
    items: dict[str, set[str | None]] = defaultdict(set)
    for field in wire_fields(wire):
        if field.mapped:
            items[field.mapped.name].add(field.mapped.item)
    return items


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
        build = self.builder or self.build
        return read_each(raw, self.wire, build, self.names)
