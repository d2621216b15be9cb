"""Write the values of each type as plain data, read them back, and describe their form.

Each type has a codec. The codec of a value class is derived from its attrs fields, so a
new field needs no change here.
"""

from __future__ import annotations

import base64
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

import attrs
from attrs import frozen

from ..errors import InvalidInput
from ..sensitive import DocumentLocatorNumber, Sensitive, Ssn
from . import extras
from ._fields import unchecked
from .bank_account_numbers import BankAccountNumber
from .document_contents import DocumentContent
from .government_id_numbers import GovernmentIdNumber
from .unset import UNSET, Unset

Schema: TypeAlias = dict[str, Any]

LEFT_OUT = frozenset({"raw"})
"""`raw` is the vendor's own object: it may hold unmasked data in any form."""


class Mismatch(Exception):
    """Data that does not fit a type; the rule describes valid data, never the data itself."""

    def __init__(self, rule: str, path: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.path = path


@frozen
class Codec:
    """How values of one type are written, read and described."""

    write: Callable[[Any, bool], Any]
    """Write a value; the flag says whether sensitive values are revealed."""
    read: Callable[[Any, bool], Any]
    """Read plain data; the flag says whether the value is validated."""
    schema: Callable[[dict[str, Schema]], Schema]
    """Return the schema; classes add theirs to the definitions."""


@cache
def class_codec(kind: Any) -> Codec:
    """Return the codec of an attrs class, its fields resolved when it is first used."""

    # Not immediately: a class may refer to itself, and resolving annotations is slow.
    @cache
    def codecs() -> Mapping[str, Codec]:
        resolved = attrs.resolve_types(kind)
        return {
            field.name: _extras(kind) if field.name == "extras" else _codec(field.type)
            for field in attrs.fields(resolved)
            if field.name not in LEFT_OUT
        }

    def write(value: Any, reveal: bool) -> Any:
        members = (
            (name, codec, getattr(value, name)) for name, codec in codecs().items()
        )
        return {
            name: codec.write(member, reveal)
            for name, codec, member in members
            if member is not UNSET
        }

    def read(data: Any, validated: bool) -> Any:
        _require(
            isinstance(data, Mapping), f"an object with the fields of {kind.__name__}"
        )
        # The unknown key is not named, because it may be a value in the wrong place.
        if any(name not in codecs() for name in data):
            raise Mismatch(f"an object with the fields of {kind.__name__} only")
        members = {
            name: _at(f".{name}", codecs()[name].read, member, validated)
            for name, member in data.items()
        }
        missing = [
            field.name
            for field in attrs.fields(kind)
            if field.default is attrs.NOTHING and field.name not in members
        ]
        if missing:
            raise Mismatch("present: it is required", f".{missing[0]}")
        return kind(**members) if validated else _as_returned(kind, members)

    def schema(definitions: dict[str, Schema]) -> Schema:
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # a class may refer to itself
            definitions[kind.__name__] = {
                "type": "object",
                "title": kind.__name__,
                "properties": {
                    name: codec.schema(definitions) for name, codec in codecs().items()
                },
                "required": [
                    field.name
                    for field in attrs.fields(kind)
                    if field.default is attrs.NOTHING
                ],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{kind.__name__}"}

    return Codec(write, read, schema)


def _as_returned(kind: Any, members: Mapping[str, Any]) -> Any:
    """Build a value that a vendor returned: validation is for what a caller sends."""
    try:
        return kind(**members)
    except InvalidInput:
        return unchecked(kind, members)


def _at(
    path: str,
    read: Callable[[Any, bool], Any],
    data: Any,
    validated: bool,
) -> Any:
    """Read a part; a mismatch inside it gets the path to it."""
    try:
        return read(data, validated)
    except Mismatch as mismatch:
        raise Mismatch(mismatch.rule, path + mismatch.path) from None
    except InvalidInput as refused:
        issue = refused.issues[0]
        name = issue.field if issue.field in path else f"{path}.{issue.field}"
        raise Mismatch(issue.rule, path if name == issue.field else name) from None


def _require(is_true: bool, rule: str) -> None:
    if not is_true:
        raise Mismatch(rule)


def _codec(annotation: Any) -> Codec:
    """Return the codec of a type as it is annotated."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        # A personal text of extras takes a str too, and is a Sensitive from then on.
        others = (Unset, str) if Sensitive in arguments else (Unset,)
        return _optional([kind for kind in arguments if kind not in others])
    if origin is Literal:
        return _literal(arguments)
    if origin in (Sequence, tuple, list):
        return _sequence(_codec(arguments[0]))
    if origin is Mapping or annotation in (Any, object):
        return _anything
    return _of_class(annotation)


def _of_class(kind: type) -> Codec:
    if attrs.has(kind):
        return class_codec(kind)
    if issubclass(kind, Sensitive):
        return _sensitive(kind)
    return _enum(kind) if issubclass(kind, Enum) else _PLAIN[kind]


def _optional(kinds: Sequence[Any]) -> Codec:
    """Return the codec of a union: of one type, with or without None."""
    (kind,) = [member for member in kinds if member is not type(None)]
    inner = _codec(kind)
    if type(None) not in kinds:
        return inner
    return Codec(
        lambda value, reveal: None if value is None else inner.write(value, reveal),
        lambda data, validated: None if data is None else inner.read(data, validated),
        lambda definitions: {"anyOf": [inner.schema(definitions), {"type": "null"}]},
    )


def _sequence(inner: Codec) -> Codec:
    def read(data: Any, validated: bool) -> Any:
        _require(isinstance(data, (list, tuple)), "a list")
        return tuple(
            _at(f"[{index}]", inner.read, item, validated)
            for index, item in enumerate(data)
        )

    return Codec(
        lambda value, reveal: [inner.write(item, reveal) for item in value],
        read,
        lambda definitions: {"type": "array", "items": inner.schema(definitions)},
    )


def _enum(kind: type[Enum]) -> Codec:
    words = [member.value for member in kind]

    def read(data: Any, validated: bool) -> Any:  # noqa: ARG001  # a codec's signature
        _require(isinstance(data, str) and data in words, f"one of {', '.join(words)}")
        return kind(data)

    return Codec(lambda value, _: value.value, read, lambda _: {"enum": words})


def _literal(words: Sequence[Any]) -> Codec:
    def read(data: Any, validated: bool) -> Any:  # noqa: ARG001  # a codec's signature
        _require(data in words, f"one of {', '.join(map(str, words))}")
        return data

    return Codec(lambda value, _: value, read, lambda _: {"enum": list(words)})


_READ_AS_RETURNED: tuple[Any, ...] = (
    BankAccountNumber,
    GovernmentIdNumber,
    DocumentContent,
)
"""The masked types that `read` builds: their constructor reads what a caller passes."""


def _sensitive(kind: type[Sensitive]) -> Codec:
    """Return the codec of a masked type; a mask or token is written as it is."""

    def write(value: Any, reveal: bool) -> Any:
        if not reveal:
            return str(value)
        is_maskable = isinstance(value, (Ssn, *_READ_AS_RETURNED))
        return value.unmasked().reveal() if is_maskable else value.reveal()

    def read(data: Any, validated: bool) -> Any:  # noqa: ARG001  # a codec's signature
        accepted = (str, int) if kind is DocumentLocatorNumber else str
        _require(isinstance(data, accepted) and not isinstance(data, bool), "a string")
        make: Any = kind
        return make.read(data) if kind in _READ_AS_RETURNED else make(data)

    names = ["string", "integer"] if kind is DocumentLocatorNumber else "string"
    return Codec(write, read, lambda _: {"type": names})


def _plain(
    kind: type, rule: str, schema: Schema, parse: Callable[[Any], Any] | None = None
) -> Codec:
    """Return the codec of a type that JSON has, or that is a string there."""

    def read(data: Any, validated: bool) -> Any:  # noqa: ARG001  # a codec's signature
        if parse is None:
            is_bool = isinstance(data, bool) and kind is not bool
            _require(isinstance(data, kind) and not is_bool, rule)
            return data
        _require(isinstance(data, str), rule)
        try:
            return parse(data)
        except (ValueError, InvalidOperation):
            raise Mismatch(rule) from None

    write = str if kind is Decimal else _isoformat if parse else lambda value: value
    return Codec(lambda value, _: write(value), read, lambda _: dict(schema))


def _isoformat(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value.isoformat())


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _day(text: str) -> date:
    if len(text) != len("2000-01-01"):  # fromisoformat also reads 20000101
        raise ValueError
    return date.fromisoformat(text)


_PLAIN: Mapping[Any, Codec] = {
    str: _plain(str, "a string", {"type": "string"}),
    int: _plain(int, "an integer", {"type": "integer"}),
    float: _plain(float, "a number", {"type": "number"}),
    bool: _plain(bool, "true or false", {"type": "boolean"}),
    Decimal: _plain(
        Decimal, "a decimal number as a string", {"type": "string"}, Decimal
    ),
    datetime: _plain(
        datetime,
        "a time with its zone, in ISO 8601",
        {"type": "string", "format": "date-time"},
        _aware,
    ),
    date: _plain(
        date, "a date, YYYY-MM-DD", {"type": "string", "format": "date"}, _day
    ),
    bytes: _plain(
        bytes,
        "base64",
        {"type": "string", "contentEncoding": "base64"},
        lambda text: base64.b64decode(text, validate=True),
    ),
}

_anything = Codec(
    lambda value, _: value,
    lambda data, _: data,
    lambda _: {},
)


def _write_extras(value: Any, reveal: bool) -> Any:
    return {provider: _write_extra(extra, reveal) for provider, extra in value.items()}


def _write_extra(extra: Any, reveal: bool) -> Any:
    kind: Any = type(extra)
    return class_codec(kind).write(extra, reveal) if attrs.has(kind) else extra


def _extras(value: type) -> Codec:
    """Return the codec of the extras of a value class."""

    def read(data: Any, validated: bool) -> Any:  # noqa: ARG001  # a codec's signature
        _require(isinstance(data, Mapping), "an object with a member for each provider")
        return {
            # Validated even in a value that a vendor returned: extras are the caller's.
            provider: _at(
                f".{provider}", _extras_codec(provider, value).read, extra, True
            )
            for provider, extra in data.items()
        }

    return Codec(_write_extras, read, lambda _: {"type": "object"})


def _extras_codec(provider: str, value: type) -> Codec:
    kind = extras.class_of(provider, value)
    if kind is None:
        raise Mismatch(
            f"extras of {value.__name__} of a provider whose adapter is imported, or has "
            "a Bank"
        )
    return class_codec(kind)
