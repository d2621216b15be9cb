"""Looks up creates with an unknown outcome, by one listing of the target for all of them.

The listing starts only after the longest time that a request can take: from the last
create without a response or, where a run was killed, from the last intent. Until then the
target may still create the customer. A customer that is absent too early would be sent
again, and so be created twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from attrs import define, field

from ..._engine.timing import Timing
from ...aio import AsyncBank
from ...errors import Conflict, Outcome
from ...model.customers import Customer, CustomerStatus, NewCustomer
from ...model.features import Feature
from ..certify.certificate import Certifier
from ..journal.batch_leases import PHASES
from ..journal.record_pages import BATCH
from ..journal.records import Record
from ..journal.states import State
from ..journal.transitions import Transition
from ..migration import Migration
from .summaries.reasons import DENIED
from .target.comparison import mismatches
from .target.decisions import state_at
from .target.open_banks import OpenBanks
from .target.origins import lookup_facts
from .workers.create_errors import may_exist
from .workers.groups import groups_of
from .workers.key_lifetime import KeyLifetime
from .workers.listings import CustomerListing
from .workers.worker_pool import WorkerPool

_WAIT_REASON = "Before the look-up: a request without a response may still arrive"


@define
class Lookup:
    """Settles every unknown record of a migration, without sending anything again.

    Where the target replays a create under the same key, `apply` sends unknown records
    again while the key is valid; the look-up then settles only the records whose replay the
    target refused, or whose key has expired.
    """

    migration: Migration
    target: AsyncBank
    certifier: Certifier
    timing: Timing
    pool: WorkerPool
    settle_at: float
    """The time, on the monotonic clock, from which no earlier request can still arrive."""
    _is_partial: bool = field(init=False, default=False)
    """Whether the listing had customers with an unreadable id or reference.

    Any of them may be a customer who is looked for, so nobody is certainly absent.
    """

    @property
    def is_possible(self) -> bool:
        """True where the target stores our reference and can list its customers."""
        lists = self.target.capabilities.supports(Feature.CUSTOMERS_LIST)
        return lists and self.certifier.has_reference

    def _unknown(self) -> Iterable[Record]:
        """Return the unknown records that are not sent again under their key."""
        unknown = self.migration.journal.records({State.UNKNOWN})
        if not self.certifier.has_key:
            return unknown
        keys = KeyLifetime.of(self.migration, self.certifier, self.timing)
        return (
            record
            for record in unknown
            if _was_refused(record) or not keys.is_fresh(record)
        )

    async def leave(self) -> None:
        """Leave the unknown records to a later look-up of all batches together.

        Where no look-up is possible, quarantine them. A look-up by key needs no other batch
        and is done.
        """
        if not self.is_possible:
            await self._settle_without_listing()

    async def _settle_without_listing(self) -> None:
        for group in groups_of(BATCH, self._unknown()):
            transitions = [await self._by_key(record) for record in group]
            self.migration.journal.write(transitions)

    async def _by_key(self, record: Record) -> Transition:
        """Look a customer up by an expired key where the target lists by key."""
        if _was_refused(record) or not record.reference or not self._lists_by_key:
            return _quarantined(record)
        try:
            # The key decides, and no field of the customer is compared by the call.
            customer = await self.target.customers.resolve(
                None, NewCustomer(), idempotency_key=record.reference
            )
        except Conflict:
            return _ambiguous(record, "TargetIdTwice", [])
        # Absent is not certain: the target may list by the keys that it remembers only.
        if customer is None:
            return _quarantined(record)
        return self._created(record, customer)

    @property
    def _lists_by_key(self) -> bool:
        capabilities = self.target.capabilities
        rule = capabilities.feature(Feature.CUSTOMERS_CREATE)
        lists = capabilities.supports(Feature.CUSTOMERS_LIST)
        return lists and rule.idempotency.listed_by_key

    async def settle(self) -> None:
        """Look up the unknown records; quarantine them where no look-up is possible."""
        if not self.is_possible:
            await self._settle_without_listing()
            return
        journal, unknown = self.migration.journal, self._unknown()
        # Unknown records are few: at most those in flight at each failure. So they fit
        # into memory, unlike the listing of the target.
        missing = {record.reference: record for record in unknown if record.reference}
        if not missing:
            return
        await self._wait_until_settled(missing.values())
        ids = await self._listed_ids(missing.keys())
        for record in missing.values():
            transition = await self._transition(record, ids[record.reference or ""])
            journal.write([transition])

    async def _wait_until_settled(self, records: Iterable[Record]) -> None:
        """Wait until no request for these records can still arrive."""
        now = self.timing.wall()
        seconds = max(self._seconds_left(record, now) for record in records)
        seconds = max(seconds, self.settle_at - self.timing.monotonic())
        if seconds > 0:
            self.pool.announcer.announce(self.timing, seconds, _WAIT_REASON)
            await self.timing.async_sleep(seconds)

    def _seconds_left(self, record: Record, now: float) -> float:
        """Return for how many more seconds the target may create a record's customer.

        A recorded failure means that the request had ended, and one timeout is enough.
        Without a failure the run was killed, and its request may still be at work. A run
        that only lost its lock may be in any phase of the request.
        """
        duration = self.migration.target.timeout
        if not record.failure and self.migration.journal.store.can_outlive_lock:
            duration *= PHASES
        # Another machine may have written the time, with a clock that is ahead.
        return duration - max(0.0, now - record.changed_at)

    async def _listed_ids(self, references: Iterable[str]) -> dict[str, list[str]]:
        """List the target; return the ids of its customers by our reference."""
        missing, ids = frozenset(references), defaultdict[str, list[str]](list)
        denied = defaultdict[str, list[str]](list)
        listing = CustomerListing(self.target)
        async for customer in listing:
            if customer.external_id in missing and customer.external_id:
                is_denied = customer.status is CustomerStatus.DENIED
                matches = denied if is_denied else ids
                matches[customer.external_id].append(customer.id)
            self._is_partial |= "external_id" in customer.unreadable
        self._is_partial |= bool(listing.without_id)
        # A denied person may have been sent again: then the other application counts.
        return defaultdict(list, {**denied, **ids})

    async def _transition(self, record: Record, ids: list[str]) -> Transition:
        if not ids:
            # Not in the listing means not created, unless the listing may have hidden the
            # customer, or the target itself reported the customer.
            is_certain = not self._is_partial and not may_exist(record.failure)
            absent = State.READY if is_certain else State.QUARANTINED
            return Transition(record.number, absent)
        if len(ids) > 1:
            return _ambiguous(record, "TargetIdTwice", ids)
        return self._created(record, await self.target.customers.get(ids[0]))

    def _created(self, record: Record, customer: Customer) -> Transition:
        """Return the transition by the target's decision, or to AMBIGUOUS for another one."""
        ids = [customer.id]
        if self.migration.journal.owner_of(customer.id):
            return _ambiguous(record, "TargetIdTwice", ids)
        if mismatches(self.certifier, record, customer):
            return _ambiguous(record, "FoundDifferent", ids)
        known = {"target_id": customer.id, "failure": lookup_facts(record)}
        state = state_at(self.target.capabilities, customer)
        if state is State.DENIED:
            known["mismatches"] = DENIED
        return Transition(record.number, state, known)


def _ambiguous(record: Record, reason: str, ids: list[str]) -> Transition:
    failure = {"class": reason, "outcome": "unknown", "target_ids": ids}
    return Transition(record.number, State.AMBIGUOUS, {"failure": failure})


def _was_refused(record: Record) -> bool:
    """Return whether the target refused a replay for good."""
    temporary = ("RateLimited", "AuthenticationFailed")
    failure = record.failure
    is_refused = failure.get("outcome") == Outcome.REFUSED.value
    return is_refused and failure.get("class") not in temporary


def _quarantined(record: Record) -> Transition:
    return Transition(record.number, State.QUARANTINED)


def create_lookup(
    migration: Migration, banks: OpenBanks, pool: WorkerPool, certifier: Certifier
) -> Lookup:
    """Return the look-up of a migration, with banks that are open."""
    settle_at = banks.timing.monotonic() + migration.settle_after
    return Lookup(migration, banks.reader, certifier, banks.timing, pool, settle_at)
