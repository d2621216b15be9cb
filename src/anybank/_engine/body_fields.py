"""The body fields that a log may show: an allow-list of the caller, empty by default."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import attrs

from ..adapter.wire import Json
from ..declaration.vocabulary import Capabilities
from ..errors import ConfigurationError
from ..model._fields import is_personal
from .redact import Scrubber

_MOST_FIELDS = 50
"""A page of records would fill a line of the log."""
_LONGEST = 200


def checked_fields(names: object, declared: Capabilities) -> frozenset[str]:
    """Return the names of an allow-list.

    Raises ConfigurationError for a field that holds personal data at this vendor.
    """
    if isinstance(names, str) or not isinstance(names, Collection):
        raise ConfigurationError("log_fields must be a list of names of JSON fields")
    if not all(isinstance(name, str) and name for name in names):
        raise ConfigurationError("log_fields must contain names of JSON fields only")
    if names and (personal := sorted({*map(str, names)} & personal_names(declared))):
        raise ConfigurationError(
            f"log_fields: {', '.join(personal)} may contain personal data, which no log "
            "shows. Leave it out"
        )
    return frozenset(map(str, names))


def personal_names(declared: Capabilities) -> frozenset[str]:
    """Return the vendor's names, and ours, of the fields that hold personal data."""
    names: set[str] = set()
    for kind, rules in declared.fields.items():
        for field in attrs.fields(kind) if attrs.has(kind) else ():
            if is_personal(field):
                rule = rules.get(field.name)
                native = (rule.native if rule else None) or field.name
                # A native name may be a path, such as `natural_person.name`.
                names |= {field.name, native.rpartition(".")[2]}
    return frozenset(names)


def shown_fields(
    body: Json, names: Collection[str], personal: Collection[str]
) -> Mapping[str, Any]:
    """Return the values of a JSON body that an allow-list names, by their paths.

    A text in which personal data are recognised is masked: a vendor may repeat in any
    field what a request has sent.
    """
    scrub = Scrubber(personal)
    shown: dict[str, Any] = {}
    for path, value in _leaves(body, ""):
        if len(shown) == _MOST_FIELDS:
            break
        if path.rpartition(".")[2].partition("[")[0] in names:
            is_text = isinstance(value, str)
            shown[path] = scrub(value, _LONGEST) if is_text else value
    return shown


def _leaves(value: Json, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the paths and values that are no objects; a Sensitive is never yielded."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    elif value is None or isinstance(value, (str, int, float)):
        yield path, value
