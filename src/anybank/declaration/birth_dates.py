"""The limits of a date of birth: from 1900 to today."""

from __future__ import annotations

from datetime import date

EARLIEST = date(1900, 1, 1)


def birth_date_problem(birth: date, today: date) -> str | None:
    """Return the rule that a date of birth breaks, or None."""
    if birth > today:
        return "must not be after today"
    if birth < EARLIEST:
        return f"must not be before {EARLIEST.year}"
    return None
