"""The command that comes next, exactly as it is typed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import sqlalchemy as sa

from ...certify.change_limit import refusal_of
from ...journal.journal import Journal
from ...journal.plan_checksum import is_whole
from ...journal.states import State
from ...journal.tables import RECORDS

_TO_APPLY = (State.READY, State.UNKNOWN, State.IN_FLIGHT)
_TO_LOOK_AT = (State.QUARANTINED, State.AMBIGUOUS, State.MISMATCHED, State.FAILED)


def next_command(journal: Journal) -> str | None:
    """Return what to type next on a journal.

    None where a plan was interrupted or refused, whose options nobody recorded, and where
    nothing is left.
    """
    if not is_whole(journal) or refusal_of(journal):
        return None
    words = _words(journal)
    if not words:
        return None
    on = ("--journal", journal.path)
    if words[0] == "show" and words[1].startswith("-"):
        return shlex.join(("anybank", "migrate", "show", *on, "--", words[1]))
    return shlex.join(("anybank", "migrate", *words, *on))


def _words(journal: Journal) -> Sequence[str]:
    counts = journal.counts()
    if counts[State.DELETING]:
        return ("rollback",)
    if any(counts[state] for state in _TO_APPLY):
        plan = journal.metadata_value("plan_checksum")
        return ("apply", *(("--plan", plan) if plan else ()))
    if counts[State.CREATED]:
        return ("verify",)
    if (waiting := _first(journal)) is not None:
        return ("show", waiting)
    if counts[State.BLOCKED]:
        return ("report", "--html", "report.html")
    return ("crosswalk", "--csv", "crosswalk.csv") if counts[State.VERIFIED] else ()


def _first(journal: Journal) -> str | None:
    """Return the id of one whom a person must look at."""
    query = sa.select(RECORDS.c.source_id).where(RECORDS.c.state.in_(_TO_LOOK_AT))
    rows = journal.query(query.order_by(RECORDS.c.number).limit(1))
    return rows[0].source_id if rows else None
