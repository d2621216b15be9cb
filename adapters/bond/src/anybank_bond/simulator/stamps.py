"""Bond's formats of a time (bond.md §11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Stamp: TypeAlias = Callable[[datetime], str]


def naive(moment: datetime) -> str:
    """Write `2020-10-26T21:48:57.287919`: customers as they are read ("Managing customers")."""
    return _utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds")


def offset(moment: datetime) -> str:
    """Write `...+00:00`: customers as they are written, and events ("Creating a customer")."""
    return naive(moment) + "+00:00"


def zulu(moment: datetime) -> str:
    """Write `...Z`: credit applications and webhook subscriptions ("Managing credit applications")."""
    return naive(moment) + "Z"


def dashed(moment: datetime) -> str:
    """Write `2021-02-02-00:50:58...`: the KYC event of "Performing KYC" (§13 row 2)."""
    return offset(moment).replace("T", "-")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
