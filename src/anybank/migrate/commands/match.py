"""Matches records with customers that the target has already, so that none is duplicated.

A customer is matched by our reference, which the target stores, or by a crosswalk file of
the user (`source_id,target_id`). Families share e-mail addresses, phones and names, so none
of these is a match. A matched customer is read and compared with what a create would send;
one that differs waits for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from attrs import define, evolve, field

from ...aio import AsyncBank
from ...errors import AnybankError, Effect, Issue, NotFound, Remedy, unsupported_by
from ...model.customers import Customer, CustomerStatus
from ...model.features import Feature
from ..certify.certificate import Certifier
from ..certify.row_file import RowFile
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.states import UNSENT, State
from ..journal.tables import RECORDS
from ..journal.transitions import Transition
from .summaries.reasons import DENIED
from .target.comparison import mismatches
from .target.decisions import state_at
from .target.origins import expected_of_match, matched_facts
from .workers.listings import CustomerListing
from .workers.worker_pool import WorkerPool

_CONCURRENCY = 16
_ABSENT = Issue(
    "",
    Effect.BLOCKED,
    "crosswalk",
    "",
    "the target has no customer with the id that the crosswalk names",
    Remedy("correct the crosswalk, then plan again"),
)


@define
class Matcher:
    """Matches the unsent records of a plan with customers of the target."""

    journal: Journal
    certifier: Certifier
    crosswalk: RowFile | None
    by_reference: bool
    pool: WorkerPool = field(factory=lambda: WorkerPool(_CONCURRENCY))
    count: int = field(init=False, default=0)
    calls: int = field(init=False, default=0)
    """How many calls the listing of the target took."""
    _by_number: Mapping[int, set[str]] = field(
        init=False, factory=lambda: defaultdict(set)
    )

    def __attrs_post_init__(self) -> None:
        declared = self.certifier.target.capabilities
        if self.by_reference and not is_matchable(self.certifier):
            reason = "matching needs a listing of customers with our reference: use --crosswalk"
            raise unsupported_by(declared.provider, Feature.CUSTOMERS_LIST, reason)

    @property
    def is_needed(self) -> bool:
        """Whether there are records that a match could keep from being sent."""
        counts = self.journal.counts()
        unsent = any(counts[state] for state in (State.READY, State.FAILED))
        return self.crosswalk is not None or (self.by_reference and unsent)

    async def match_all(self, target: AsyncBank) -> None:
        """Match every unsent record whose customer is at the target."""
        if self.by_reference:
            await self._look_for_references(target)
        unsent = self.journal.records(UNSENT)
        records = (record for record in unsent if self._ids(record))

        async def match(record: Record) -> None:
            try:
                await self._match(target, record)
            except AnybankError as error:
                # Not skipped: a customer who is not matched would be sent again.
                self.pool.abort(error)

        await self.pool.process(records, match, total=0, action="matched")

    async def _look_for_references(self, target: AsyncBank) -> None:
        """List the target; memory holds only the customers with a reference of ours."""
        page: dict[str, list[str]] = defaultdict(list)
        listing = CustomerListing(target)
        async for customer in listing:
            # A denied person is no customer: the application of an earlier journal, or of
            # this one before a rollback, keeps nobody from being sent.
            if customer.status is CustomerStatus.DENIED:
                continue
            if customer.external_id is not None:
                page[customer.external_id].append(customer.id)
            if len(page) >= BATCH:
                self._note(page)
                page = defaultdict(list)
        self._note(page)
        self.calls = listing.calls

    def _note(self, page: Mapping[str, Collection[str]]) -> None:
        query = sa.select(RECORDS.c.number, RECORDS.c.reference)
        for row in self.journal.query(
            query.where(RECORDS.c.reference.in_(page), RECORDS.c.state.in_(UNSENT))
        ):
            self._by_number[row.number].update(page[row.reference])

    def _ids(self, record: Record) -> set[str]:
        """Return the target ids of a record, from the crosswalk and the listing."""
        row = self.crosswalk.find(record.source_id) if self.crosswalk else None
        ids = {str(row["target_id"])} if row and "target_id" in row else set()
        return ids | self._by_number.get(record.number, set())

    async def _match(self, target: AsyncBank, record: Record) -> None:
        ids = sorted(self._ids(record))
        try:
            customer = await target.customers.get(ids[0])
        except NotFound:
            blocked = Transition(record.number, State.BLOCKED, {}, [_ABSENT])
            return self.journal.write([blocked])
        self.count += 1
        record = evolve(record, promise=expected_of_match(self.certifier, record))
        problem = self._problem(record, customer, ids)
        by = "reference" if record.number in self._by_number else "crosswalk"
        state = State.AMBIGUOUS if problem else self._arrived(customer)
        return self.journal.write(list(_transitions(record, ids, problem, by, state)))

    def _arrived(self, customer: Customer) -> State:
        return state_at(self.certifier.target.capabilities, customer)

    def _problem(
        self, record: Record, customer: Customer, ids: list[str]
    ) -> str | None:
        """Return why a person must decide, None where the match is certain."""
        if len(ids) > 1 or self.journal.owner_of(ids[0]):
            return "TargetIdTwice"
        if not record.promise:
            return "NotCompared"
        is_other = mismatches(self.certifier, record, customer)
        return "FoundDifferent" if is_other else None


def is_matchable(certifier: Certifier) -> bool:
    """Return whether the target can list customers with our references."""
    lists = certifier.target.capabilities.supports(Feature.CUSTOMERS_LIST)
    return bool(lists) and certifier.has_reference


def _transitions(
    record: Record, ids: list[str], problem: str | None, by: str, state: State
) -> Iterator[Transition]:
    """Yield the transition to `ambiguous`, then to *state* without a problem."""
    failure = {"class": problem or "Matched", "outcome": "unknown", "target_ids": ids}
    # Both are written in one transaction. No intent was written, and without one a ready
    # record may not become created, but an ambiguous one may.
    yield Transition(record.number, State.AMBIGUOUS, {"failure": failure})
    if problem is None:
        known = {
            "target_id": ids[0],
            "failure": matched_facts(by),
            "promise": record.promise,
        }
        if state is State.DENIED:
            known["mismatches"] = DENIED
        yield Transition(record.number, state, known)


@contextmanager
def crosswalk_rows(path: Path | None) -> Iterator[RowFile | None]:
    """Open a crosswalk and check every row.

    Raises ConfigurationError with the line of a row that is wrong.
    """
    if path is None:
        yield None
        return
    rows = RowFile(path, ("target_id",))
    try:
        for line, row in rows.index():
            if not isinstance(row.get("target_id"), str):
                raise rows.wrong(line, "target_id", "is empty or not a text")
        yield rows
    finally:
        rows.close()
