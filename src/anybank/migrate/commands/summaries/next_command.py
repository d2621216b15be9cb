"""The command line to run next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from ...journal.journal import Journal
from ...journal.states import State
from ...journal.tables import BATCHES, RECORDS

_TO_APPLY = (State.READY, State.UNKNOWN, State.IN_FLIGHT)
_FOR_A_PERSON = (
    State.QUARANTINED,
    State.AMBIGUOUS,
    State.DENIED,
    State.MISMATCHED,
    State.FAILED,
)


def next_command(
    journal: Journal, plan: str | None, counts: Mapping[State, int]
) -> str | None:
    """Return the command line to run next on a journal, None where nothing is left.

    `plan` is the checksum of the plan, which is whole and not refused: the journal does
    not record the options of another plan.
    """
    words = _words(journal, counts, plan)
    if not words:
        return None
    option = ("--journal", journal.path)
    # A source id may begin with a dash and would then be read as an option.
    if words[0] == "show" and words[1].startswith("-"):
        return shlex.join(("anybank", "migrate", "show", *option, "--", words[1]))
    return shlex.join(("anybank", "migrate", *words, *option))


def _words(
    journal: Journal, counts: Mapping[State, int], plan: str | None
) -> Sequence[str]:
    if counts[State.DELETING]:
        return ("rollback",)
    if any(counts[state] for state in _TO_APPLY):
        return _apply(journal, plan)
    if counts[State.CREATED]:
        return ("verify",)
    if (waiting := _first(journal)) is not None:
        return ("show", waiting)
    return _after_all(journal, counts, plan)


def _after_all(
    journal: Journal, counts: Mapping[State, int], plan: str | None
) -> Sequence[str]:
    """Return the command where nothing is left to send, to verify or to resolve."""
    if counts[State.PENDING]:  # once the target has decided
        return _apply(journal, plan)
    if counts[State.BLOCKED]:
        return ("report", "--html", "report.html")
    return ("crosswalk", "--csv", "crosswalk.csv") if counts[State.VERIFIED] else ()


def _apply(journal: Journal, plan: str | None) -> Sequence[str]:
    # Batches are for workers, and no apply can run next to them.
    apply = ("apply", *(("--plan", plan) if plan else ()))
    return ("work",) if _has_batches(journal) else apply


def _has_batches(journal: Journal) -> bool:
    if not journal.is_current:
        return False
    return bool(journal.query(sa.select(BATCHES.c.first).limit(1)))


def _first(journal: Journal) -> str | None:
    """Return the id of a record that waits for a person."""
    query = sa.select(RECORDS.c.source_id).where(RECORDS.c.state.in_(_FOR_A_PERSON))
    rows = journal.query(query.order_by(RECORDS.c.number).limit(1))
    return rows[0].source_id if rows else None
