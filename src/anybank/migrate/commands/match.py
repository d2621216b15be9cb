"""Recognising customers who are at the target already, so that they are not made twice.

A customer is recognised by our reference, which the target keeps, or by a crosswalk that
the user gives: `source_id,target_id`. Never by e-mail, phone or name. Who is recognised
is read and compared with what a create would promise; one who differs waits for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from attrs import define, evolve, field

from ...aio import AsyncBank
from ...declaration.vocabulary import Feature
from ...errors import AnybankError, NotFound, unsupported_by
from ...model.customers import Customer
from ..certify.certificate import Certifier, Fate, Finding
from ..certify.row_file import RowFile
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.states import UNSENT, State
from ..journal.tables import RECORDS
from ..journal.transitions import Transition
from .target.comparison import mismatches
from .target.origins import matched, promised_of_found
from .workers.listings import CustomerListing
from .workers.worker_pool import WorkerPool

_CONCURRENCY = 16
_ABSENT = Finding(
    "",
    Fate.BLOCKED,
    "crosswalk",
    "the target does not know the id that the crosswalk gives",
    "correct the crosswalk, then plan again",
    stops=True,
)


@define
class Matcher:
    """Finds the records of a plan whose customers are at the target already."""

    journal: Journal
    certifier: Certifier
    crosswalk: RowFile | None
    by_reference: bool
    pool: WorkerPool = field(factory=lambda: WorkerPool(_CONCURRENCY))
    count: int = field(init=False, default=0)
    calls: int = field(init=False, default=0)
    """How many calls listed the target."""
    _found: Mapping[int, set[str]] = field(init=False, factory=lambda: defaultdict(set))

    def __attrs_post_init__(self) -> None:
        declared = self.certifier.target.capabilities
        if self.by_reference and not is_matchable(self.certifier):
            said = "without a list and an id of ours nobody is recognised: --crosswalk"
            raise unsupported_by(declared.provider, Feature.CUSTOMERS_LIST, said)

    @property
    def is_needed(self) -> bool:
        """Whether anybody could be recognised: somebody is about to be sent."""
        counts = self.journal.counts()
        unsent = any(counts[state] for state in (State.READY, State.FAILED))
        return self.crosswalk is not None or (self.by_reference and unsent)

    async def match_all(self, target: AsyncBank) -> None:
        """Settle every unsent record whose customer is at the target."""
        if self.by_reference:
            await self._look_for_references(target)
        records = (each for each in self.journal.records(UNSENT) if self._ids(each))

        async def match(record: Record) -> None:
            try:
                await self._match(target, record)
            except AnybankError as error:
                self.pool.abort(error)

        await self.pool.process(records, match, total=0, action="matched")

    async def _look_for_references(self, target: AsyncBank) -> None:
        """List the target; in memory is only who has one of our references."""
        page: dict[str, list[str]] = defaultdict(list)
        walk = CustomerListing(target)
        async for customer in walk:
            if customer.external_id is not None:
                page[customer.external_id].append(customer.id)
            if len(page) >= BATCH:
                self._note(page)
                page = defaultdict(list)
        self._note(page)
        self.calls = walk.calls

    def _note(self, page: Mapping[str, Collection[str]]) -> None:
        query = sa.select(RECORDS.c.number, RECORDS.c.reference)
        for row in self.journal.query(
            query.where(RECORDS.c.reference.in_(page), RECORDS.c.state.in_(UNSENT))
        ):
            self._found[row.number].update(page[row.reference])

    def _ids(self, record: Record) -> set[str]:
        """Return the ids that a record's customer has at the target, as far as told."""
        row = self.crosswalk.find(record.source_id) if self.crosswalk else None
        given = {str(row["target_id"])} if row and "target_id" in row else set()
        return given | self._found.get(record.number, set())

    async def _match(self, target: AsyncBank, record: Record) -> None:
        ids = sorted(self._ids(record))
        try:
            customer = await target.customers.get(ids[0])
        except NotFound:
            blocked = Transition(record.number, State.BLOCKED, {}, [_ABSENT.reason])
            return self.journal.move([blocked])
        self.count += 1
        record = evolve(record, promise=promised_of_found(self.certifier, record))
        doubt = self._doubt(record, customer, ids)
        by = "reference" if record.number in self._found else "crosswalk"
        return self.journal.move(list(_moves(record, ids, doubt, by)))

    def _doubt(self, record: Record, customer: Customer, ids: list[str]) -> str | None:
        """Return why a person must look, None where it is plainly this customer."""
        if len(ids) > 1 or self.journal.owner_of(ids[0]):
            return "TargetIdTwice"
        if not record.promise:
            return "NotCompared"
        is_other = mismatches(self.certifier, record, customer)
        return "FoundDifferent" if is_other else None


def is_matchable(certifier: Certifier) -> bool:
    """Return whether a target shows who has a reference of ours."""
    lists = certifier.target.capabilities.supports(Feature.CUSTOMERS_LIST)
    return bool(lists) and certifier.has_reference


def _moves(
    record: Record, ids: list[str], doubt: str | None, by: str
) -> Iterator[Transition]:
    """Yield the way to `ambiguous`, and on to `created` where there is no doubt."""
    failure = {"class": doubt or "Matched", "outcome": "unknown", "target_ids": ids}
    yield Transition(record.number, State.AMBIGUOUS, {"failure": failure})
    if doubt is None:
        known = {
            "target_id": ids[0],
            "failure": matched(by),
            "promise": record.promise,
        }
        yield Transition(record.number, State.CREATED, known)


@contextmanager
def crosswalk_rows(path: Path | None) -> Iterator[RowFile | None]:
    """Open a crosswalk, every row of it checked; what is wrong is named by its place."""
    if path is None:
        yield None
        return
    rows = RowFile(path, ("target_id",))
    try:
        for line, row in rows.index():
            if not isinstance(row.get("target_id"), str):
                raise rows.wrong(line, "target_id", "is empty, or not a text")
        yield rows
    finally:
        rows.close()
