"""Vendors' ids: opaque strings that can be a segment of a path."""

from __future__ import annotations


def is_usable(identifier: object) -> bool:
    """Return whether a value can address a record of a vendor.

    It must be a string that is not blank, is not `.` or `..` (which address something
    else), and has no unpaired surrogate (which a URL cannot contain).
    """
    if not isinstance(identifier, str) or not identifier.strip().strip("."):
        return False
    return is_text(identifier)


def is_text(value: str) -> bool:
    """Return whether a string can be encoded; one with an unpaired surrogate cannot."""
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)
