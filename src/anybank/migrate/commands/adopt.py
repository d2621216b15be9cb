"""Copies of a journal: making one, and going on from one.

A copy does not know what was sent after it was taken. `adopt` finds out before anything
is sent: by our reference, where the target keeps it and can be listed; by the key of the
create, where the target answers the same key with the same customer, as `apply` does by
itself. Where a target has neither, everybody who may have been sent is put into
quarantine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import sqlalchemy as sa
from attrs import define, field

from ..._engine.error_boundary import guarded
from ..._engine.timing import Timing
from ...errors import ConfigurationError
from ...model.features import Feature
from ..event_loop import run
from ..journal.copy_detection import COPIED_AT
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import ADOPTING, State
from ..journal.tables import RECORDS
from ..journal.transitions import Transition
from ..migration import Migration, SideLike, resumed
from .arguments import AnyPath
from .match import Matcher, is_matchable
from .summaries.summary import Summary, summarise
from .target.target_check import require_known
from .workers.listings import CustomerListing

_PERHAPS_SENT = (*ADOPTING, State.UNKNOWN)
_LATEST = sa.select(sa.func.max(RECORDS.c.changed_at))
_FAILURE = {"class": "JournalRestored", "outcome": "unknown"}


@guarded
@run_logged
def adopt(
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    restored_from: str | datetime | None = None,
) -> Summary:
    """Take a journal on that is a copy, or lies elsewhere than before; send nobody.

    Everybody who may have been sent since is looked for at the target by our reference,
    or will be sent under the same key, which creates nobody twice; where the target has
    neither, everybody is put into quarantine, and so is who is new at the source. A
    journal that was only moved, with its mark, is taken on as it is. `restored_from` is
    when the copy was taken (ISO 8601): a journal with later entries is refused. `totals`
    has `adopted_found`, `adopted_by_key` and `adopted_quarantined`. No other copy of the
    journal may be used after that.
    """
    with resumed(journal, source, target, adopting=True) as migration:
        opened = migration.journal
        at = _taken_at(opened, restored_from)
        doubts = opened.copy_detector.doubts()
        adoption = Adoption(migration)
        if not all(each.is_moved for each in doubts):
            opened.recover()
            run(adoption.look())
        facts = {"adopted_at": _now(), "restored_from": at} if doubts else {}
        opened.set_metadata(**facts, **{COPIED_AT: ""})
        opened.copy_detector.open(opened.transaction, shared=False)
        return summarise(
            opened,
            "adopt",
            adopted_found=adoption.found,
            adopted_by_key=adoption.by_key,
            adopted_quarantined=adoption.quarantined,
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _taken_at(journal: Journal, given: str | datetime | None) -> str:
    """Return when a copy was taken; raises ConfigurationError where that cannot be."""
    if given is None:
        return ""
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ConfigurationError(
            "restored_from must be a time with its zone, such as 2026-11-28T05:00:00Z"
        )
    latest = journal.query(_LATEST)[0][0]
    if latest and datetime.fromisoformat(latest) > at:
        raise ConfigurationError(
            f"the journal {journal.path} has entries of {latest}, after "
            f"{at.isoformat()}: it is another copy than the one of that time"
        )
    return at.isoformat()


@define
class Adoption:
    """Finds out who may have been sent since a copy was taken."""

    migration: Migration
    found: int = field(init=False, default=0)
    by_key: int = field(init=False, default=0)
    quarantined: int = field(init=False, default=0)

    async def look(self) -> None:
        """Look for everybody, count who is safe by their key, or quarantine them."""
        certifier = self.migration.certifier()
        async with self.migration.target.open() as target:
            await require_known(self._journal, target)
            if is_matchable(certifier):
                await self._wait()
                matcher = Matcher(self._journal, certifier, None, by_reference=True)
                await matcher.match_all(target)
                self.found = matcher.count
            elif certifier.has_key:
                counts = self._journal.counts()
                self.by_key = counts[State.READY] + counts[State.UNKNOWN]
            else:
                await self._quarantine()

    @property
    def _journal(self) -> Journal:
        return self.migration.journal

    async def _wait(self) -> None:
        """Wait until no request of another run can still arrive."""
        target = self.migration.target
        timing = target.options.get("timing") or Timing()
        await timing.async_sleep(target.timeout)

    async def _quarantine(self) -> None:
        await self._add_new()
        for group in _groups(self._journal.records(_PERHAPS_SENT)):
            moves = [_put_aside(each) for each in group]
            self._journal.write(moves)
            self.quarantined += len(moves)

    async def _add_new(self) -> None:
        """Add whom the source has and the copy does not know: they may have been sent."""
        source, journal = self.migration.source, self._journal
        if not source.adapter.capabilities.supports(Feature.CUSTOMERS_LIST):
            return
        planned = int(journal.metadata_value("planned") or 0)
        async with source.open() as bank:
            ids: list[str] = []
            async for customer in CustomerListing(bank):
                ids.append(customer.id)
                if len(ids) == BATCH:
                    self._add(ids, planned)
                    ids = []
            self._add(ids, planned)
        journal.set_metadata(inventory=journal.count_in_plan(planned))

    def _add(self, ids: list[str], planned: int) -> None:
        query = sa.select(RECORDS.c.source_id).where(RECORDS.c.source_id.in_(ids))
        known = {row.source_id for row in self._journal.query(query)}
        if new := [each for each in ids if each not in known]:
            self._journal.add_records(new, planned)


def _put_aside(record: Record) -> Transition:
    return Transition(record.number, State.QUARANTINED, {"failure": _FAILURE})


def _groups(records: Iterator[Record]) -> Iterator[list[Record]]:
    while group := list(islice(records, BATCH)):
        yield group
