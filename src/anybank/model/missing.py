"""Why a field of a value that a vendor returned has no value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import attrs

from .values import item_types


class MissingReason(StrEnum):
    """Why a field has no value."""

    NEVER_RETURNED = "never_returned"
    """The vendor's API never returns the field, whether it has a value or not."""
    ABSENT = "absent"
    """The vendor returns the field of some records, and this one has none."""
    UNREADABLE = "unreadable"
    """The response had a value that could not be read: it is in `raw`."""


_PATH = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d{1,9})\])?(?:\.(?P<part>\w+))?")
_INDEX = re.compile(r"\[\d+\]")


def missing_reason(
    value: Any, path: str, *, unreadable: Sequence[str], never: Sequence[str]
) -> MissingReason | None:
    """Return why the field at *path* has no value, or None if it has one.

    Raises ValueError for a path that is no field of the value.
    """
    if _member(value, path) not in (None, ()):
        return None
    if any(_is_within(path, other) or _is_within(other, path) for other in unreadable):
        return MissingReason.UNREADABLE
    plain = _INDEX.sub("", path)
    if any(_is_within(plain, name) for name in never):
        return MissingReason.NEVER_RETURNED
    return MissingReason.ABSENT


def _is_within(path: str, outer: str) -> bool:
    """Return whether a path is the other one, or a part of it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _member(value: Any, path: str) -> Any:
    """Return what a value has at a path; an item beyond the end of a list is None."""
    match = _PATH.fullmatch(path)
    kind: Any = type(value)
    if match is None or match["name"] not in attrs.fields_dict(kind):
        raise _no_field(kind, path)
    name, index, part = match["name"], match["index"], match["part"]
    member = getattr(value, name)
    if index is None and part is None:
        return member
    item = item_types(kind).get(name)
    is_list = isinstance(member, tuple | list)
    if not is_list or index is None or (part and not _has_field(item, part)):
        raise _no_field(kind, path)
    element = member[int(index)] if int(index) < len(member) else None
    return element if part is None or element is None else getattr(element, part)


def _has_field(kind: Any, name: str) -> bool:
    return kind is not None and name in attrs.fields_dict(kind)


def _no_field(kind: Any, path: str) -> ValueError:
    # A path that is no field may be a value in the wrong place: only a name is repeated.
    shown = path if re.fullmatch(r"[a-z_]{1,40}", path) else "of this form"
    return ValueError(
        f"{kind.__name__} has no field {shown}. Use a name such as ssn, or a path such "
        "as addresses[0].line2"
    )
