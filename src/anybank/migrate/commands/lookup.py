"""Looking for what may have been made: one listing of the target answers for all.

It begins a timeout after the last create without an answer, or, where a run died, as
long after the last intent as a request may take: until then the target may still be
making the customer, and one who is absent would be sent, and made, twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from attrs import define, field

from ..._engine.timing import Timing
from ...aio import AsyncBank
from ...declaration.vocabulary import Feature
from ...errors import Outcome
from ...model.customers import Customer
from ..certify.certificate import Certifier
from ..journal.batch_leases import PHASES
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.states import State
from ..journal.transitions import Transition
from ..migration import Migration
from .target.comparison import mismatches
from .target.origins import found
from .workers.create_errors import may_exist
from .workers.listings import CustomerListing
from .workers.worker_pool import WorkerPool


@define
class Lookup:
    """Settles every unknown record of a migration, without sending anything again.

    Where the target replays a create, what is unknown is the sender's to send again, under
    the same key; what it refused then waits for a person.
    """

    migration: Migration
    target: AsyncBank
    certifier: Certifier
    timing: Timing
    pool: WorkerPool
    quiet_at: float
    """When no request of an earlier worker can arrive any more, by `timing`."""
    _is_blind: bool = field(init=False, default=False)
    """Whether the target listed somebody whose reference cannot be read: who is not found
    may be that one, so nobody is absent for certain."""

    @property
    def is_possible(self) -> bool:
        """True where the target keeps our reference and can list its customers."""
        lists = self.target.capabilities.supports(Feature.CUSTOMERS_LIST)
        return lists and self.certifier.has_reference

    async def settle(self) -> None:
        """Look for what is unknown; where nothing can be looked up, quarantine it."""
        journal = self.migration.journal
        unknown = journal.records({State.UNKNOWN})
        if self.certifier.has_key:
            unknown = (each for each in unknown if _was_refused(each))
        if not self.is_possible:
            for group in _groups(_quarantined(record) for record in unknown):
                journal.move(group)
            return
        sought = {each.reference: each for each in unknown if each.reference}
        if not sought:
            return
        await self._quiet(sought.values())
        there = await self._found(sought.keys())
        for record in sought.values():
            move = await self._verdict(record, there[record.reference or ""])
            journal.move([move])

    async def _quiet(self, sought: Iterable[Record]) -> None:
        """Wait until what is absent will stay absent."""
        now = self.timing.wall()
        left = max(self._left(record, now) for record in sought)
        left = max(left, self.quiet_at - self.timing.monotonic())
        if left > 0:
            self.pool.announcer.announce(self.timing, left, _QUIET)
            await self.timing.async_sleep(left)

    def _left(self, record: Record, now: float) -> float:
        """Return for how many seconds more the customer of a record may come to be.

        A failure was told when its request had ended. Where none was told, the run had
        died: what it had sent may still be at work. If it had only lost its lock, from
        the intent on the request may be in any of its phases.
        """
        lasts = self.migration.target.timeout
        if not record.failure and self.migration.journal.store.can_outlive_lock:
            lasts *= PHASES
        return lasts - max(0.0, now - record.changed_at)  # clocks may differ

    async def _found(self, references: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of all customers that have one of our references.

        The target is listed until a pass finds nobody new: who slid over a page border
        would pass for absent, and be created twice.
        """
        wanted, there = frozenset(references), defaultdict[str, list[str]](list)
        walk = CustomerListing(self.target)
        async for customer in walk:
            if customer.external_id in wanted and customer.external_id:
                there[customer.external_id].append(customer.id)
            self._is_blind |= _hides_reference(customer)
        self._is_blind |= bool(walk.without_id)
        return there

    async def _verdict(self, record: Record, ids: list[str]) -> Transition:
        if not ids:
            is_doubtful = self._is_blind or may_exist(record.failure)
            gone = State.QUARANTINED if is_doubtful else State.READY
            return Transition(record.number, gone)
        if len(ids) > 1 or self.migration.journal.owner_of(ids[0]):
            return _ambiguous(record, "TargetIdTwice", ids)
        customer = await self.target.customers.get(ids[0])
        if mismatches(self.certifier, record, customer):
            return _ambiguous(record, "FoundDifferent", ids)
        known = {"target_id": ids[0], "failure": found(record)}
        return Transition(record.number, State.CREATED, known)


_QUIET = "Before looking: a request without an answer may still arrive"


def _hides_reference(customer: Customer) -> bool:
    return "external_id" in customer.unreadable


def _ambiguous(record: Record, what: str, ids: list[str]) -> Transition:
    failure = {"class": what, "outcome": "unknown", "target_ids": ids}
    return Transition(record.number, State.AMBIGUOUS, {"failure": failure})


def _was_refused(record: Record) -> bool:
    """Tell whether a repetition was refused: neither for its pace nor its credentials."""
    passing = ("RateLimited", "AuthenticationFailed")
    failure = record.failure
    refused = failure.get("outcome") == Outcome.REFUSED.value
    return refused and failure.get("class") not in passing


def _quarantined(record: Record) -> Transition:
    return Transition(record.number, State.QUARANTINED)


def _groups(moves: Iterator[Transition]) -> Iterator[list[Transition]]:
    while group := list(islice(moves, BATCH)):
        yield group
