"""Why a field of a value that a vendor returned has no value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, StrEnum
from typing import Any

import attrs

from .values import field_types, item_types


class MissingReason(StrEnum):
    """Why a field has no value."""

    NEVER_RETURNED = "never_returned"
    """The vendor's API never returns the field, whether it has a value or not."""
    ABSENT = "absent"
    """The vendor returns the field of some records, and this one has none."""
    UNREADABLE = "unreadable"
    """The response had a value that could not be read: it is in `raw`."""


class ExplainsMissing:
    """A value that a vendor returned, which says why one of its fields has no value."""

    __slots__ = ()

    def why_missing(self, field: str) -> MissingReason | None:
        """Return why a field has no value, or None if it has one.

        `customer.why_missing("ssn")` is NEVER_RETURNED, ABSENT or UNREADABLE. A part of a
        list is written as in `unreadable`: "addresses[0].line2". A masked value is a value.
        A field that was not sent is ABSENT in a COMPOSED customer. Raises ValueError for a
        name that is no field.
        """
        unreadable = getattr(self, "unreadable", ())
        never = getattr(self, "never_returned", ())
        return missing_reason(self, field, unreadable=unreadable, never=never)


_PATH = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d{1,9})\])?(?:\.(?P<part>\w+))?")
_INDEX = re.compile(r"\[\d+\]")


def missing_reason(
    value: Any, path: str, *, unreadable: Sequence[str], never: Sequence[str]
) -> MissingReason | None:
    """Return why the field at *path* has no value, or None if it has one.

    Raises ValueError for a path that is no field of the value.
    """
    plain = _INDEX.sub("", path)
    is_never = any(_is_within(plain, name) for name in never)
    if not _is_missing(value, path, is_never=is_never):
        return None
    if any(_is_within(path, other) or _is_within(other, path) for other in unreadable):
        return MissingReason.UNREADABLE
    return MissingReason.NEVER_RETURNED if is_never else MissingReason.ABSENT


def _is_missing(value: Any, path: str, *, is_never: bool) -> bool:
    """Return whether a field has no value; UNKNOWN is none unless a word stands for it."""
    member = _member(value, path)
    if isinstance(member, Enum) and member.name == "UNKNOWN":
        return is_never or getattr(value, f"native_{path}", None) is None
    return member is None or member == ()


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
    if index is None:
        return _part_of(kind, name, part, member, path)
    item = item_types(kind).get(name)
    is_list = isinstance(member, tuple | list)
    if not is_list or (part and not _has_field(item, part)):
        raise _no_field(kind, path)
    element = member[int(index)] if int(index) < len(member) else None
    return element if part is None or element is None else getattr(element, part)


def _part_of(kind: Any, name: str, part: str | None, member: Any, path: str) -> Any:
    """Return what a value inside a value has, such as `applicant.first_name`."""
    inner = field_types(kind)[name]
    if not part or not attrs.has(inner) or not _has_field(inner, part):
        raise _no_field(kind, path)
    return None if member is None else getattr(member, part)


def _has_field(kind: Any, name: str) -> bool:
    return kind is not None and name in attrs.fields_dict(kind)


def _no_field(kind: Any, path: str) -> ValueError:
    # A path that is no field may be a value in the wrong place: only a name is repeated.
    shown = path if re.fullmatch(r"[a-z_]{1,40}", path) else "of this form"
    return ValueError(
        f"{kind.__name__} has no field {shown}. Use a name such as ssn, or a path such "
        "as addresses[0].line2"
    )
