"""What a report says, as values: for the page, for JSON, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Self

import sqlalchemy as sa
from attrs import frozen

from ..commands.arguments import AnyPath
from ..commands.summaries.departures import departed_ids
from ..commands.summaries.summary import Summary, summarise
from ..journal.journal import Journal
from ..journal.states import MOVED, State
from ..journal.tables import RECORDS
from ..journal.throughput import Tick
from .declarations import declared_by, source_of
from .tasks import Task, Tasks

_FATES = ("dropped", "changed", "defaulted")


@frozen
class Phase:
    """How many records have come through a phase of the migration, of how many."""

    name: str
    count: int
    total: int

    @property
    def share(self) -> float:
        """The part of all that came through, from 0 to 1."""
        return self.count / self.total if self.total else 0.0


@frozen(kw_only=True)
class Loss:
    """What becomes of a field, for how many records, and by which rule.

    `source` is the page of the vendor that has the rule, "" where it is not known here.
    `remedy` is what to do before it may happen, "" where nothing need be done.
    """

    field: str
    fate: str
    count: int
    message: str
    rule: str
    source: str
    remedy: str


@frozen(kw_only=True)
class Report:
    """All that a report says; nothing in it is personal.

    `throughput` has how many records came into each state in each minute, `waiting` every
    record that somebody must look at, with what to type. `departed` are ids of customers
    who were sent and are not at the source any more, at most 500.
    """

    made_at: datetime
    summary: Summary
    progress: tuple[Phase, ...]
    losses: tuple[Loss, ...]
    throughput: tuple[Tick, ...]
    waiting: tuple[Task, ...] = ()
    departed: tuple[str, ...] = ()

    @classmethod
    def read(cls, journal: AnyPath) -> Self:
        """Return the report of a journal, at any time, also while another writes to it."""
        with Journal.open(journal) as opened:
            return cls.of(opened, listed=True)

    @classmethod
    def of(cls, journal: Journal, *, listed: bool) -> Self:
        """Return the report of an open journal, with who waits or without."""
        summary = summarise(journal, "report")
        tasks = Tasks(journal, summary.source, summary.target)
        return cls(
            made_at=datetime.now(UTC),
            summary=summary,
            progress=tuple(_phases(journal, summary)),
            losses=tuple(_losses(summary)),
            throughput=tuple(journal.throughput()),
            waiting=tuple(tasks.all()) if listed else (),
            departed=departed_ids(journal),
        )


def _phases(journal: Journal, summary: Summary) -> Iterator[Phase]:
    records, counts = summary.totals["records"], summary.counts
    sent = sa.select(sa.func.count()).where(RECORDS.c.attempts > 0)
    verified = counts[State.VERIFIED]
    yield Phase("planned", records, records)
    yield Phase("sent", int(journal.query(sent)[0][0]), records)
    yield Phase("at the target", sum(counts[each] for each in MOVED), records)
    yield Phase("read back", verified + counts[State.MISMATCHED], records)
    yield Phase("verified", verified, records)


def _losses(summary: Summary) -> Sequence[Loss]:
    """Return what happens to fields, what happens to most first."""
    declared = declared_by(summary.target)
    found = [
        Loss(
            field=each.field,
            fate=each.effect,
            count=each.count,
            message=each.message,
            rule=each.rule,
            source=source_of(declared, each.field),
            remedy=each.remedy,
        )
        for each in summary.reasons
        if each.effect in _FATES
    ]
    return sorted(found, key=lambda loss: (-loss.count, loss.field))
