"""Applying a plan: for each record its turn, its intent, its request, its outcome.

The intent is on the disk before the request leaves, so whatever a crash cuts off is known
to be unknown. There are never more intents than requests in flight.
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
from ..migration import Migration, SideLike, resumed
from ..rate_limiter import RateLimiter
from .arguments import AnyPath, require_positive
from .lookup import Lookup
from .planning.readiness import GONE, known_of, planned, unreadable
from .summaries.summary import Summary, summarise
from .target.target_check import require_known
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.create_errors import failure_of, state_after
from .workers.outages import is_about_customer, is_outage
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_NOT_SENT = RetryPolicy(retries=3)
_LIMITED = RetryPolicy(retries=20, base=1.0, cap=60.0, max_retry_after=300.0)
_ROUNDS = 5
"""How often what was not sent, or turned out not to be there, is tried again."""


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
    """Make every ready record at the target, once; go on where an earlier run ended.

    `plan` is the checksum of the plan that was looked at: any other is refused.
    `max_failures` is how many records may fail before it stops, or how many of a hundred
    ("5%") of those that are ready when it begins.
    A bank that fails for everybody ends the run (`Summary.outage` says so), unless `wait`
    ("30m", or seconds) lets it wait until the bank is back. `notices` is called with a line
    about each long wait.
    """
    require_positive("concurrency", concurrency)
    with resumed(journal, source, target) as migration:
        require_plan(migration.journal, plan)
        require_no_refusal(migration.journal)
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
            stopped=pool.stopped or _left_over(migration.journal),
            outage=pool.outage,
            bank_failures=pool.bank_failures,
            changed_since_plan=sender.changed,
            sent=sender.sent,
        )


async def apply_records(
    migration: Migration, pool: WorkerPool, max_failures: int | None = None
) -> RecordSender:
    """Send what is ready and look for what is unknown, in turns, until that is all."""
    journal, target = migration.journal, migration.target
    migration.source.require_other(target)
    drop_excluded(journal)
    throttle = migration.throttle_of(target)
    limiter = RateLimiter(throttle) if throttle else None
    timing, source_timing = (
        announced_timing(target, pool),
        announced_timing(migration.source, pool),
    )
    async with (
        migration.source.open(
            timing=source_timing, throttle=migration.throttle_of(migration.source)
        ) as source,
        target.open_for_creates(limiter, timing=timing) as bank,
        target.open(throttle=limiter, timing=timing) as looking,
    ):
        writing = create_breaker(looking, pool, target.timing, last_moved_id(journal))
        sender = RecordSender(
            migration=migration,
            source=source,
            target=bank,
            pool=pool,
            commits=GroupCommit(journal),
            limiter=limiter,
            timing=timing,
            reading=create_breaker(source, pool, migration.source.timing, None),
            writing=writing,
            max_failures=max_failures,
        )
        await writing.call(lambda: require_known(journal, looking))
        settle_at = timing.monotonic() + migration.settle_after
        certifier = migration.certifier()
        lookup = Lookup(migration, looking, certifier, timing, pool, settle_at)
        for _ in range(_ROUNDS):
            await sender.send_all()
            if not pool.stopped:
                await writing.call(lookup.settle)
            if pool.stopped or not sender.has_more:
                break
    return sender


def _left_over(journal: Journal) -> str | None:
    counts = journal.counts()
    left = counts[State.READY] + counts[State.UNKNOWN]
    if not left:
        return None
    return f"{left} records could not be settled yet: run `anybank migrate apply` again"


@define(repr=False)  # setting a signal handler formats the result of the run's task
class RecordSender:
    """Sends records to the target, each at most once at a time."""

    migration: Migration
    source: AsyncBank
    target: AsyncBank
    pool: WorkerPool
    commits: GroupCommit
    limiter: RateLimiter | None
    timing: Timing
    reading: Breaker
    """The breaker of the source."""
    writing: Breaker
    """The breaker of the target."""
    max_failures: int | None = None
    changed: int = field(init=False, default=0)
    sent: int = field(init=False, default=0)
    _failures: int = field(init=False, default=0)
    _certifier: Certifier = field(init=False)

    @_certifier.default
    def _certifier_of_migration(self) -> Certifier:
        return self.migration.certifier()

    @property
    def has_more(self) -> bool:
        """True while there is what may be sent."""
        counts = self.migration.journal.counts()
        return any(counts[state] for state in (State.READY, *self._repeated))

    async def send_all(self) -> None:
        """Send every record that is ready."""
        journal = self.migration.journal
        states = {State.READY, *self._repeated}
        total = sum(journal.counts()[state] for state in states)
        ready = journal.records(states)
        await self.pool.process(ready, self._handle, total=total, action="sent")

    @property
    def _repeated(self) -> set[State]:
        """The states of what is sent again under the same key: for ever, if need be."""
        return {State.UNKNOWN} if self._certifier.has_key else set()

    async def _handle(self, record: Record) -> None:
        async with self.writing.permission() as may_send:
            if may_send:
                await self._certify_and_send(record)

    async def _certify_and_send(self, record: Record) -> None:
        async with self.reading.permission() as may_read:
            certificate = await self._certified(record) if may_read else None
        if certificate is None:
            return
        for attempt in range(_LIMITED.retries + 1):
            await self._acquire_slots()
            if self.pool.is_stopping:
                return
            attempted = evolve(record, attempts=record.attempts + attempt + 1)
            with self.pool.uninterrupted():
                error = await self._attempt(attempted, certificate)
            if error is None or not await self._may_repeat(error, attempt):
                return

    async def _certified(self, record: Record) -> Certificate | None:
        """Read the source again and certify what is there now; None where it stops."""
        try:
            customer = await self.source.customers.get(record.source_id)
        except NotFound:
            self.reading.note_answer()
            self.changed += 1
            gone = Transition(record.number, State.BLOCKED, {}, [GONE])
            await self._block(record, gone)
            return None
        except AnybankError as error:
            await self._not_read(record, error)
            return None
        self.reading.note_answer()
        certificate = self.migration.certify_again(self._certifier, customer, record)
        self.changed += _is_new(record, certificate)
        if certificate.is_ready:
            return certificate
        await self._block(record, planned(record, certificate))
        return None

    async def _not_read(self, record: Record, error: AnybankError) -> None:
        """Block whom the source shows but nobody can read; leave others for later."""
        is_odd = isinstance(error, UnexpectedResponse) and is_about_customer(error)
        if is_odd and record.state is not State.UNKNOWN:
            issues = [unreadable(getattr(error, "path", None) or "")]
            await self._block(
                record, Transition(record.number, State.BLOCKED, {}, issues)
            )
        else:
            self._defer(error, self.reading)

    async def _block(self, record: Record, move: Transition) -> None:
        """Keep a record from going; one that may have been made waits for a person."""
        if record.state is State.UNKNOWN:
            move = Transition(record.number, State.QUARANTINED)
        await self.commits.write(move)
        self._count_failure()

    async def _acquire_slots(self) -> None:
        """Wait for slots of the target's rate limit: nothing is in flight yet."""
        if self.limiter is not None:
            await self.limiter.acquire_slots(self.timing)

    async def _attempt(
        self, record: Record, certificate: Certificate
    ) -> AnybankError | None:
        """Send once, between intent and outcome; return an error that left it ready."""
        await self.commits.write(_intent(record, certificate))
        if self.pool.is_stopping or not self.migration.may_send:
            await self.commits.write(Transition(record.number, record.state))
            return None
        try:
            made = await self.target.customers.create(
                certificate.sent,
                idempotency_key=_key(record, certificate),
                read_back=False,  # `verify` reads everyone
            )
        except AnybankError as error:
            return await self._not_made(record, error)
        self.sent += 1
        self.writing.note_answer()
        created = Transition(record.number, State.CREATED, {"target_id": made.id})
        await self.commits.write(created)
        return None

    async def _not_made(
        self, record: Record, error: AnybankError
    ) -> AnybankError | None:
        has_reference = self._certifier.has_reference
        state = state_after(error, has_reference=has_reference)
        taken_back = state is State.READY
        if record.state is State.UNKNOWN and state is not State.AMBIGUOUS:
            state = State.UNKNOWN  # a no to this one says nothing of the one before
        known = {"failure": failure_of(error)}
        await self.commits.write(Transition(record.number, state, known))
        if taken_back:
            return error
        self.sent += 1
        if is_outage(error):
            self.writing.note_failure(error)
        else:
            self.writing.note_answer()
        self._count_failure()
        return None

    async def _may_repeat(self, error: AnybankError, attempt: int) -> bool:
        """Back off before the next attempt, or leave the record for later."""
        if self.pool.abort_if_fatal(error):
            return False
        policy = _LIMITED if isinstance(error, RateLimited) else _NOT_SENT
        delay = policy.delay(error, attempt, self.timing.jitter())
        if delay is None:
            self._defer(error, self.writing)
            return False
        if isinstance(error, ProviderError):
            self.writing.note_answer()
            self.pool.announcer.announce(self.timing, delay, self._too_many(error))
            if self.limiter is not None:
                await self.limiter.hold_for(self.timing, delay)
        await self.timing.async_sleep(delay)
        return True

    def _too_many(self, error: ProviderError) -> str:
        asked = ", Retry-After" if error.retry_after is not None else ""
        title = self.target.capabilities.title
        return f"{title} answered that there were too many requests (429{asked})"

    def _defer(self, error: AnybankError, breaker: Breaker) -> None:
        """Leave a record as it is; without credentials no other can be tried either."""
        if not self.pool.abort_if_fatal(error):
            breaker.note_failure(error)

    def _count_failure(self) -> None:
        self._failures += 1
        if self.max_failures is not None and self._failures > self.max_failures:
            self.pool.stop(
                f"stopped after {self._failures} failures (--max-failures "
                f"{self.max_failures}): see the reasons, then run apply again"
            )


def _intent(record: Record, certificate: Certificate) -> Transition:
    """Return the intent, with what the certificate says where the plan said otherwise."""
    known = {"failure": None, "attempts": record.attempts}
    if _is_as_planned(record, certificate):
        return Transition(record.number, State.IN_FLIGHT, known)
    known |= known_of(record, certificate)
    identities = certificate.identities
    return Transition(
        record.number, State.IN_FLIGHT, known, certificate.issues, identities
    )


def _is_as_planned(record: Record, certificate: Certificate) -> bool:
    told = known_of(record, certificate)
    return all(getattr(record, name) == value for name, value in told.items())


def _key(record: Record, certificate: Certificate) -> str | None:
    """Return the key of a create: the same however often the record is sent."""
    key = known_of(record, certificate)["reference"] if certificate.key else None
    return str(key) if key else None


def _is_new(record: Record, certificate: Certificate) -> bool:
    return (record.source_print, record.request_print) != (
        certificate.source_print,
        certificate.request_print,
    )
