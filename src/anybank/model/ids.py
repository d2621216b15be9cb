"""Ids of vendors: opaque texts that can be one segment of a path."""

from __future__ import annotations


def is_usable(identifier: object) -> bool:
    """Return whether a value can address a record of a vendor.

    It must be a text that is not blank and not `.` or `..`, which would address something
    else, and that has no half of a surrogate pair, which no URL can carry.
    """
    if not isinstance(identifier, str) or not identifier.strip().strip("."):
        return False
    return is_text(identifier)


def is_text(value: str) -> bool:
    """Return whether a text can be encoded: one that JSON cut within a pair cannot."""
    return value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)
