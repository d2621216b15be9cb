"""The planner: reads every customer of the source and records a certificate for each.

Records that were sent keep their outcomes. A plan that is interrupted has no checksum, and
nothing is sent from it: `planned` follows `plan` in the metadata only at the end. The same
plan continues at the page where it was interrupted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
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
from ..workers.breakers import Breaker, create_breaker
from ..workers.groups import groups_of
from ..workers.listings import CustomerListing, ListingPosition, listing_facts
from ..workers.outages import is_about_customer
from ..workers.worker_pool import WorkerPool, announced_timing
from .plan_progress import NO_PROGRESS, PlanProgress, listed_ids
from .readiness import GONE, planned, unreadable
from .source_changes import SourceChanges

SourceRead: TypeAlias = tuple[str, "Customer | Issue"]
"""A source id with its customer, or with the issue that blocks its record."""
Result: TypeAlias = tuple[str, "Customer | Issue | UnexpectedResponse"]
"""A source id with its customer, the reason to block it, or an unreadable response."""

_CONCURRENCY = 50
_PAGES = 20
"""After how many pages without enough customers for a batch the position is noted."""
_TRIES = 3
"""How often a customer is read; each read has the bank's own retries."""


@define
class Planner:
    """Plans one migration; use it once."""

    migration: Migration
    pool: WorkerPool
    """Knows how long to wait for a source that is down, and shows the progress."""
    again: bool = False
    """Whether customers who were rolled back are planned too."""
    matcher: Matcher | None = None
    """Matches records with customers that the target has already."""
    sample: Sample | None = None
    """The customers to plan, where not all of them are."""
    source_changes: SourceChanges | None = None
    """Counts the customers who have changed since the last plan."""
    only_new: bool = False
    """Whether only customers without a record are planned."""
    progress: PlanProgress | None = None
    """Where the plan continues; None for one that starts over when it is interrupted."""
    _certifier: Certifier = field(init=False)
    _number: int = field(init=False)
    _without_supplement: int = field(init=False, default=0)
    _not_listed: int = field(init=False, default=0)
    """How many customers of earlier plans only their ids found."""

    @_certifier.default
    def _certifier_of_migration(self) -> Certifier:
        return self.migration.certifier()

    @_number.default
    def _number_of_this_plan(self) -> int:
        journal = self.migration.journal
        if self.progress is not None:
            return self.progress.number(journal)
        return int(journal.metadata_value("plan") or 0) + 1

    async def plan(self, ids: Path | None, limit: int | None) -> None:
        """Read the source and certify each of its customers."""
        named = self._named(ids)
        journal = self.migration.journal
        # From here on the plan counts as interrupted, until `planned` is the same number.
        journal.set_metadata(
            plan=self._number,
            planned_on=self.migration.planned_on.isoformat(),
            **self._noted(None),
        )
        is_whole = named is None and limit is None and self.sample is None
        source = self.migration.source
        timing = announced_timing(source, self.pool)
        async with source.open(timing=timing) as bank:
            breaker = create_breaker(bank, self.pool, source.timing, None)
            listing = self._listing(bank, breaker)
            if named is None:
                await self._certify_listing(listing, limit)
            else:
                reads = self._read(bank, breaker, named)
                await self._certify_all(reads, limit, self._total(named, limit))
            # A plan of a part of the source says nothing about the other customers.
            if is_whole:
                await self._read_missing(bank, breaker)
        # After all certificates, because a match is compared with the expected fields.
        if self.matcher is not None and self.matcher.is_needed:
            async with self.migration.target.open() as target:
                await self.matcher.match_all(target)
        # Only now are all customers in the journal, whose values are compared.
        note_shared(journal, self.migration.accept_quality)
        declared = self.migration.target.adapter.capabilities
        journal.set_metadata(
            planned=self._number,
            inventory=journal.count_in_plan(self._number),
            without_supplement=self._without_supplement,
            plan_checksum=checksum_of(journal),
            irreversible=json.dumps(irreversible_effects(declared)),
            **(listing_facts(listing, self._not_listed) if named is None else {}),
            **NO_PROGRESS,
        )

    def _listing(self, bank: AsyncBank, breaker: Breaker) -> CustomerListing:
        """Return the listing of the source, where an interrupted plan has left it."""
        if self.progress is None or not self.progress.is_continued:
            return CustomerListing(bank, breaker)
        self._without_supplement = self.progress.without_supplement
        return CustomerListing(
            bank,
            breaker,
            self.progress.position,
            listed_ids(self.migration.journal, self._number),
        )

    async def _certify_listing(
        self, listing: CustomerListing, limit: int | None
    ) -> None:
        """Certify the listed customers, some pages at a time, and note the position."""
        reads: list[SourceRead] = []
        pages, done = 0, self._done
        async for page in listing.pages():
            pages += 1
            customers = {customer.id: customer for customer in page.customers}
            reads += [(key, customers[key]) for key in self._selected(customers)]
            is_last = limit is not None and done + len(reads) >= limit
            if is_last:
                del reads[max(0, (limit or 0) - done) :]
            elif len(reads) < BATCH and pages < _PAGES and page.position.token:
                continue
            self._certify(reads, page.position)
            done += len(reads)
            self._report(done, limit)
            reads, pages = [], 0
            if is_last:
                break

    @property
    def _done(self) -> int:
        """How many customers an interrupted plan has certified."""
        is_continued = self.progress is not None and self.progress.is_continued
        return self.migration.journal.count_in_plan(self._number) if is_continued else 0

    def _report(self, done: int, total: int | None) -> None:
        if self.pool.progress:
            self.pool.progress(done, total, "certified")

    def _noted(self, position: ListingPosition | None) -> Mapping[str, object]:
        """Return the metadata from which the next process continues this plan.

        Without a position they are those of its beginning.
        """
        if self.progress is None:
            return NO_PROGRESS if position is None else {}
        if position is None:
            return self.progress.metadata
        return self.progress.at(position, self._without_supplement).metadata

    def _total(self, named: IdFile | None, limit: int | None) -> int | None:
        known = named.count if named and self.sample is None else None
        counts = (count for count in (known, limit) if count is not None)
        return min(counts, default=None)

    async def _certify_all(
        self, reads: AsyncIterator[SourceRead], limit: int | None, total: int | None
    ) -> None:
        done = 0
        async for batch in _batches(reads, limit):
            self._certify(batch)
            done += len(batch)
            self._report(done, total)

    async def _read_missing(self, bank: AsyncBank, breaker: Breaker) -> None:
        """Read by id the customers of earlier plans that the listing did not have.

        They have left the source, or the listing has lost them.
        """
        missing = self.migration.journal.missing_from_plan(self._number)
        ids = (record.source_id for record in missing)
        async for batch in _batches(self._read(bank, breaker, ids), None):
            self._not_listed += sum(result is not GONE for _, result in batch)
            self._certify(batch)

    def _named(self, ids: Path | None) -> IdFile | None:
        declared = self.migration.source.adapter.capabilities
        _require(declared.provider, declared.supports("customers.get"), _NO_GET)
        if ids is not None:
            return IdFile.read(ids)
        if not declared.supports(Feature.CUSTOMERS_LIST):
            raise ConfigurationError(
                f"{declared.title} cannot list its customers: pass their ids in a file, "
                "one id per line (--ids FILE)"
            )
        return None

    async def _read(
        self, bank: AsyncBank, breaker: Breaker, ids: Iterable[str]
    ) -> AsyncIterator[SourceRead]:
        """Read customers by their ids; a response without a customer blocks one record."""
        for group in groups_of(_CONCURRENCY, ids):
            get = partial(_get_group, bank, self._selected(group))
            for source_id, result in await breaker.read(get):
                if isinstance(result, UnexpectedResponse):
                    yield source_id, unreadable("")
                else:
                    yield source_id, result

    def _selected(self, ids: Iterable[str]) -> Sequence[str]:
        """Return the ids that are to be planned, in their order."""
        journal, sample = self.migration.journal, self.sample
        selected = [
            source_id for source_id in ids if sample is None or source_id in sample
        ]
        omitted = excluded_among(journal, selected)
        if self.only_new:
            omitted |= known_among(journal, selected)
        return [source_id for source_id in selected if source_id not in omitted]

    def _certify(
        self, batch: Sequence[SourceRead], position: ListingPosition | None = None
    ) -> None:
        """Certify a batch; with it, note the position after it in the source's listing."""
        journal = self.migration.journal
        # Negative until they are certified. A crash between the transactions of a batch
        # leaves new records blocked, and the plan that continues certifies them again.
        records = journal.add_records(
            [source_id for source_id, _ in batch], -self._number
        )
        if self.migration.supplement is not None:
            customers = [key for key, result in batch if isinstance(result, Customer)]
            self.migration.supplement.prepare(customers)
        transitions = (
            self._transition(records[source_id], result) for source_id, result in batch
        )
        journal.write([transition for transition in transitions if transition])
        numbers = [records[source_id].number for source_id, _ in batch]
        journal.mark_certified(
            numbers, self._number, **(self._noted(position) if position else {})
        )
        journal.mark_departed(
            [records[source_id].number for source_id, result in batch if result is GONE]
        )

    def _transition(
        self, record: Record, result: Customer | Issue
    ) -> Transition | None:
        """Return the transition of a record, None for one that was sent."""
        if isinstance(result, Customer) and result.unreadable:
            return self._blocked(
                record, [unreadable(name) for name in result.unreadable]
            )
        if isinstance(result, Issue):
            return self._blocked(record, [result])
        changes = self.source_changes
        changed = changes.note(record, result) if changes else None
        # A record that was sent keeps its certificate: `verify` compares with that one.
        if not self._may_plan(record.state):
            return changed
        certificate = self.migration.certify(self._certifier, result)
        if self.migration.supplement is not None and not certificate.supplemented:
            self._without_supplement += 1
        # The target would reject the same request again.
        is_same = certificate.request_print == record.request_print
        if record.state is State.FAILED and is_same:
            return None
        return planned(record, certificate)

    def _blocked(self, record: Record, issues: Sequence[Issue]) -> Transition | None:
        if not self._may_plan(record.state):
            return None
        return Transition(record.number, State.BLOCKED, {}, issues, {})

    def _may_plan(self, state: State) -> bool:
        return state in UNSENT or (self.again and state is State.ROLLED_BACK)


_NO_GET = "its customers cannot be read"


def _require(provider: str, is_supported: object, reason: str) -> None:
    if not is_supported:
        raise unsupported_by(provider, Feature.CUSTOMERS_GET, reason)


async def _get_group(bank: AsyncBank, ids: Sequence[str]) -> Sequence[Result]:
    """Read customers; where no response has one, raise the last error of the source.

    A whole group without a customer means that the source is broken, and blocking the
    customers would be wrong.
    """
    results = await asyncio.gather(*(_get(bank, source_id) for source_id in ids))
    errors = [result for _, result in results if isinstance(result, UnexpectedResponse)]
    if errors and len(errors) == len(results):
        raise errors[-1]
    return results


async def _get(bank: AsyncBank, source_id: str) -> Result:
    """Read a customer, with retries: one bad response must not end a long plan."""
    for left in reversed(range(_TRIES)):
        try:
            return source_id, await bank.customers.get(source_id)
        except NotFound:
            break
        except UnexpectedResponse as error:
            if not left:
                return source_id, _issue_of(error)
        except (OutcomeUnknown, ProviderUnavailable, RateLimited):
            if not left:
                raise
    return source_id, GONE


def _issue_of(error: UnexpectedResponse) -> Issue | UnexpectedResponse:
    """Return the issue of a customer's value, or the error if there is no customer."""
    return unreadable(error.path or "") if is_about_customer(error) else error


async def _batches(
    reads: AsyncIterator[SourceRead], limit: int | None
) -> AsyncIterator[list[SourceRead]]:
    """Yield the reads in batches, up to a limit; a batch has each id once."""
    batch: dict[str, Customer | Issue] = {}
    count = 0
    async for source_id, customer in reads:
        if limit is not None and count >= limit:
            break
        batch[source_id] = customer
        count += 1
        if len(batch) >= BATCH:
            yield list(batch.items())
            batch = {}
    if batch:
        yield list(batch.items())
