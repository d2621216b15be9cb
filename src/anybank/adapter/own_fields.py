"""Extras: fields of a value that one vendor alone has, with the vendor's name and rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from ..errors import Effect, InvalidInput, Issue
from ..sensitive import Sensitive
from .wire import Json

_NATIVE = "anybank.native"
_WRITE = "anybank.write"

Rule: TypeAlias = tuple[str, Callable[[Any], bool]]
"""What a value must be, in words, and the check."""

TEXT: Rule = (
    "a string that is not blank",
    lambda text: isinstance(text, str) and bool(text.strip()),
)
FLAG: Rule = ("True or False", lambda flag: isinstance(flag, bool))
ZONED: Rule = (
    "a datetime with a time zone",
    # A time without a zone would be sent as a guess about where it was taken.
    lambda moment: isinstance(moment, datetime) and moment.tzinfo is not None,
)
SECRET: Rule = ("a string", lambda value: isinstance(value, Sensitive))


def one_of(*words: str) -> Rule:
    """Return the rule of a field with a few words."""
    return f"one of {', '.join(words)}", lambda word: word in words


def texts(most: int, longest: int, without: str = "") -> Rule:
    """Return the rule of a mapping of a few texts, such as tags; *without* is no name."""

    def is_valid(value: Any) -> bool:
        if not isinstance(value, Mapping) or len(value) > most or without in value:
            return False
        members = [text for pair in value.items() for text in pair]
        return all(isinstance(it, str) and 0 < len(it) <= longest for it in members)

    words = f"a mapping of at most {most} texts of 1 to {longest} characters"
    return f"{words}, without {without}" if without else words, is_valid


def own(
    name: str,
    rule: Rule | None = None,
    *,
    source: str = "anybank",
    default: Any = None,
    write: Callable[[Any], Json] | None = None,
    **more: Any,
) -> Any:
    """Declare a field of extras by the vendor's name; dots lead into inner objects.

    A value that breaks the rule raises InvalidInput, without the value. `write` converts
    it for the request. `more` goes to `attrs.field`: `repr=False` for personal data.
    """
    return attrs.field(
        default=default,
        validator=must_be(rule, source) if rule else None,
        metadata=native(name, write),
        **more,
    )


def secret(name: str, *, source: str = "anybank", **more: Any) -> Any:
    """Declare a personal text of extras, which is masked wherever it is shown.

    A caller passes a string or a Sensitive. The other arguments are those of `own`.
    """
    return own(name, SECRET, source=source, converter=to_sensitive, **more)


def text_map(
    name: str, most: int, longest: int, *, without: str = "", source: str = "anybank"
) -> Any:
    """Declare a mapping of a few texts of the caller's own (see `texts`); it is not shown."""
    return own(
        name,
        texts(most, longest, without),
        source=source,
        default=attrs.Factory(dict),
        repr=False,
        hash=False,
    )


def native(name: str, write: Callable[[Any], Json] | None = None) -> dict[str, Any]:
    """Return the metadata of a field of extras that needs an `attrs.field` of its own."""
    return {_NATIVE: name, _WRITE: write}


def native_names_of(extras: type) -> dict[str, str]:
    """Return the vendor's name of each field of a class of extras that declares one."""
    return {
        attribute.name: attribute.metadata[_NATIVE]
        for attribute in attrs.fields(extras)
        if _NATIVE in attribute.metadata
    }


def to_sensitive(value: Any) -> Any:
    """Convert a personal text of extras, so that it is masked in a repr."""
    return Sensitive(value) if isinstance(value, str) else value


def must_be(rule: Rule, source: str = "anybank") -> Callable[[Any, Any, Any], None]:
    """Return the validator of a field of extras that needs an `attrs.field` of its own."""
    words, is_valid = rule

    def validate(_: Any, attribute: Any, value: Any) -> None:
        if value is not attribute.default and not is_valid(value):
            message = f"must be {words}"
            issue = Issue(attribute.name, Effect.BLOCKED, words, source, message)
            raise InvalidInput([issue])

    return validate


def own_fields(extras: Any) -> dict[str, Json]:
    """Return the fields of extras that have a value, under the vendor's names.

    Fields that are declared without `own` are left to the adapter.
    """
    written: dict[str, Json] = {}
    for attribute in attrs.fields(type(extras)) if extras is not None else ():
        value = getattr(extras, attribute.name)
        if _NATIVE in attribute.metadata and value not in (None, (), {}):
            write = attribute.metadata[_WRITE]
            content = write(value) if write else value
            *outer, last = attribute.metadata[_NATIVE].split(".")
            inner = written
            for name in outer:
                inner = inner.setdefault(name, {})
            inner[last] = content
    return written


def with_own_fields(body: Mapping[str, Json], extras: Any) -> dict[str, Json]:
    """Return a request body with the fields of extras, inside of inner objects too."""
    return _merged(body, own_fields(extras))


def _merged(body: Mapping[str, Json], more: Mapping[str, Json]) -> dict[str, Json]:
    merged = dict(body)
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = _merged(merged[name], value)
        else:
            merged[name] = value
    return merged
