"""The limit of a document's last day of validity."""

from __future__ import annotations

from datetime import date, timedelta

_BEHIND = timedelta(days=1)
"""`today` is the date in the earliest time zone, and a document is valid until its last
day has ended where it is used."""


def expiry_problem(expires: date, today: date) -> str | None:
    """Return the rule that the last day of a document breaks, or None."""
    return "must not be in the past" if expires < today - _BEHIND else None
