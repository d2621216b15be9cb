"""The contents of a report as values, for the HTML page, for JSON and for programs.

The page reads the waiting records itself, one at a time, because a list of all of them may
not fit into memory; only `Report.read` has the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Self

import sqlalchemy as sa
from attrs import evolve, frozen

from ...errors import Effect, IssueCount
from ..commands.arguments import AnyPath
from ..commands.summaries.departures import departed_ids
from ..commands.summaries.summary import Summary, summarise
from ..journal.journal import Journal
from ..journal.states import MOVED, State
from ..journal.tables import RECORDS
from ..journal.throughput import Tick, WorkerTick
from .declarations import declared_target, source_of
from .tasks import Task, Tasks

_EFFECTS = (Effect.DROPPED, Effect.CHANGED, Effect.DEFAULTED)


@frozen
class Phase:
    """A phase of the migration, with the number of records that completed it."""

    name: str
    count: int
    total: int

    @property
    def share(self) -> float:
        """The share of records that completed the phase, from 0 to 1."""
        return self.count / self.total if self.total else 0.0


@frozen(kw_only=True)
class Report:
    """The contents of a report, without personal data.

    `throughput` counts the records that entered each state in each minute, and
    `worker_throughput` the changes that each worker wrote. `waiting` lists
    every record that needs a person, with the commands to type. `departed` lists up to 500
    ids of customers who were sent and no longer exist at the source.
    """

    created_at: datetime
    summary: Summary
    progress: tuple[Phase, ...]
    losses: tuple[IssueCount, ...]
    throughput: tuple[Tick, ...]
    worker_throughput: tuple[WorkerTick, ...] = ()
    waiting: tuple[Task, ...] = ()
    departed: tuple[str, ...] = ()

    @classmethod
    def read(cls, journal: AnyPath) -> Self:
        """Return a journal's report, at any time, even while a command writes to it.

        Raises ConfigurationError for a journal that may not be the latest.
        """
        with Journal.open(journal) as opened:
            opened.copy_detector.require_latest()
            return cls.of(opened, listed=True)

    @classmethod
    def of(cls, journal: Journal, *, listed: bool) -> Self:
        """Return the report of an open journal; *listed* includes `waiting`."""
        summary = summarise(journal, "report")
        tasks = Tasks(journal, summary.source, summary.target)
        return cls(
            created_at=datetime.now(UTC),
            summary=summary,
            progress=tuple(_phases(journal, summary)),
            losses=tuple(_losses(journal, summary)),
            throughput=tuple(journal.throughput()),
            worker_throughput=tuple(_by_workers(journal)),
            waiting=tuple(tasks.all()) if listed else (),
            departed=departed_ids(journal),
        )


def _by_workers(journal: Journal) -> Iterator[WorkerTick]:
    """Yield the changes of workers, without those of other commands."""
    return (tick for tick in journal.worker_throughput() if tick.worker)


def _phases(journal: Journal, summary: Summary) -> Iterator[Phase]:
    records, counts = summary.totals["records"], summary.counts
    # By attempts and not by state: a rejected customer was sent, a matched one was not.
    sent = sa.select(sa.func.count()).where(RECORDS.c.attempts > 0)
    verified = counts[State.VERIFIED]
    yield Phase("planned", records, records)
    yield Phase("sent", int(journal.query(sent)[0][0]), records)
    yield Phase("at the target", sum(counts[state] for state in MOVED), records)
    yield Phase("read back", verified + counts[State.MISMATCHED], records)
    yield Phase("verified", verified, records)


def _losses(journal: Journal, summary: Summary) -> Sequence[IssueCount]:
    """Return the losses and changes of fields, the most frequent first."""
    declared = declared_target(journal.metadata())
    losses = [
        evolve(reason, source=source_of(declared, reason.field))
        for reason in summary.reasons
        if reason.effect in _EFFECTS
    ]
    return sorted(losses, key=lambda loss: (-loss.count, loss.field))
