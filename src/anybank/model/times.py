"""Times as vendors write them, read as aware datetimes."""

from __future__ import annotations

from datetime import UTC, datetime


def read_time(text: str) -> datetime:
    """Read a vendor's time: naive is UTC, and any separator will do.

    Seen: `2020-10-26T21:48:57.287919`, `...Z`, `...+00:00`, and the dash form
    `2021-02-02-00:50:58.484840+00:00` (bond.md §11). Raises ValueError.

    >>> read_time("2021-02-02-00:50:58.484840+00:00").hour
    0
    """
    moment = datetime.fromisoformat(text)
    if len(text) <= len("2021-02-02"):
        raise ValueError("a date without a time")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
