"""The number of calls that a migration still has to send to each bank, and their time."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import frozen

from ..journal.states import State


@frozen(kw_only=True)
class RemainingCalls:
    """The minimum number of calls that a migration still has to send to one bank.

    `minutes` is the time that the bank's rate limit stretches them to, or None without a
    limit.
    """

    provider: str
    calls: int
    per_minute: int | None
    minutes: float | None


def provider_of(metadata: Mapping[str, str], side: str) -> str:
    """Return the provider of a side, or "?" if the journal does not record one."""
    return str(json.loads(metadata.get(side) or "{}").get("provider", "?"))


def count_remaining_calls(
    metadata: Mapping[str, str], counts: Mapping[State, int]
) -> tuple[RemainingCalls, ...]:
    """Count one read at the source, and one create and one read-back, per open record.

    A pending record takes one read at the target until it is decided.
    """
    # A minimum: retries, look-ups and listings come on top.
    ready, created = counts[State.READY], counts[State.CREATED]
    target = 2 * ready + created + counts[State.PENDING]
    calls = {"source": ready, "target": target}
    return tuple(_effort(metadata, side, count) for side, count in calls.items())


def _effort(metadata: Mapping[str, str], side: str, calls: int) -> RemainingCalls:
    limit = int(metadata.get(f"{side}_limit") or 0)
    return RemainingCalls(
        provider=provider_of(metadata, side),
        calls=calls,
        per_minute=limit or None,
        minutes=calls / limit if limit else None,
    )
