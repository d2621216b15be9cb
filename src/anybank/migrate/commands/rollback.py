"""Undoes a migration: deletes the customers that it created at the target, newest first.

Customers that were matched or resolved by a person are never deleted. Each customer is
read first. One that is another person than the record's, or that has accounts, stays;
where the target does not return accounts with a customer, they are listed. The intent to
delete is written to disk before the request leaves. Whatever the response, the target is
read again, in this run or the next: only the read shows whether the customer was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from attrs import define, evolve, field

from ..._engine.error_boundary import guarded
from ..._engine.send_guard import sent_only_if
from ...aio import AsyncBank
from ...errors import (
    AnybankError,
    Issue,
    IssueCount,
    NotFound,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
)
from ...model.accounts import AccountStatus
from ...model.customers import Customer
from ..certify.change_limit import MOST_CHANGED, ChangeLimit
from ..certify.cohorts import Share
from ..certify.consent import Consent
from ..event_loop import run
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import MOVED, NOT_ACCEPTED, WITH_TARGET_ID, State
from ..journal.transitions import Transition
from ..migration import SideLike, reopen_side
from ..side import Side
from .arguments import AnyPath
from .summaries.skipped import Skipped, skip
from .summaries.summary import Summary, summarise
from .target.comparison import identity_differences
from .target.decisions import decides_later, state_at
from .target.origins import TargetOrigin, origin_of, was_matched
from .target.rollback_consent import (
    IN_DOUBT,
    MAYBE_CREATED,
    count_created,
    lists_accounts,
    require_deletes,
    require_rollback,
    returns_accounts,
)
from .target.target_check import require_known
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.create_errors import FATAL_ERRORS
from .workers.outages import Outage, is_about_customer
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_TRIES = 3
"""How often a run tries to delete one customer."""
_LISTED = 500
"""How many ids of skipped customers a summary names."""
_ACCOUNTS = skip(
    "accounts",
    "has accounts: not deleted",
    "close its accounts, then roll back again",
)
_STILL_THERE = skip(
    "still there",
    "the target accepted the delete and still returns the customer",
    "find out at the target why it is still there, then roll back again",
)
_BY_ORIGIN = {
    TargetOrigin.RESOLVED: skip(
        "resolved",
        "recorded by a person (`resolve`) and not created by this migration for certain: "
        "not deleted",
        "if this migration created the customer, delete it in the target's own tools",
    ),
    TargetOrigin.MATCHED: skip(
        "matched",
        "was at the target before, or may have been: not deleted",
        "",
    ),
}


@guarded
@run_logged
def rollback(
    *,
    journal: AnyPath,
    target: SideLike | None = None,
    yes: Consent = False,
    gone: bool = False,
    max_change: Share | None = MOST_CHANGED,
    allow: Collection[str] | str = (),
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Delete at the target the customers that this migration created, newest first.

    `yes` is the consent, or a function that receives a few lines on what cannot be undone
    and returns the consent. Customers that this migration did not create (matched, or
    resolved by a person) are skipped. Customers that have accounts, or that differ in
    name, date of birth or SSN, stay; `Summary.reasons` lists them. A later `apply` does
    not send a customer that was rolled back. `gone` confirms that the customers were
    deleted at the target already. `wait` and `notices` are those of `apply`.

    Raises Unsupported where the target cannot delete customers. Raises ConfigurationError
    where the target has none of the customers who were moved last, because the credentials
    may be those of another bank, and where more than `max_change` ("30%" or 0.3) of the
    moved customers would be deleted, unless `allow="deletes"`.
    """
    guard = ChangeLimit.of("deletes", max_change, allow)
    with _opened(journal, target) as (opened, side):
        # Before the count: what a crash left in flight is shown to the person as in doubt.
        opened.recover()
        require_rollback(opened, side, yes, guard)
        pool = create_pool(None, progress, wait, notices)
        work = run(_delete_records(opened, side, pool, gone=gone))
        return _summary(opened, work)


@contextmanager
def _opened(
    location: AnyPath, target: SideLike | None
) -> Iterator[tuple[Journal, Side]]:
    """Open the journal and its target; a rollback does not need the source."""
    with Journal.open_locked(location) as journal:
        side = reopen_side(journal, "target", target)
        require_deletes(side)
        yield journal, side


async def _delete_records(
    journal: Journal, side: Side, pool: WorkerPool, *, gone: bool
) -> Rollback:
    async with side.open(timing=announced_timing(side, pool)) as target:
        breaker = create_breaker(target, pool, side.timing, last_moved_id(journal))
        if not gone:
            await breaker.call(lambda: require_known(journal, target))
        work = Rollback(journal, target, pool, GroupCommit(journal), breaker)
        await work.delete_all()
    return work


@define
class Rollback:
    """Deletes the customers that a migration created, except those that must stay."""

    journal: Journal
    target: AsyncBank
    pool: WorkerPool
    commits: GroupCommit
    breaker: Breaker
    may_send: Callable[[], bool] = lambda: True
    """Asked right before a delete leaves: a worker may have lost its batch meanwhile."""
    deleted: int = field(init=False, default=0)
    gone: int = field(init=False, default=0)
    """How many of the deleted customers were gone already."""
    unchanged: Skipped = field(init=False, factory=Skipped)
    skipped: Skipped = field(init=False, factory=lambda: Skipped("skipped", _LISTED))
    """The customers that this migration did not create for certain."""

    async def delete_all(self) -> None:
        """Delete the customers of all records, from the last record to the first."""
        total = count_created(self.journal)
        ours = self._ours()
        await self.pool.process(
            ours, self._delete_record, total=total, action="rolled back"
        )

    def _ours(self) -> Iterator[Record]:
        """Yield the records that this migration created, and skip all others."""
        for record in self.journal.records(MAYBE_CREATED, newest_first=True):
            if was_matched(record):
                self.skipped.add(record.source_id, _BY_ORIGIN[origin_of(record)])
            else:
                yield record

    async def _delete_record(self, record: Record) -> None:
        async with self.breaker.permission() as may_send:
            if may_send:
                await self._try(record)

    async def _try(self, record: Record) -> None:
        try:
            with self.pool.uninterrupted():
                await self._settle(record)
        except AnybankError as error:
            if not self.pool.abort_if_fatal(error):
                self.breaker.retry_later(error, record)
        else:
            self.breaker.note_answer()

    async def _settle(self, record: Record) -> None:
        """Read and delete the customer until a read shows that it is gone."""
        lost: AnybankError | None = None
        state = record.state if record.state in NOT_ACCEPTED else State.CREATED
        # Every pass begins with a read, so one read more than deletes shows the outcome.
        for attempt in range(_TRIES + 1):
            try:
                customer = await self._read(record)
            except UnexpectedResponse as error:
                return await self._keep(record, _unreadable(error), state)
            if customer is None or self._never_was(customer):
                # After an intent, of this run or of one that crashed, it was our delete.
                is_gone = customer is None and record.state in WITH_TARGET_ID
                self.gone += is_gone and not attempt
                return await self._move(record, State.ROLLED_BACK)
            if record.state not in MOVED:  # a moved customer becomes `created` again
                state = state_at(self.target.capabilities, customer)
            if reason := await self._reason_to_stay(record, customer):
                return await self._keep(record, reason, state)
            if attempt == _TRIES or self.pool.is_stopping:
                break
            lost, reason = await self._delete(record, state)
            if reason:
                return await self._keep(record, reason, state)
        if lost:
            raise lost
        if self.pool.is_stopping:
            return None
        return await self._keep(record, _STILL_THERE, state)

    def _never_was(self, customer: Customer) -> bool:
        """Return whether an application was denied: it is no customer to delete."""
        declared = self.target.capabilities
        is_denied = state_at(declared, customer) is State.DENIED
        return is_denied and decides_later(declared)

    async def _reason_to_stay(self, record: Record, customer: Customer) -> Issue | None:
        """Return why a customer may not be deleted, None where it may."""
        declared = self.target.capabilities
        if fields := identity_differences(self.journal.key, declared, record, customer):
            return _other_person(fields)
        return _ACCOUNTS if await self._has_accounts(customer) else None

    async def _has_accounts(self, customer: Customer) -> bool:
        declared = self.target.capabilities
        if returns_accounts(declared) or not lists_accounts(declared):
            return bool(customer.account_ids)
        # A closed account stays in the list and does not prevent a delete.
        async for account in self.target.accounts.list(customer_id=customer.id):
            if account.status is not AccountStatus.CLOSED:
                return True
        return False

    async def _read(self, record: Record) -> Customer | None:
        try:
            return await self.target.customers.get(record.target_id or "")
        except NotFound:
            return None

    async def _delete(
        self, record: Record, state: State
    ) -> tuple[AnybankError | None, Issue | None]:
        """Send one delete after its intent; only a later read shows its outcome.

        An intent that is withdrawn leaves the record in *state*. Returns the error that
        leaves the outcome unknown, or why the target refused.
        """
        await self._move(record, State.DELETING)
        try:
            with sent_only_if(self.may_send):
                await self.target.customers.delete(record.target_id or "")
        except NotFound:
            pass
        except AnybankError as error:
            if error.outcome in (Outcome.UNKNOWN, Outcome.DONE):
                return error, None
            return None, await self._refused(record, error, state)
        return None, None

    async def _refused(
        self, record: Record, error: AnybankError, state: State
    ) -> Issue:
        """Return why nothing was deleted; withdraw the intent of a temporary error."""
        if isinstance(error, (NotSent, RateLimited, *FATAL_ERRORS)):
            await self._move(record, state)
            raise error
        name = type(error).__name__
        return skip(
            name,
            f"the target refused to delete it ({name})",
            "find out at the target what prevents it, then roll back again",
        )

    async def _keep(self, record: Record, reason: Issue, state: State) -> None:
        # An intent to delete, of this run or of one that crashed, is withdrawn.
        self.unchanged.add(record.source_id, reason)
        await self._move(record, state)

    async def _move(self, record: Record, state: State) -> None:
        await self.commits.write(Transition(record.number, state))
        self.deleted += state is State.ROLLED_BACK


def _other_person(fields: list[str]) -> Issue:
    return skip(
        "another person",
        f"the customer under this id is another person, by {', '.join(fields)}: not deleted",
        "compare the two; delete the customer in the target's own tools if that is right",
        ", ".join(fields),
    )


def _unreadable(error: UnexpectedResponse) -> Issue:
    """Return why a customer stays; raise an error that is not about a customer."""
    if not is_about_customer(error):
        raise error
    return skip(
        "unreadable",
        f"has a value at the target that cannot be read ({error.path}): not deleted",
        "correct it at the target, or delete the customer there, then roll back again",
    )


def _summary(journal: Journal, work: Rollback) -> Summary:
    left = count_created(journal) - len(work.unchanged)
    retry = f"{left} are not settled yet: run `anybank migrate rollback` again"
    return summarise_rollbacks(
        journal,
        [work],
        stopped=work.pool.stopped or (retry if left else None),
        outage=work.pool.outage,
    )


def summarise_rollbacks(
    journal: Journal,
    works: Sequence[Rollback],
    *,
    stopped: str | None,
    outage: Outage | None,
) -> Summary:
    """Return the summary of one rollback, or of those of a worker's batches."""
    counts = journal.counts()
    summary = summarise(
        journal,
        "rollback",
        stopped=stopped,
        outage=outage,
        bank_failures=sum(work.pool.bank_failures for work in works),
        rolled_back=sum(work.deleted for work in works),
        gone=sum(work.gone for work in works),
        unchanged=sum(len(work.unchanged) for work in works),
        skipped=sum(len(work.skipped) for work in works),
        in_doubt=sum(counts[state] for state in IN_DOUBT),
    )
    own = [
        reason
        for work in works
        for reason in (*work.unchanged.reasons, *work.skipped.reasons)
    ]
    return evolve(summary, reasons=(*_merged(own), *summary.reasons))


def _merged(reasons: Sequence[IssueCount]) -> Iterator[IssueCount]:
    """Yield each reason once, with the counts and the ids of all batches."""
    merged: dict[IssueCount, list[IssueCount]] = {}
    for reason in reasons:
        kind = evolve(reason, count=0, examples=())
        merged.setdefault(kind, []).append(reason)
    for kind, alike in merged.items():
        examples = tuple(chain.from_iterable(reason.examples for reason in alike))
        yield evolve(
            kind, count=sum(reason.count for reason in alike), examples=examples
        )
