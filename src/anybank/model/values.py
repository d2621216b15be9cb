"""Values built from what a vendor returned, without validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

import attrs

from ._fields import unchecked, unvalidated
from .unset import Unset

__all__ = ["field_types", "unvalidated", "with_unreadable"]

T = TypeVar("T")


def with_unreadable(value: T, names: Sequence[str]) -> T:
    """Return a value with `unreadable` set, or the value itself if it has no such field."""
    kind: Any = type(value)
    fields = {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
    if "unreadable" not in fields:
        return value
    marked: T = unchecked(kind, {**fields, "unreadable": tuple(names)})
    return marked


@cache
def field_types(kind: Any) -> Mapping[str, Any]:
    """Return the type of each field of a value class, without None and Unset."""
    resolved = attrs.resolve_types(kind)
    return {field.name: _without_none(field.type) for field in attrs.fields(resolved)}


@cache
def item_types(kind: Any) -> Mapping[str, type]:
    """Return the type of the items of each list field whose items have fields of their own.

    >>> from anybank.model.customers import NewCustomer
    >>> item_types(NewCustomer)["addresses"].__name__
    'Address'
    """
    items = {
        name: get_args(annotation)[0]
        for name, annotation in field_types(kind).items()
        if get_origin(annotation) is Sequence
    }
    return {name: item for name, item in items.items() if attrs.has(item)}


@cache
def list_fields(kind: Any) -> frozenset[str]:
    """Return the names of the fields that are lists."""
    types = field_types(kind)
    return frozenset(name for name in types if get_origin(types[name]) is Sequence)


def _without_none(annotation: Any) -> Any:
    if not isinstance(annotation, UnionType):
        return annotation
    kinds = [kind for kind in get_args(annotation) if kind not in (NoneType, Unset)]
    return kinds[0] if len(kinds) == 1 else annotation
