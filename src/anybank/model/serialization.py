"""Values as plain data: dictionaries for JSON, and the JSON Schema that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

from ..errors import ConfigurationError, Effect, InvalidInput, Issue
from .codecs import LEFT_OUT, Mismatch, Schema, class_codec

T = TypeVar("T")

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def to_dict(value: Any, *, reveal: bool = False) -> dict[str, Any]:
    """Return a value as a dictionary of JSON types.

    Sensitive values (SSNs, document and account numbers, secrets) are masked unless
    `reveal` is true; every other field is written as it is. Dates are ISO 8601, enums are
    their values, decimals are strings, and fields that are UNSET are left out. `raw` is
    always left out. Raises ConfigurationError for anything that is not a value of anybank.
    """
    kind: Any = type(value)
    if not attrs.has(kind):
        raise ConfigurationError(
            f"{kind.__name__} is not a value of anybank: pass a Customer or the like"
        )
    written: dict[str, Any] = class_codec(kind).write(value, reveal)
    return written


def from_dict(kind: type[T], data: Mapping[str, Any]) -> T:
    """Build a value from the dictionary that `to_dict` returned.

    A value that was written without `reveal` keeps its masks. Nothing is coerced: "5" is
    not an int. Raises InvalidInput, which names each field that does not fit and never
    shows its content; an unknown key is refused too.
    """
    if not attrs.has(kind):
        raise ConfigurationError("from_dict needs a value class, such as Customer")
    try:
        value: T = class_codec(kind).read(data, _is_validated(kind))
    except Mismatch as mismatch:
        path = mismatch.path.lstrip(".") or kind.__name__
        issue = Issue(
            path, Effect.BLOCKED, mismatch.rule, "anybank", f"must be {mismatch.rule}"
        )
    else:
        return value
    raise InvalidInput([issue])


def json_schema(kind: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the dictionaries of a value class."""
    if not attrs.has(kind):
        raise ConfigurationError("json_schema needs a value class, such as Customer")
    definitions: dict[str, Schema] = {}
    reference = class_codec(kind).schema(definitions)
    return {"$schema": _DIALECT, **reference, "$defs": definitions}


def inline_schema(kind: type) -> dict[str, Any]:
    """Return the schema of a value class with every part in place, without references."""
    definitions: dict[str, Schema] = {}
    class_codec(kind).schema(definitions)
    inlined: dict[str, Any] = _inlined(definitions[kind.__name__], definitions)
    return inlined


def _inlined(part: Any, definitions: Mapping[str, Schema]) -> Any:
    if isinstance(part, list):
        return [_inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if reference := part.get("$ref"):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {name: _inlined(member, definitions) for name, member in part.items()}


def _is_validated(kind: type) -> bool:
    """Return False for the class of a vendor's record, which is accepted as it was."""
    # Only the class of a vendor's record has the field `raw`.
    return not any(field.name in LEFT_OUT for field in attrs.fields(kind))
