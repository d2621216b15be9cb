"""Adopts a copy of a journal, so that the migration continues from it.

A copy does not contain what was sent after it was taken. `adopt` finds that out before
anything is sent. Where the target stores our reference and can be listed, it looks the
customers up. Where the target replays creates by an idempotency key, `apply` may send them
again. Where the target does neither, every customer that may have been sent is
quarantined.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from attrs import define, field

from ..._engine.error_boundary import guarded
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
from ..migration import Migration, SideLike, resume_migration
from .arguments import AnyPath
from .match import Matcher, is_matchable
from .summaries.summary import Summary, summarise
from .target.target_check import require_known
from .workers.groups import groups_of
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
    """Adopt a journal that is a copy, or that was moved elsewhere; send nobody.

    Customers who may have been sent since the copy was taken are looked up at the target
    by our reference, or `apply` sends them under the same idempotency key, which creates
    nobody twice. Where the target supports neither, they are quarantined, and so are
    customers who are new at the source. A journal that was only moved, together with its
    mark, is adopted as it is. `restored_from` is the time when the copy was taken
    (ISO 8601); a journal with later entries is refused. `totals` has `adopted_matched`,
    `adopted_by_key` and `adopted_quarantined`. Do not use another copy of the journal
    afterwards.
    """
    with resume_migration(journal, source, target, adopting=True) as migration:
        opened = migration.journal
        copied_at = _copy_time(opened, restored_from)
        doubts = opened.copy_detector.signs()
        adoption = Adoption(migration)
        if not all(doubt.is_moved for doubt in doubts):
            opened.recover()
            run(adoption.settle())
        facts = {"adopted_at": _now(), "restored_from": copied_at} if doubts else {}
        opened.set_metadata(**facts, **{COPIED_AT: ""})
        opened.copy_detector.open(opened.transaction, shared=False)
        return summarise(
            opened,
            "adopt",
            adopted_matched=adoption.matched,
            adopted_by_key=adoption.by_key,
            adopted_quarantined=adoption.quarantined,
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _copy_time(journal: Journal, time: str | datetime | None) -> str:
    """Return when a copy was taken; raise ConfigurationError for an impossible time."""
    if time is None:
        return ""
    try:
        at = datetime.fromisoformat(time) if isinstance(time, str) else time
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ConfigurationError(
            "restored_from must be a time with a zone, such as 2026-11-28T05:00:00Z"
        )
    latest = journal.query(_LATEST)[0][0]
    if latest and datetime.fromisoformat(latest) > at:
        raise ConfigurationError(
            f"the journal {journal.path} has entries of {latest}, after "
            f"{at.isoformat()}: it is not the copy of that time"
        )
    return at.isoformat()


@define
class Adoption:
    """Settles the records that may have been sent since a copy was taken."""

    migration: Migration
    matched: int = field(init=False, default=0)
    by_key: int = field(init=False, default=0)
    quarantined: int = field(init=False, default=0)

    async def settle(self) -> None:
        """Match the records, count those that a key protects, or quarantine them."""
        certifier = self.migration.certifier()
        async with self.migration.target.open() as target:
            await require_known(self._journal, target)
            if is_matchable(certifier):
                await self._wait()
                matcher = Matcher(self._journal, certifier, None, by_reference=True)
                await matcher.match_all(target)
                self.matched = matcher.count
            elif certifier.has_key and certifier.key_lifetime is None:
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
        timing = target.timing
        await timing.async_sleep(target.timeout)

    async def _quarantine(self) -> None:
        await self._add_new()
        for group in groups_of(BATCH, self._journal.records(_PERHAPS_SENT)):
            self._journal.write([_quarantined(record) for record in group])
            self.quarantined += len(group)

    async def _add_new(self) -> None:
        """Add customers that the copy does not have: they may have been sent since."""
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
        if new := [source_id for source_id in ids if source_id not in known]:
            self._journal.add_records(new, planned)


def _quarantined(record: Record) -> Transition:
    return Transition(record.number, State.QUARANTINED, {"failure": _FAILURE})
