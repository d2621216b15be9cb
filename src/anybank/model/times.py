"""Times as vendors write them, read as aware datetimes."""

from __future__ import annotations

from datetime import UTC, datetime


def read_time(text: str) -> datetime:
    """Read a vendor's time; a time without a zone is UTC. Raises ValueError.

    Bond's samples have four forms: `2020-10-26T21:48:57.287919`, the same with `Z`, the
    same with `+00:00`, and `2021-02-02-00:50:58.484840+00:00` in the events about KYC,
    with a hyphen before the time. `fromisoformat` accepts any separator.

    >>> read_time("2021-02-02-00:50:58.484840+00:00").hour
    0
    """
    moment = datetime.fromisoformat(text)  # reads a date as midnight
    if len(text) <= len("2021-02-02"):
        raise ValueError("a date without a time")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
