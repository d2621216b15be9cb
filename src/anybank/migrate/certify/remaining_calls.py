"""How many calls are still to be made at each bank, and how long they take."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import frozen

from ..journal.journal import Journal
from ..journal.states import State


@frozen(kw_only=True)
class RemainingCalls:
    """The fewest calls that are still to be made at a bank.

    `minutes` is how long its rate limit makes them take; None where it has no limit.
    """

    provider: str
    calls: int
    per_minute: int | None
    minutes: float | None


def provider_of(journal: Journal, side: str) -> str:
    """Return the provider of a side, "?" where the journal does not say."""
    return str(json.loads(journal.meta(side) or "{}").get("provider", "?"))


def count_remaining_calls(
    journal: Journal, counts: Mapping[State, int]
) -> tuple[RemainingCalls, ...]:
    """Count a read at the source, a create and a read-back at the target, per record."""
    ready, made = counts[State.READY], counts[State.CREATED]
    calls = {"source": ready, "target": 2 * ready + made}
    return tuple(_effort(journal, side, count) for side, count in calls.items())


def _effort(journal: Journal, side: str, calls: int) -> RemainingCalls:
    limit = int(journal.meta(f"{side}_limit") or 0)
    return RemainingCalls(
        provider=provider_of(journal, side),
        calls=calls,
        per_minute=limit or None,
        minutes=calls / limit if limit else None,
    )
