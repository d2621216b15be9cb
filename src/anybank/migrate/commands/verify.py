"""Verifies a migration: reads every moved customer back and compares each field.

The reads go through the public client like those of any application, and nothing that a
create returned counts as evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.customers import Customer
from ..certify.certificate import Certifier
from ..event_loop import run
from ..journal.events import was_verified
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import MOVED, State
from ..journal.transitions import Transition
from ..migration import Migration, SideLike, resume_migration
from .arguments import AnyPath, require_positive
from .settlement import denied
from .summaries.reasons import ABSENT, DENIED, UNREADABLE
from .summaries.summary import Summary, summarise
from .target.comparison import mismatches
from .target.decisions import state_at
from .target.duplicates import check_duplicates
from .target.target_check import require_known
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.outages import is_about_customer
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_READ_BACK = MOVED | {State.DENIED}
_TRIES = 3
"""How often a customer is read after an unexpected response."""


@guarded
@run_logged
def verify(
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    concurrency: int | None = None,
    duplicates: bool = True,
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Read every moved customer back and compare it with what was sent, field by field.

    Then list the target, where it can be listed, to look for duplicates. The result is
    `Summary.duplicates`; `duplicates=False` skips the search. `wait` and `notices` are
    those of `apply`. Raises ConfigurationError where none of the customers who were moved
    last is at the target.
    """
    require_positive("concurrency", concurrency)
    with resume_migration(journal, source, target) as migration:
        pool = create_pool(concurrency, progress, wait, notices)
        unread = run(_verify_records(migration, pool, duplicates=duplicates))
        findings = tuple(_findings(migration.journal))
        retry = f"{unread.deferred} could not be read back: run `anybank migrate verify` again"
        return summarise(
            migration.journal,
            "verify",
            stopped=pool.stopped or (retry if unread.deferred else None),
            outage=pool.outage,
            bank_failures=pool.bank_failures,
            findings=findings,
        )


async def _verify_records(
    migration: Migration, pool: WorkerPool, *, duplicates: bool
) -> ReadBack:
    """Verify every moved record; return how it went."""
    journal = migration.journal
    side = migration.target
    async with side.open(timing=announced_timing(side, pool)) as target:
        breaker = create_breaker(target, pool, side.timing, last_moved_id(journal))
        await breaker.call(lambda: require_known(journal, target))
        commits, certifier = GroupCommit(journal), migration.certifier()
        read_back = ReadBack(journal, target, certifier, pool, commits, breaker)
        await read_back.verify_all()
        # The listing of a bank that fails would fail as well.
        if not pool.stopped:
            await check_duplicates(journal, certifier, target, search=duplicates)
    return read_back


def _findings(journal: Journal) -> Iterator[str]:
    """Yield the counts that do not match: none where nothing was lost or duplicated."""
    # The inventory was written by the plan and the records are counted now, so a record
    # that was removed from the journal in between is detected.
    counts = journal.counts()
    metadata = journal.metadata()
    inventory = int(metadata.get("inventory") or 0)
    planned = journal.count_in_plan(int(metadata.get("planned") or 0))
    if inventory != planned:
        yield f"the source had {inventory} customers, the journal has {planned}"
    if left := counts[State.CREATED]:
        records = "record" if left == 1 else "records"
        yield f"{left} created {records} could not be read back: verify again"


@define
class ReadBack:
    """Verifies the records that have an id at the target."""

    journal: Journal
    target: AsyncBank
    certifier: Certifier
    pool: WorkerPool
    commits: GroupCommit
    breaker: Breaker
    deferred: int = field(init=False, default=0)
    """How many records could not be read back in this run."""

    async def verify_all(self) -> None:
        """Read every moved record back, also one that was verified before.

        A person who was denied is read again too: the target may have accepted the person.
        """
        counts = self.journal.counts()
        total = sum(counts[state] for state in _READ_BACK)
        moved = self.journal.records(_READ_BACK)
        await self.pool.process(moved, self._verify, total=total, action="read back")

    async def _verify(self, record: Record) -> None:
        async with self.breaker.permission() as may_read:
            if may_read:
                await self._read_back(record)
            else:
                self.deferred += 1

    async def _read_back(self, record: Record) -> None:
        try:
            customer = await self._read(record.target_id or "")
        except NotFound:
            self.breaker.note_answer()
            await self._record_problem(record, ABSENT)
        except UnexpectedResponse as error:
            await self._handle_unreadable(record, error)
        except AnybankError as error:
            self._defer(record, error)
        else:
            self.breaker.note_answer()
            await self._compare(record, customer)

    async def _compare(self, record: Record, customer: Customer) -> None:
        """Compare a customer, unless the target has not decided about this person yet."""
        if customer.id != record.target_id and not await self._follow(record, customer):
            return
        state = state_at(self.target.capabilities, customer)
        if state is State.PENDING:  # `apply` reads the person again
            waits = Transition(record.number, state, {"mismatches": ()})
            await self.commits.write(waits)
            return
        is_denied = state is State.DENIED
        if is_denied and not self._was_verified(record):
            # A person whom the target refuses is not moved, whatever data it has stored.
            await self.commits.write(denied(record, DENIED, customer.id))
            return
        if record.state is State.DENIED:  # and accepted since
            await self.commits.write(Transition(record.number, State.CREATED))
        fields = mismatches(self.certifier, record, customer)
        # A customer who was moved, and whom the target refuses now, stays where the app is.
        await self._record(record, (*(DENIED if is_denied else ()), *fields))

    def _was_verified(self, record: Record) -> bool:
        is_verified = record.state is State.VERIFIED
        return is_verified or was_verified(self.journal, record.number)

    async def _follow(self, record: Record, customer: Customer) -> bool:
        """Record the id that the target has given the customer since the create."""
        if self.journal.owner_of(customer.id):
            failure = {"class": "TargetIdTwice", "outcome": "done"}
            known: dict[str, Any] = {"failure": failure, "target_id": None}
            await self.commits.write(Transition(record.number, State.AMBIGUOUS, known))
            return False
        known = {"target_id": customer.id}
        await self.commits.write(Transition(record.number, State.CREATED, known))
        return True

    async def _read(self, target_id: str) -> Customer:
        """Read a customer, and again after an unexpected response."""
        for left in reversed(range(_TRIES)):
            try:
                return await self.target.customers.get(target_id)
            except UnexpectedResponse:
                if not left:
                    raise
        raise TypeError

    async def _handle_unreadable(
        self, record: Record, error: UnexpectedResponse
    ) -> None:
        """Record a customer with an unreadable value; leave other records for later."""
        if not is_about_customer(error):
            self._defer(record, error)
        else:
            self.breaker.note_answer()
            await self._record_problem(record, UNREADABLE)

    def _defer(self, record: Record, error: AnybankError) -> None:
        if not self.pool.abort_if_fatal(error):
            self.deferred += not self.breaker.retry_later(error, record)

    async def _record_problem(self, record: Record, problem: tuple[str, ...]) -> None:
        """Record a moved customer who could not be read; one who is denied stays so."""
        if record.state is not State.DENIED:
            await self._record(record, problem)

    async def _record(self, record: Record, fields: tuple[str, ...]) -> None:
        state = State.MISMATCHED if fields else State.VERIFIED
        await self.commits.write(
            Transition(record.number, state, {"mismatches": fields})
        )
