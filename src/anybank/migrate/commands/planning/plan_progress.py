"""How far a plan has read its source: the same plan continues there after a kill.

The position is written in the transaction that marks a page's customers as certified. So
the next process certifies everybody whom the position does not cover, and nobody twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import Self

import attrs
import sqlalchemy as sa
from attrs import evolve, frozen

from ....plugins import BUILT_IN, providers
from ...journal.journal import Journal
from ...journal.plan_checksum import facts_of, is_whole
from ...journal.tables import EXCLUSIONS, RECORDS
from ...migration import Migration
from ..workers.listings import ListingPosition

_PROGRESS = "plan_progress"
"""The metadata with the progress of a plan; empty where there is none to continue."""
_FRESH = timedelta(days=1)
"""How old a position may be: a bank forgets its tokens, and the data of a plan get old."""


@frozen(kw_only=True)
class PlanProgress:
    """What an interrupted plan has done."""

    arguments: str
    """The digest of all that the certificates depend on."""
    planned_on: date
    without_supplement: int = 0
    """How many of the certified customers have no row in the supplement."""
    position: ListingPosition = ListingPosition()
    is_continued: bool = False
    """Whether another process has begun the plan."""

    @classmethod
    def of(cls, migration: Migration, *, again: bool) -> Self | None:
        """Return the progress of the same plan, or that of a new one.

        None for the plan of a file, which may have changed and is read quickly.
        """
        if migration.source.provider in BUILT_IN:
            return None
        arguments = _digest(migration, again=again)
        interrupted = cls._interrupted(migration.journal)
        if interrupted is not None and interrupted.arguments == arguments:
            return interrupted
        return cls(arguments=arguments, planned_on=migration.planned_on)

    @classmethod
    def _interrupted(cls, journal: Journal) -> Self | None:
        metadata = journal.metadata()
        text = metadata.get(_PROGRESS)
        if not text or is_whole(metadata):
            return None
        progress = json.loads(text)
        if datetime.fromisoformat(progress["at"]) < datetime.now(UTC) - _FRESH:
            return None
        return cls(
            arguments=progress["arguments"],
            planned_on=date.fromisoformat(progress["planned_on"]),
            without_supplement=progress["without_supplement"],
            position=ListingPosition(**progress["position"]),
            is_continued=True,
        )

    def number(self, journal: Journal) -> int:
        """Return the number of the plan: that of the interrupted one, or the next."""
        last = int(journal.metadata_value("plan") or 0)
        return last if self.is_continued else last + 1

    def at(self, position: ListingPosition, without_supplement: int) -> Self:
        """Return the progress at another position."""
        return evolve(self, position=position, without_supplement=without_supplement)

    @property
    def metadata(self) -> dict[str, object]:
        """The metadata from which the next process continues."""
        progress = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "arguments": self.arguments,
            "planned_on": self.planned_on.isoformat(),
            "without_supplement": self.without_supplement,
            "position": attrs.asdict(self.position),
        }
        return {_PROGRESS: json.dumps(progress, sort_keys=True)}


NO_PROGRESS = {_PROGRESS: ""}
"""The metadata of a plan that starts over when it is interrupted, or is complete."""


def listed_ids(journal: Journal, plan: int) -> Iterator[str]:
    """Yield the ids that a plan has certified or left out."""
    certified = sa.select(RECORDS.c.number, RECORDS.c.source_id)
    for row in journal.walk(certified.where(RECORDS.c.seen == plan)):
        yield row.source_id
    yield from _excluded(journal)


def _excluded(journal: Journal) -> Iterator[str]:
    query = sa.select(EXCLUSIONS.c.source_id).order_by(EXCLUSIONS.c.source_id)
    for row in journal.query(query):
        yield row.source_id


def _digest(migration: Migration, *, again: bool) -> str:
    journal, digest = migration.journal, sha256()
    metadata = journal.metadata()
    versions = {info.name: info.version for info in providers()}
    sides = (migration.source, migration.target)
    parts = [
        *facts_of(metadata),
        f"again={again}",
        f"anybank={version('anybank')}",
        *(f"{side.provider}={versions.get(side.provider)}" for side in sides),
        *_excluded(journal),
    ]
    for part in parts:
        digest.update(f"{part}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
