"""Undoing a migration: what it made at the target is deleted there, the newest first.

Who was matched or resolved by a person is not touched. Each customer is read before; one
who is not the person that was sent stays, and so does one that has accounts: where a
customer is not told with its accounts, they are listed. The intent to delete is durable
before the request leaves. Then the target is read again, whatever it answered, in this run
or the next: a customer who is not there was deleted, one who is there was not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from attrs import define, evolve, field

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...declaration.vocabulary import Capabilities
from ...errors import (
    AnybankError,
    Issue,
    NotFound,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
    unsupported_by,
)
from ...model.customers import Customer, NewCustomer
from ...model.features import Feature
from ..certify.change_limit import MOST_CHANGED, ChangeLimit
from ..certify.cohorts import Share
from ..certify.consent import Consent, require_consent
from ..event_loop import run
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import MOVED, State
from ..journal.transitions import Transition
from ..migration import SideLike, reopen_side
from ..side import Side
from .arguments import AnyPath
from .summaries.skipped import Skipped, skip
from .summaries.summary import Summary, summarise
from .target.comparison import identity_differences
from .target.origins import TargetOrigin, count_matched, origin_of, was_matched
from .target.target_check import require_known
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.create_errors import FATAL_ERRORS
from .workers.outages import is_about_customer
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_TRIES = 3
_LISTED = 500
"""So many of those who are skipped are named."""
_MADE = MOVED | {State.DELETING}
_IN_DOUBT = (State.UNKNOWN, State.QUARANTINED)
_WHAT = "would be deleted at the target"
_FIX = "Look at who that is with `anybank migrate report`, raise --max-change"
_ACCOUNTS = skip(
    "accounts",
    "has accounts: not deleted",
    "close its accounts, then roll back again",
)
_STILL_THERE = skip(
    "still there",
    "the target accepted the delete and still returns the customer",
    "look at the target why it is still there, then roll back again",
)


_BY_ORIGIN = {
    TargetOrigin.RESOLVED: skip(
        "resolved",
        "recorded by a person (`resolve`), not created by an answered request of this "
        "migration: not deleted",
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
    """Delete at the target what this migration made there, the newest first.

    `yes` consents to it, or is asked with a few lines of what cannot be undone. Whoever
    was not created by a request of this migration (matched, or resolved by a person) is
    skipped, and so is who has accounts or differs in name, birth date or SSN; `reasons`
    say so. A later apply sends nobody who was rolled back. Raises Unsupported where the target deletes nothing, and
    ConfigurationError where none of those moved last is there: these may be another
    bank's credentials. `gone` says that they were deleted there. Where more than
    `max_change` ("30%" or 0.3) of all who were moved would be deleted, as with a whole
    migration, it raises ConfigurationError unless `allow="deletes"`. `wait` and `notices`
    are those of `apply`.
    """
    guard = ChangeLimit.of("deletes", max_change, allow)
    with _reached(journal, target) as (opened, side):
        opened.recover()
        if count := _count(opened):
            guard.require(count, _total(opened), _WHAT, _FIX)
            lines = _warnings(opened, side.adapter.capabilities)
            require_consent(yes, lines, "deleted")
        pool = create_pool(None, progress, wait, notices)
        done = run(_rolled_back(opened, side, pool, gone=gone))
        return _summary(opened, done)


@contextmanager
def _reached(place: AnyPath, target: SideLike | None) -> Iterator[tuple[Journal, Side]]:
    """Open the journal and its target; the source is not needed."""
    with Journal.open_locked(place) as journal:
        side = reopen_side(journal, "target", target)
        declared = side.adapter.capabilities
        for feature in (Feature.CUSTOMERS_GET, Feature.CUSTOMERS_DELETE):
            if not declared.supports(feature):
                why = declared.feature(feature).reason
                raise unsupported_by(declared.provider, feature, why)
        yield journal, side


def _count(journal: Journal) -> int:
    return _total(journal) - count_matched(journal)


def _total(journal: Journal) -> int:
    counts = journal.counts()
    return sum(counts[state] for state in _MADE)


def _warnings(journal: Journal, declared: Capabilities) -> list[str]:
    """Say what will happen, and what of it cannot be undone."""
    counts, title = journal.counts(), declared.title
    told = [
        f"{_count(journal)} customers will be deleted at {title}: this cannot be undone.",
        f"Verification (KYC) that they passed at {title} is lost with them.",
        _about_accounts(declared),
    ]
    left = {
        "were not created by this migration for certain, and stay.": count_matched(
            journal
        ),
        "were not read back as promised: what was changed since is lost.": counts[
            State.MISMATCHED
        ],
        "may have been made, and stay: look for them, `resolve`, roll back again.": sum(
            counts[state] for state in _IN_DOUBT
        ),
    }
    return told + [f"{count} {said}" for said, count in left.items() if count]


def _about_accounts(declared: Capabilities) -> str:
    """Say what is known of accounts; a target that does not tell must refuse itself."""
    if not (_tells_accounts(declared) or _lists_accounts(declared)):
        return f"{declared.title} does not tell who has accounts: it alone can refuse."
    return "Who has accounts is not deleted; accounts, cards and transactions stay."


def _tells_accounts(declared: Capabilities) -> bool:
    return declared.rule(NewCustomer, "account_ids").read != "never"


def _lists_accounts(declared: Capabilities) -> bool:
    return declared.supports(Feature.ACCOUNTS_LIST)


async def _rolled_back(
    journal: Journal, side: Side, pool: WorkerPool, *, gone: bool
) -> Rollback:
    async with side.open(timing=announced_timing(side, pool)) as target:
        breaker = create_breaker(target, pool, side.timing, last_moved_id(journal))
        if not gone:
            await breaker.call(lambda: require_known(journal, target))
        done = Rollback(journal, target, pool, GroupCommit(journal), breaker)
        await done.undo_all()
    return done


@define
class Rollback:
    """Deletes the customers that a migration made, and notes those that it may not."""

    journal: Journal
    target: AsyncBank
    pool: WorkerPool
    commits: GroupCommit
    breaker: Breaker
    deleted: int = field(init=False, default=0)
    gone: int = field(init=False, default=0)
    """How many of them nobody had to delete."""
    unchanged: Skipped = field(init=False, factory=Skipped)
    skipped: Skipped = field(init=False, factory=lambda: Skipped("skipped", _LISTED))
    """Who was not created by this migration for certain."""

    async def undo_all(self) -> None:
        """Delete every one, from the last of the plan to the first."""
        total = _count(self.journal)
        ours = self._ours()
        await self.pool.process(ours, self._undo, total=total, action="rolled back")

    def _ours(self) -> Iterator[Record]:
        """Yield whom this migration created, and note all others as skipped."""
        for record in self.journal.records(_MADE, newest_first=True):
            if was_matched(record):
                self.skipped.add(record.source_id, _BY_ORIGIN[origin_of(record)])
            else:
                yield record

    async def _undo(self, record: Record) -> None:
        async with self.breaker.permission() as may_ask:
            if may_ask:
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
        """Read and delete, until a read shows that the customer is not there."""
        lost: AnybankError | None = None
        for attempt in range(_TRIES + 1):
            try:
                customer = await self._read(record)
            except UnexpectedResponse as error:
                return await self._keep(record, _unreadable(error))
            if customer is None:
                self.gone += not attempt and record.state in MOVED
                return await self._move(record, State.ROLLED_BACK)
            if why := await self._why_kept(record, customer):
                return await self._keep(record, why)
            if attempt == _TRIES or self.pool.is_stopping:
                break
            lost, why = await self._delete(record)
            if why:
                return await self._keep(record, why)
        if lost:
            raise lost
        if self.pool.is_stopping:
            return None
        return await self._keep(record, _STILL_THERE)

    async def _why_kept(self, record: Record, customer: Customer) -> Issue | None:
        """Return why a customer may not be deleted, None where it may."""
        declared = self.target.capabilities
        if fields := identity_differences(self.journal.key, declared, record, customer):
            return _stranger(fields)
        return _ACCOUNTS if await self._has_accounts(customer) else None

    async def _has_accounts(self, customer: Customer) -> bool:
        declared = self.target.capabilities
        if _tells_accounts(declared) or not _lists_accounts(declared):
            return bool(customer.account_ids)
        async for _ in self.target.accounts.list(customer_id=customer.id):
            return True
        return False

    async def _read(self, record: Record) -> Customer | None:
        try:
            return await self.target.customers.get(record.target_id or "")
        except NotFound:
            return None

    async def _delete(self, record: Record) -> tuple[AnybankError | None, Issue | None]:
        """Send one delete after its intent: only a read shows what became of it.

        Returns the error that leaves it in doubt, or why the target refused it.
        """
        await self._move(record, State.DELETING)
        try:
            await self.target.customers.delete(record.target_id or "")
        except NotFound:
            pass
        except AnybankError as error:
            if error.outcome in (Outcome.UNKNOWN, Outcome.DONE):
                return error, None
            return None, await self._refused(record, error)
        return None, None

    async def _refused(self, record: Record, error: AnybankError) -> Issue:
        """Return why nothing was deleted; the intent is taken back to be tried later."""
        if isinstance(error, (NotSent, RateLimited, *FATAL_ERRORS)):
            await self._move(record, State.CREATED)
            raise error
        name = type(error).__name__
        said = f"the target refused to delete it ({name})"
        return skip(
            name, said, "see at the target what keeps it there, then roll back again"
        )

    async def _keep(self, record: Record, why: Issue) -> None:
        self.unchanged.add(record.source_id, why)
        await self._move(record, State.CREATED)

    async def _move(self, record: Record, state: State) -> None:
        await self.commits.write(Transition(record.number, state))
        self.deleted += state is State.ROLLED_BACK


def _stranger(fields: list[str]) -> Issue:
    return skip(
        "another person",
        f"the customer under this id is another person, by {', '.join(fields)}: not deleted",
        "compare the two; delete the customer in the target's own tools if that is right",
        ", ".join(fields),
    )


def _unreadable(error: UnexpectedResponse) -> Issue:
    """Return why a customer stays; raises what is no answer about a customer."""
    if not is_about_customer(error):
        raise error
    return skip(
        "unreadable",
        f"is at the target with a value that cannot be read ({error.path}): not deleted",
        "correct it at the target, or delete the customer there, then roll back again",
    )


def _summary(journal: Journal, done: Rollback) -> Summary:
    counts = journal.counts()
    left = _count(journal) - len(done.unchanged)
    again = f"{left} could not be settled yet: run `anybank migrate rollback` again"
    summary = summarise(
        journal,
        "rollback",
        stopped=done.pool.stopped or (again if left else None),
        outage=done.pool.outage,
        bank_failures=done.pool.bank_failures,
        rolled_back=done.deleted,
        gone=done.gone,
        unchanged=len(done.unchanged),
        skipped=len(done.skipped),
        in_doubt=sum(counts[state] for state in _IN_DOUBT),
    )
    return evolve(
        summary,
        reasons=(*done.unchanged.reasons, *done.skipped.reasons, *summary.reasons),
    )
