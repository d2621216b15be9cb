"""The progress bars of the report: one for each phase, and one for each outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from ..commands.summaries.summary import Summary
from ..journal.states import State
from .report_data import Phase

FAMILIES: Mapping[State, str] = {
    State.VERIFIED: "good",
    State.CREATED: "busy",
    State.READY: "busy",
    State.IN_FLIGHT: "busy",
    State.UNKNOWN: "busy",
    State.PENDING: "wait",
    State.BLOCKED: "wait",
    State.AMBIGUOUS: "wait",
    State.QUARANTINED: "wait",
    State.MISMATCHED: "wait",
    State.DENIED: "wait",
    State.FAILED: "wait",
    State.DELETING: "gone",
    State.ROLLED_BACK: "gone",
}
"""The colour of each state's bar, in the order of the bars."""


@frozen
class Meter:
    """A progress bar; `share` is from 0 to 1."""

    name: str
    count: int
    share: float
    family: str


def phase_bars(phases: Sequence[Phase]) -> Sequence[Meter]:
    """Return a bar for each phase; the last phase completes the migration."""
    return [
        Meter(
            phase.name,
            phase.count,
            phase.share,
            "good" if phase is phases[-1] else "busy",
        )
        for phase in phases
    ]


def outcome_bars(summary: Summary) -> Sequence[Meter]:
    """Return a bar for each state that has records."""
    total = summary.totals["records"] or 1
    return [
        Meter(state.replace("_", " "), count, count / total, family)
        for state, family in FAMILIES.items()
        if (count := summary.counts[state])
    ]
