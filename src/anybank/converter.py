"""Vendors' JSON into wire classes, strictly: nothing is coerced.

A wire class is a small frozen attrs class whose fields carry the vendor's own names. An
optional text that is `""` or `"null"` reads as None (bond.md §13 row 3). Write lists as
`list[...]`, objects that are passed on as `dict`. What does not fit raises
UnexpectedResponse with the path, never with the value.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.cols import list_structure_factory
from cattrs.errors import BaseValidationError, IterableValidationError
from cattrs.gen import make_dict_structure_fn

from .errors import UnexpectedResponse
from .model.times import read_time

T = TypeVar("T")

_NO_TEXT = ("", "null")


def read(raw: object, kind: type[T]) -> T:
    """Read a vendor's object as a wire class; raises UnexpectedResponse."""
    with suppress(Exception):  # whatever did not fit is looked for below
        return _FAST.structure(raw, kind)
    path = _misfit(raw, kind)
    raise UnexpectedResponse(f"{path} does not fit {kind.__name__}", path=path)


def _misfit(raw: object, kind: type) -> str:
    """Read again, slowly, to learn the path of what did not fit."""
    try:
        _DETAILED.structure(raw, kind)
    except Exception as error:  # noqa: BLE001
        return "$" + _path(error)
    return "$"


def _path(error: BaseException) -> str:
    """Follow the first failure inwards by cattrs' notes; the values stay behind."""
    if not isinstance(error, BaseValidationError):
        return _key(error)
    inner = error.exceptions[0]
    notes = getattr(inner, "__notes__", ())
    note = next((note for note in notes if hasattr(note, "type")), None)
    if note is None:
        return _path(inner)
    if isinstance(error, IterableValidationError):
        return f"[{note.index}]{_path(inner)}"
    return f".{note.name}{_path(inner) if not isinstance(inner, KeyError) else ''}"


def _key(error: BaseException) -> str:
    return f".{error.args[0]}" if isinstance(error, KeyError) else ""


def _strict(kind: type[T]) -> Callable[[Any, Any], T]:
    def structure(value: Any, _: Any) -> T:
        if type(value) is not kind:
            raise TypeError(f"not {kind.__name__}")
        return value

    return structure


def _number(value: Any, _: Any) -> Decimal:
    if type(value) is int or isinstance(value, Decimal):
        return Decimal(value)
    raise TypeError("not a number")


def _time(value: Any, _: Any) -> datetime:
    return read_time(_text(value, str))


def _date(value: Any, _: Any) -> date:
    return date.fromisoformat(_text(value, str))


def _object(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    fields = make_dict_structure_fn(kind, converter)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise TypeError("not an object")
        return fields(value, kind)

    return structure


def _list(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    items = list_structure_factory(kind, converter)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise TypeError("not a list")
        return items(value, kind)

    return structure


_text = _strict(str)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _is_optional(kind: Any) -> bool:
    if get_origin(kind) not in (Union, UnionType):
        return False
    return len(get_args(kind)) == 2 and NoneType in get_args(kind)


def _optional(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    (inner,) = (part for part in get_args(kind) if part is not NoneType)
    if inner is str:
        return _optional_text
    given = converter.get_structure_hook(inner)  # asked for once, not for each value

    def structure(value: Any, _: Any) -> Any:
        if value is None or value in _NO_TEXT:
            return None
        return given(value, inner)

    return structure


def _optional_text(value: Any, _: Any) -> str | None:
    """Read what nearly every field is, in one call."""
    if type(value) is str:
        return None if value in _NO_TEXT else value
    if value is None:
        return None
    raise TypeError("not text")


def _make(*, detailed: bool) -> Converter:
    converter = Converter(detailed_validation=detailed)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook(Decimal, _number)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook(dict, _strict(dict))
    converter.register_structure_hook_factory(attrs.has, _object)
    converter.register_structure_hook_factory(_is_list, _list)
    converter.register_structure_hook_factory(_is_optional, _optional)
    return converter


_FAST = _make(detailed=False)
_DETAILED = _make(detailed=True)
