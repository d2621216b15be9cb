"""Applies a plan: sends each ready record to the target exactly once.

For each record the sender waits for the rate limit, writes the intent to disk, sends the
request and writes the outcome. A crash between intent and outcome leaves the record in
flight, and the next run turns it into unknown. No more records are in flight than there
are workers. In the end it reads again the people about whom the target had not decided.
"""

from __future__ import annotations

from attrs import define, evolve, field

from ..._engine.error_boundary import guarded
from ..._engine.retry import RetryPolicy
from ..._engine.timing import Timing
from ...aio import AsyncBank
from ...errors import (
    AnybankError,
    NotFound,
    ProviderError,
    RateLimited,
    UnexpectedResponse,
)
from ..certify.certificate import Certificate, Certifier
from ..certify.change_limit import require_no_refusal
from ..certify.cohorts import Threshold, most_failures
from ..certify.excluded_customers import drop_excluded
from ..event_loop import run
from ..journal.batch_leases import seconds_to_settle
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.plan_checksum import require_plan
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.transitions import Transition
from ..migration import Migration, SideLike, resume_migration
from ..rate_limiter import RateLimiter
from .arguments import AnyPath, require_positive
from .lookup import create_lookup
from .planning.readiness import (
    GONE,
    intent_of,
    is_changed,
    key_of,
    planned,
    unreadable,
)
from .settlement import Settlement, denied
from .summaries.reasons import DENIED
from .summaries.summary import Summary, summarise
from .target.decisions import state_at
from .target.open_banks import (
    OpenBanks,
    breaker_of_target,
    check_target,
    open_banks,
)
from .workers.breakers import Breaker, create_breaker
from .workers.create_errors import failure_of, state_after
from .workers.key_lifetime import KeyLifetime
from .workers.outages import is_about_customer, is_outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, create_pool

_NOT_SENT = RetryPolicy(retries=3)
# A create that was limited has not happened, so it may be repeated as often as needed.
_LIMITED = RetryPolicy(retries=20, base=1.0, cap=60.0, max_retry_after=300.0)
_ROUNDS = 5
"""How often a run sends the ready records and looks up the unknown ones.

A customer whom a look-up does not find becomes ready again, and the next round sends it.
"""


@guarded
@run_logged
def apply(
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    plan: str | None = None,
    max_failures: Threshold | None = None,
    concurrency: int | None = None,
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Create every ready record at the target once; continue where an earlier run ended.

    A person about whom the target has not decided stays `pending`, and each run reads the
    person again; one whom it denies becomes `denied` and is not moved.

    `plan` is the checksum of the plan that a person approved: any other plan is refused.
    `max_failures` is how many records may fail before the run stops, as a number or as a
    share ("5%") of the records that are ready when it starts. A bank that is down stops
    the run and becomes `Summary.outage`; with `wait` ("30m", or seconds) the run waits for
    the bank instead. `notices` is called with one line about each long wait.

    Raises ConfigurationError where the plan is another one, is incomplete or was refused.
    """
    require_positive("concurrency", concurrency)
    with resume_migration(journal, source, target) as migration:
        require_plan(migration.journal, migration.metadata, plan)
        require_no_refusal(migration.journal, migration.metadata)
        pool = create_pool(concurrency, progress, wait, notices)
        migration.journal.recover()
        ready = migration.journal.counts()[State.READY]
        most = most_failures(max_failures, ready)
        settle_after = seconds_to_settle(migration.journal, migration.target.timeout)
        sender = run(
            apply_records(evolve(migration, settle_after=settle_after), pool, most)
        )
        return summarise(
            migration.journal,
            "apply",
            metadata=migration.metadata,
            stopped=pool.stopped or _left_over(migration.journal),
            outage=pool.outage,
            bank_failures=pool.bank_failures,
            changed_since_plan=sender.changed,
            sent=sender.sent,
        )


async def apply_records(
    migration: Migration, pool: WorkerPool, max_failures: int | None = None
) -> RecordSender:
    """Send the ready records and look up the unknown ones, until neither is left."""
    async with open_banks(migration, pool) as banks:
        breaker = breaker_of_target(migration, banks, pool)
        await check_target(migration, banks, breaker)
        return await send_records(migration, banks, pool, breaker, max_failures)


async def send_records(
    migration: Migration,
    banks: OpenBanks,
    pool: WorkerPool,
    breaker: Breaker,
    max_failures: int | None = None,
    *,
    looks_up: bool = True,
) -> RecordSender:
    """Do the work of `apply_records` with banks that are open and checked.

    `breaker` is that of the target. With `looks_up=False`, unknown outcomes are left to a
    look-up of all batches together.
    """
    drop_excluded(migration.journal)  # a later plan may have excluded customers
    sender = _create_sender(migration, banks, pool, breaker, max_failures)
    lookup = create_lookup(migration, banks, pool, sender.certifier)
    for _ in range(_ROUNDS):
        await sender.send_all()
        if not pool.stopped:
            await (breaker.call(lookup.settle) if looks_up else lookup.leave())
        if pool.stopped or not sender.has_more:
            break
    if not pool.stopped:
        commits, reader = sender.commits, banks.reader
        decisions = Settlement(migration.journal, reader, pool, commits, breaker)
        await decisions.settle_all()
    return sender


def _create_sender(
    migration: Migration,
    banks: OpenBanks,
    pool: WorkerPool,
    breaker: Breaker,
    max_failures: int | None,
) -> RecordSender:
    return RecordSender(
        migration=migration,
        source=banks.source,
        target=banks.target,
        pool=pool,
        commits=GroupCommit(migration.journal, migration.commit_queue),
        certifier=migration.certifier(),
        limiter=banks.limiter,
        timing=banks.timing,
        source_breaker=create_breaker(
            banks.source, pool, migration.source.timing, None
        ),
        target_breaker=breaker,
        max_failures=max_failures,
    )


def _left_over(journal: Journal) -> str | None:
    counts = journal.counts()
    left = counts[State.READY] + counts[State.UNKNOWN]
    if not left:
        return None
    return f"{left} records are not settled yet: run `anybank migrate apply` again"


@define(repr=False)  # setting a signal handler formats the result of the run's task
class RecordSender:
    """Sends records to the target, never the same record twice at a time."""

    migration: Migration
    source: AsyncBank
    target: AsyncBank
    pool: WorkerPool
    commits: GroupCommit
    certifier: Certifier
    limiter: RateLimiter | None
    timing: Timing
    source_breaker: Breaker
    target_breaker: Breaker
    max_failures: int | None = None
    changed: int = field(init=False, default=0)
    """How many customers have changed at the source since the plan."""
    sent: int = field(init=False, default=0)
    """How many creates reached the target."""
    _failures: int = field(init=False, default=0)
    _keys: KeyLifetime = field(init=False)

    @_keys.default
    def _keys_of_migration(self) -> KeyLifetime:
        return KeyLifetime.of(self.migration, self.certifier, self.timing)

    @property
    def has_more(self) -> bool:
        """True while there are records to send."""
        counts = self.migration.journal.counts()
        return any(counts[state] for state in self._states_to_send)

    async def send_all(self) -> None:
        """Send every record that is ready, or unknown where a replay is safe."""
        journal, states = self.migration.journal, self._states_to_send
        total = sum(journal.counts()[state] for state in states)
        ready = journal.records(states)
        await self.pool.process(ready, self._handle, total=total, action="sent")

    @property
    def _states_to_send(self) -> set[State]:
        """The states to send: with an idempotency key, unknown creates are replayed."""
        return {State.READY, State.UNKNOWN} if self.certifier.has_key else {State.READY}

    async def _handle(self, record: Record) -> None:
        if record.state is State.UNKNOWN and not self._keys.is_fresh(record):
            return  # the look-up settles it
        async with self.target_breaker.permission() as may_send:
            if may_send:
                await self._certify_and_send(record)

    async def _certify_and_send(self, record: Record) -> None:
        # The source is read before a slot of the target is acquired: a slow source must
        # not use the target's limit up.
        async with self.source_breaker.permission() as may_read:
            certificate = await self._certify(record) if may_read else None
        if certificate is None:
            return
        for attempt in range(_LIMITED.retries + 1):
            await self._acquire_slots()
            if self.pool.is_stopping:
                return
            with self.pool.uninterrupted():
                error = await self._attempt(
                    record, certificate, record.attempts + attempt + 1
                )
            if error is None or not await self._may_retry(error, attempt):
                return

    async def _certify(self, record: Record) -> Certificate | None:
        """Read the customer again and certify it; None where it cannot be sent."""
        try:
            customer = await self.source.customers.get(record.source_id)
        except NotFound:
            self.source_breaker.note_answer()
            self.changed += 1
            blocked = Transition(record.number, State.BLOCKED, {}, [GONE])
            await self._block(record, blocked)
            return None
        except AnybankError as error:
            await self._handle_read_error(record, error)
            return None
        self.source_breaker.note_answer()
        certificate = self.migration.certify_again(self.certifier, customer, record)
        self.changed += is_changed(record, certificate)
        if certificate.is_ready:
            return certificate
        await self._block(record, planned(record, certificate))
        return None

    async def _handle_read_error(self, record: Record, error: AnybankError) -> None:
        """Block a customer with an unreadable value; leave other records for later."""
        is_blocked = isinstance(error, UnexpectedResponse) and is_about_customer(error)
        if is_blocked and record.state is not State.UNKNOWN:
            issues = [unreadable(getattr(error, "path", None) or "")]
            await self._block(
                record, Transition(record.number, State.BLOCKED, {}, issues)
            )
        else:
            self._defer(error, self.source_breaker)

    async def _block(self, record: Record, transition: Transition) -> None:
        """Block a record; quarantine one that an earlier create may have created."""
        if record.state is State.UNKNOWN:
            transition = Transition(record.number, State.QUARANTINED)
        await self.commits.write(transition)
        self._count_failure()

    async def _acquire_slots(self) -> None:
        """Wait for slots of the target's rate limit: nothing is in flight yet."""
        if self.limiter is not None:
            await self.limiter.acquire_slots(self.timing)

    async def _attempt(
        self, record: Record, certificate: Certificate, attempts: int
    ) -> AnybankError | None:
        """Write the intent, send once, write the outcome; return an error to retry."""
        await self.commits.write(intent_of(record, certificate, attempts))
        # The write may have taken long. If the run stops, or the lease of the batch ends
        # too soon, nothing is sent and the intent is withdrawn.
        if self.pool.is_stopping or not self.migration.may_send:
            await self.commits.write(Transition(record.number, record.state))
            return None
        try:
            with self.migration.sent_within_lease():
                customer = await self.target.customers.create(
                    certificate.sent,
                    idempotency_key=key_of(record, certificate, self._keys.count_ended),
                    read_back=False,  # `verify` reads everyone
                )
        except AnybankError as error:
            return await self._handle_create_error(record, error)
        self.sent += 1
        self.target_breaker.note_answer()
        state = state_at(self.certifier.target.capabilities, customer)
        if state is State.DENIED:
            self._count_failure()
            created = denied(record, DENIED, customer.id)
        else:
            created = Transition(record.number, state, {"target_id": customer.id})
        await self.commits.write(created)
        return None

    async def _handle_create_error(
        self, record: Record, error: AnybankError
    ) -> AnybankError | None:
        has_reference = self.certifier.has_reference
        state = state_after(error, has_reference=has_reference)
        is_withdrawn = state is State.READY
        if record.state is State.UNKNOWN and state is not State.AMBIGUOUS:
            # The target refused this replay, which does not tell whether the earlier
            # create succeeded.
            state = State.UNKNOWN
        known = {"failure": failure_of(error)}
        await self.commits.write(Transition(record.number, state, known))
        if is_withdrawn:  # decided above: an unknown record is retried as well
            return error
        self.sent += 1
        if is_outage(error):
            self.target_breaker.note_failure(error)
        else:  # a rejection shows that the bank works
            self.target_breaker.note_answer()
        self._count_failure()
        return None

    async def _may_retry(self, error: AnybankError, attempt: int) -> bool:
        """Wait before the next attempt and return True, or leave the record for later."""
        if self.pool.abort_if_fatal(error):
            return False
        policy = _LIMITED if isinstance(error, RateLimited) else _NOT_SENT
        delay = policy.delay(error, attempt, self.timing.jitter())
        if delay is None:
            self._defer(error, self.target_breaker)
            return False
        if isinstance(error, ProviderError):
            self.target_breaker.note_answer()
            self.pool.announcer.announce(self.timing, delay, self._limit_reason(error))
            if self.limiter is not None:
                await self.limiter.hold_for(self.timing, delay)
        await self.timing.async_sleep(delay)
        return True

    def _limit_reason(self, error: ProviderError) -> str:
        header = ", Retry-After" if error.retry_after is not None else ""
        title = self.target.capabilities.title
        return f"{title} returned Too Many Requests (429{header})"

    def _defer(self, error: AnybankError, breaker: Breaker) -> None:
        """Leave a record for a later run; abort where every record would fail."""
        if not self.pool.abort_if_fatal(error):
            breaker.note_failure(error)

    def _count_failure(self) -> None:
        self._failures += 1
        if self.max_failures is not None and self._failures > self.max_failures:
            self.pool.stop(
                f"stopped after {self._failures} failures (--max-failures "
                f"{self.max_failures}): read the reasons, then run apply again"
            )
