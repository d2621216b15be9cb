"""Strict conversion of JSON to wire classes, without any coercion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.cols import list_structure_factory
from cattrs.errors import (
    BaseValidationError,
    ClassValidationError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from ...errors import UnexpectedResponse
from ...model.ids import is_text
from ...model.times import read_time

T = TypeVar("T")

Path: TypeAlias = tuple[str | int, ...]
"""The names and indexes that lead to a value."""


def read(raw: object, kind: type[T]) -> T:
    """Convert a vendor's object to a wire class. Raises UnexpectedResponse."""
    with suppress(Exception):  # the misfit is located below
        return FAST.structure(raw, kind)
    path = _misfit(raw, kind)
    raise UnexpectedResponse(f"{path} does not fit {kind.__name__}", path=path)


def _misfit(raw: object, kind: type) -> str:
    """Convert again with detailed validation, to find the path of the misfit."""
    try:
        DETAILED.structure(raw, kind)
    except Exception as error:  # noqa: BLE001
        return "$" + written(next(paths(error), ()))
    return "$"


def paths(error: BaseException, at: Path = ()) -> Iterator[Path]:
    """Yield the path of each failure from cattrs' notes, without the values."""
    if not isinstance(error, BaseValidationError):
        yield (*at, error.args[0]) if isinstance(error, KeyError) else at
        return
    # cattrs adds a note with the name or index to each exception; its text is not used,
    # because it quotes the value. A KeyError without a note of its own is a missing
    # field.
    for inner in error.exceptions:
        notes = getattr(inner, "__notes__", ())
        note = next((note for note in notes if hasattr(note, "type")), None)
        if note is None:
            yield from paths(inner, at)
        elif isinstance(error, IterableValidationError):
            yield from paths(inner, (*at, note.index))
        elif isinstance(inner, KeyError):
            yield (*at, note.name)
        else:
            yield from paths(inner, (*at, note.name))


def written(path: Path) -> str:
    """Return a path in the notation of errors."""
    return "".join(f"[{at}]" if type(at) is int else f".{at}" for at in path)


def _text(value: Any, _: Any) -> str:
    if type(value) is str and (value.isascii() or is_text(value)):  # most are ASCII
        return value
    raise TypeError("not a string that can be encoded")


def _strict(kind: type[T]) -> Callable[[Any, Any], T]:
    def structure(value: Any, _: Any) -> T:
        if type(value) is not kind:  # isinstance(True, int) is true
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


_NATIVE = "anybank.native"
WRITE_ONLY = "anybank.write_only"
"""Marks a field that is written and not read, so that no record is unreadable by it."""


def native(name: str) -> Any:
    """Declare an optional field of a wire class whose name Python does not allow.

    `class_: str | None = native("class")` reads the member `class`. A field that also has a
    neutral name is `neutral("last_name", native="last-name")`.
    """
    return attrs.field(default=None, metadata=native_metadata(name))


def native_metadata(name: str | None) -> dict[str, Any]:
    """Return the metadata of a field with the vendor's name, or none for its own name."""
    return {_NATIVE: name} if name is not None else {}


@cache
def native_names(kind: Any) -> dict[str, str]:
    """Return the vendor's name of each field of a wire class."""
    return {
        field.name: field.metadata.get(_NATIVE, field.name)
        for field in attrs.fields(kind)
    }


def _object(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    names = native_names(kind)
    renamed: dict[str, Any] = {
        name: override(rename=theirs)
        for name, theirs in names.items()
        if name != theirs
    }
    written: dict[str, Any] = {
        field.name: override(omit=True)
        for field in attrs.fields(kind)
        if field.metadata.get(WRITE_ONLY)
    }
    fields = make_dict_structure_fn(kind, converter, **(renamed | written))

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise TypeError("not an object")
        return fields(value, kind)

    def structure_renamed(value: Any, _: Any) -> Any:
        try:
            return structure(value, kind)
        except ClassValidationError as error:
            # The notes of cattrs have the names of the attributes.
            for _inner, note in error.group_exceptions()[0]:
                note.name = names.get(note.name, note.name)
            raise

    return structure_renamed if renamed else structure


def _list(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    items = list_structure_factory(kind, converter)

    def structure(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise TypeError("not a list")
        return items(value, kind)

    return structure


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
    hook = converter.get_structure_hook(inner)  # once, not for each value

    def structure(value: Any, _: Any) -> Any:
        if value is None or value == "":
            return None
        return hook(value, inner)

    return structure


def _optional_text(value: Any, _: Any) -> str | None:
    """Read an optional string, the most frequent type, in one call where it is ASCII."""
    if type(value) is str and value.isascii():
        return value or None
    return None if value is None else _text(value, str)


def _make(*, detailed: bool) -> Converter:
    converter = Converter(detailed_validation=detailed)
    converter.register_structure_hook(str, _text)
    for kind in (int, bool):
        converter.register_structure_hook(kind, _strict(kind))
    converter.register_structure_hook(Decimal, _number)
    converter.register_structure_hook(datetime, _time)
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook(dict, _strict(dict))
    converter.register_structure_hook_factory(attrs.has, _object)
    converter.register_structure_hook_factory(_is_list, _list)
    converter.register_structure_hook_factory(_is_optional, _optional)
    return converter


# Detailed validation is slower and needed only where a record does not fit: FAST reads
# every record, and DETAILED reads a misfit once more to locate it.
FAST = _make(detailed=False)
DETAILED = _make(detailed=True)
