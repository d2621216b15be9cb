"""Dates of birth that nobody alive has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EARLIEST = date(1900, 1, 1)
_AHEAD = timedelta(hours=14)
"""How far the earliest time zone is ahead of UTC."""


def today_at(wall: float) -> date:
    """Return the latest date that it is anywhere at a time, in seconds of the epoch."""
    return (datetime.fromtimestamp(wall, UTC) + _AHEAD).date()


def birth_date_problem(birth: date, today: date) -> str | None:
    """Return why nobody can have been born on a date, or None."""
    if birth > today:
        return "must not be after today"
    if birth < EARLIEST:
        return f"must not be before {EARLIEST.year}"
    return None
