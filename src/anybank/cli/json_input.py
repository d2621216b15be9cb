"""Values read from JSON documents in neutral names.

Error messages name the fields of a document, and never show their values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TextIO, TypeVar, get_args, get_origin

import attrs

from .._engine.files import DOCUMENT, size
from ..declaration.vocabulary import Capabilities
from ..errors import Effect, InvalidInput, Issue
from ..model.phones import Phone
from ..model.serialization import from_dict
from ..model.values import field_types
from .error_messages import did_you_mean

T = TypeVar("T")


def read_document(file: TextIO) -> dict[str, Any]:
    """Read one JSON object. Raise InvalidInput, which names the location of an error."""
    name = getattr(file, "name", "document")
    try:
        # One more character than allowed, to notice a larger file without reading it
        # whole.
        text = file.read(DOCUMENT + 1)
        if len(text) > DOCUMENT:
            raise _invalid(name, "size", f"is larger than {size(DOCUMENT)}")
        # Editors on Windows write a byte order mark.
        document = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique)
    except InvalidInput:
        raise
    except json.JSONDecodeError as error:
        problem = f"is not JSON at line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text"
    # json raises RecursionError for deep nesting, and ValueError for an integer of more
    # digits than Python converts.
    except (ValueError, RecursionError):
        problem = "is nested too deeply, or contains a number that is too long"
    else:
        if isinstance(document, dict):
            return document
        problem = "must be one JSON object"
    raise _invalid(name, "JSON", problem)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. A repeated name is an error: json.loads keeps only the last."""
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise _invalid(name, "once", "appears twice")
        document[name] = value
    return document


def read_value(kind: type[T], document: Mapping[str, Any], bank: Capabilities) -> T:
    """Return a value of a document, whose members are read by the types of its fields.

    In the changes of a record null clears a field, and an absent field stays as it is.
    Raises InvalidInput, which names each wrong field.
    """
    fields = _members(kind, document, "")
    if fields.get("extras") is not None:
        fields["extras"] = _extras(kind, fields["extras"], bank)
    return kind(**fields)


def _members(kind: type, document: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    _require_known(kind, document, prefix)
    types = field_types(kind)
    return {
        name: _read(types[name], f"{prefix}{name}", value)
        for name, value in document.items()
    }


def _require_known(kind: type, document: Mapping[str, Any], prefix: str) -> None:
    names = [field.name for field in attrs.fields(kind)]
    for name in document:
        if name not in names:
            problem = f"is not a field{did_you_mean(name, names)}"
            raise _invalid(prefix + name, "known field", problem)


def _read(kind: Any, name: str, value: Any) -> Any:
    """Return a member of a document by its type; the value itself where JSON has the type."""
    if value is None:
        return None
    if get_origin(kind) is Sequence and attrs.has(get_args(kind)[0]):
        return _items(get_args(kind)[0], name, value)
    if attrs.has(kind):
        return _part(kind, name, value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _member(kind, name, value)
    if kind in (date, datetime):
        return _moment(kind, name, value)
    return value


def _moment(kind: type[date], name: str, value: Any) -> date:
    try:
        return kind.fromisoformat(value)
    except (TypeError, ValueError):
        # The error is raised below, outside of the `except`: its `__context__` would
        # show the value.
        pass
    raise _invalid(name, kind.__name__, f"must be a {_FORMS[kind]}")


_FORMS: Mapping[type, str] = {
    date: "date in the form YYYY-MM-DD",
    datetime: "time in ISO 8601, with its zone",
}


def _items(kind: type[T], name: str, value: Any) -> list[T]:
    if not isinstance(value, list):
        raise _invalid(name, "list", "must be a list")
    return [_part(kind, f"{name}[{at}]", item) for at, item in enumerate(value)]


def _part(kind: type[T], name: str, document: Any) -> T:
    if kind is Phone and isinstance(document, str):
        document = {"number": document}
    if not isinstance(document, dict):
        raise _invalid(name, "object", "must be an object")
    fields = _members(kind, document, f"{name}.")
    try:
        return kind(**fields)
    except InvalidInput as error:
        issues = [_prefixed(name, issue) for issue in error.issues]
    # attrs raises it where a required argument is missing. Unknown names were refused
    # before.
    except TypeError:
        issues = [_issue(name, "complete", "lacks a required field")]
    raise InvalidInput(issues)


def _prefixed(name: str, issue: Issue) -> Issue:
    return attrs.evolve(issue, field=f"{name}.{issue.field}")


def _member(kind: type[StrEnum], name: str, word: Any) -> StrEnum:
    known = [member.value for member in kind]
    if not isinstance(word, str) or word.lower() not in known:
        raise _invalid(name, "member", f"must be one of {', '.join(known)}")
    return kind(word.lower())


def _extras(kind: type, value: Any, bank: Capabilities) -> dict[str, Any]:
    """Return the extras of a value, with those of *bank* as its own type."""
    if not isinstance(value, dict):
        raise _invalid(
            "extras", "object", "must be an object with a bank's name for each key"
        )
    extras = value.get(bank.provider)
    declared = bank.extras.get(kind)
    # Extras of another bank are not checked: a document may serve several banks. Those
    # that this bank does not have are refused by the call.
    if extras is None or declared is None:
        return value
    name = f"extras.{bank.provider}"
    if not isinstance(extras, dict):
        raise _invalid(name, "object", "must be an object")
    _require_known(declared, extras, f"{name}.")
    return {**value, bank.provider: from_dict(declared, extras)}


def _issue(field: str, rule: str, problem: str) -> Issue:
    return Issue(field, Effect.BLOCKED, rule, "anybank", problem)


def _invalid(field: str, rule: str, problem: str) -> InvalidInput:
    return InvalidInput([_issue(field, rule, problem)])
