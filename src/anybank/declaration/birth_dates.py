"""The limits of a date of birth: from 1900 to today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EARLIEST = date(1900, 1, 1)
_AHEAD = timedelta(hours=14)
"""The offset of the earliest time zone from UTC."""


def today_at(wall: float) -> date:
    """Return the date in the earliest time zone, at a time in seconds since 1970.

    No date that has begun anywhere is rejected, wherever this machine and the person are.
    """
    return (datetime.fromtimestamp(wall, UTC) + _AHEAD).date()


def birth_date_problem(birth: date, today: date) -> str | None:
    """Return the rule that a date of birth breaks, or None."""
    if birth > today:
        return "must not be after today"
    if birth < EARLIEST:
        return f"must not be before {EARLIEST.year}"
    return None
