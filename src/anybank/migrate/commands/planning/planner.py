"""Planning: every record of the source gets its certificate; the target hears nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from attrs import define, field

from ....aio import AsyncBank
from ....errors import (
    ConfigurationError,
    Issue,
    NotFound,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
    unsupported_by,
)
from ....model.customers import Customer
from ....model.features import Feature
from ...certify.certificate import Certifier
from ...certify.cohorts import Sample
from ...certify.excluded_customers import excluded_among, known_among
from ...certify.id_file import IdFile
from ...certify.irreversible import irreversible_effects
from ...certify.shared_identities import note_shared
from ...journal.plan_checksum import checksum_of
from ...journal.record_pages import BATCH
from ...journal.records import Record
from ...journal.states import UNSENT, State
from ...journal.transitions import Transition
from ...migration import Migration
from ..match import Matcher
from ..workers.listings import CustomerListing, listing_facts
from ..workers.outages import is_about_customer
from ..workers.worker_pool import Progress
from .readiness import GONE, planned, unreadable
from .source_changes import SourceChanges

Found: TypeAlias = tuple[str, "Customer | Issue"]
"""An id, and the customer that the source has under it, or why there is none to plan."""

_CONCURRENCY = 50
_TRIES = 3
"""How often a read is begun again, each with the bank's own retries."""


@define
class Planner:
    """Plans one migration, once."""

    migration: Migration
    progress: Progress | None
    again: bool = False
    """Plan what was rolled back, too."""
    matcher: Matcher | None = None
    """Recognises who is at the target already."""
    sample: Sample | None = None
    """Whom to plan, where not all."""
    delta: SourceChanges | None = None
    """Notes what has changed."""
    only_new: bool = False
    """Plan only those who have no record yet."""
    _certifier: Certifier = field(init=False)
    _seen: int = field(init=False)
    _without_supplement: int = field(init=False, default=0)

    @_certifier.default
    def _certifier_of_migration(self) -> Certifier:
        return self.migration.certifier()

    @_seen.default
    def _number_of_this_plan(self) -> int:
        return int(self.migration.journal.metadata_value("plan") or 0) + 1

    async def plan(self, ids: Path | None, limit: int | None) -> None:
        """Read the source and certify each of its customers."""
        named = self._named(ids)
        journal = self.migration.journal
        journal.set_metadata(plan=self._seen)
        is_whole = named is None and limit is None and self.sample is None
        async with self.migration.source.open() as bank:
            walk = CustomerListing(bank)
            found = self._listed(walk) if named is None else self._read(bank, named)
            await self._certify_all(found, limit, self._total(named, limit))
            if is_whole:
                await self._look_for_departed(bank, walk)
        if self.matcher is not None and self.matcher.is_needed:
            async with self.migration.target.open() as target:
                await self.matcher.match_all(target)
        note_shared(journal, self.migration.accept_quality)
        declared = self.migration.target.adapter.capabilities
        journal.set_metadata(
            planned=self._seen,
            inventory=journal.count_in_plan(self._seen),
            without_supplement=self._without_supplement,
            plan_checksum=checksum_of(journal),
            irreversible=json.dumps(irreversible_effects(declared)),
            **(listing_facts(walk) if named is None else {}),
        )

    def _total(self, named: IdFile | None, limit: int | None) -> int | None:
        known = named.count if named and self.sample is None else None
        counts = (each for each in (known, limit) if each is not None)
        return min(counts, default=None)

    async def _certify_all(
        self, found: AsyncIterator[Found], limit: int | None, total: int | None
    ) -> None:
        done = 0
        async for batch in _batches(found, limit):
            self._certify(batch)
            done += len(batch)
            if self.progress:
                self.progress(done, total, "certified")

    async def _look_for_departed(self, bank: AsyncBank, walk: CustomerListing) -> None:
        """Read by its id everybody of earlier plans whom the listing did not have."""
        missing_from_plan = self.migration.journal.missing_from_plan(self._seen)
        ids = (each.source_id for each in missing_from_plan)
        async for batch in _batches(self._read(bank, ids), None):
            walk.late += sum(found is not GONE for _, found in batch)
            self._certify(batch)

    def _named(self, ids: Path | None) -> IdFile | None:
        declared = self.migration.source.adapter.capabilities
        _require(declared.provider, declared.supports("customers.get"), _NO_GET)
        if ids is not None:
            return IdFile.read(ids)
        if not declared.supports(Feature.CUSTOMERS_LIST):
            raise ConfigurationError(
                f"{declared.title} cannot list its customers: give their ids in a file "
                "(--ids FILE), one a line"
            )
        return None

    async def _listed(self, walk: CustomerListing) -> AsyncIterator[Found]:
        batch: dict[str, Customer] = {}
        async for customer in walk:
            batch[customer.id] = customer
            if len(batch) >= _CONCURRENCY:
                for each in self._wanted(batch):
                    yield each, batch[each]
                batch = {}
        for each in self._wanted(batch):
            yield each, batch[each]

    async def _read(self, bank: AsyncBank, ids: Iterable[str]) -> AsyncIterator[Found]:
        """Read customers by their ids.

        One answer that is no customer at all is that record's; where a whole chunk has
        none the source is not answering, and the last error is raised.
        """
        for ids_of_chunk in _chunks(ids, _CONCURRENCY):
            chunk = self._wanted(ids_of_chunk)
            found = await asyncio.gather(*(_get(bank, each) for each in chunk))
            failed = [each for _, each in found if isinstance(each, UnexpectedResponse)]
            if failed and len(failed) == len(found):
                raise failed[-1]
            for source_id, each in found:
                if isinstance(each, UnexpectedResponse):
                    yield source_id, unreadable("")
                else:
                    yield source_id, each

    def _wanted(self, ids: Iterable[str]) -> Sequence[str]:
        """Return which of some ids are to be planned, in their order."""
        journal = self.migration.journal
        there = [each for each in ids if self.sample is None or each in self.sample]
        left_out = excluded_among(journal, there)
        if self.only_new:
            left_out |= known_among(journal, there)
        return [each for each in there if each not in left_out]

    def _certify(self, batch: list[Found]) -> None:
        journal = self.migration.journal
        records = journal.add_records([source_id for source_id, _ in batch], self._seen)
        if self.migration.supplement is not None:
            there = [each for each, found in batch if isinstance(found, Customer)]
            self.migration.supplement.prepare(there)
        moves = (self._planned(records[each], found) for each, found in batch)
        journal.write([move for move in moves if move])
        journal.mark_departed(
            [records[source_id].number for source_id, found in batch if found is GONE]
        )

    def _planned(self, record: Record, found: Customer | Issue) -> Transition | None:
        """Return what becomes of a record: one that was sent keeps its outcome."""
        if isinstance(found, Customer) and found.unreadable:
            return self._blocked(
                record, [unreadable(name) for name in found.unreadable]
            )
        if isinstance(found, Issue):
            return self._blocked(record, [found])
        changed = self.delta.note(record, found) if self.delta else None
        if not self._may_plan(record.state):
            return changed
        certificate = self.migration.certify(self._certifier, found)
        if self.migration.supplement is not None and not certificate.supplemented:
            self._without_supplement += 1
        same = certificate.request_print == record.request_print
        if record.state is State.FAILED and same:
            return None
        return planned(record, certificate)

    def _blocked(self, record: Record, issues: Sequence[Issue]) -> Transition | None:
        if not self._may_plan(record.state):
            return None
        return Transition(record.number, State.BLOCKED, {}, issues, {})

    def _may_plan(self, state: State) -> bool:
        return state in UNSENT or (self.again and state is State.ROLLED_BACK)


_NO_GET = "its customers cannot be read"


def _require(provider: str, works: object, why: str) -> None:
    if not works:
        raise unsupported_by(provider, Feature.CUSTOMERS_GET, why)


async def _get(
    bank: AsyncBank, source_id: str
) -> tuple[str, Customer | Issue | UnexpectedResponse]:
    """Read one of many: one bad answer must not end a plan that begins anew each time."""
    for left in reversed(range(_TRIES)):
        try:
            return source_id, await bank.customers.get(source_id)
        except NotFound:
            break
        except UnexpectedResponse as error:
            if not left:
                return source_id, _misfit(error)
        except (OutcomeUnknown, ProviderUnavailable, RateLimited):
            if not left:
                raise
    return source_id, GONE


def _misfit(error: UnexpectedResponse) -> Issue | UnexpectedResponse:
    """Return what of a customer cannot be read; the error where there is no customer."""
    return unreadable(error.path or "") if is_about_customer(error) else error


def _chunks(items: Iterable[str], size: int) -> Iterator[Collection[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


async def _batches(
    found: AsyncIterator[Found], limit: int | None
) -> AsyncIterator[list[Found]]:
    """Group what comes into batches, up to a limit; a listing's repetitions are one."""
    batch: dict[str, Customer | Issue] = {}
    count = 0
    async for source_id, customer in found:
        if limit is not None and count >= limit:
            break
        batch[source_id] = customer
        count += 1
        if len(batch) >= BATCH:
            yield list(batch.items())
            batch = {}
    if batch:
        yield list(batch.items())
