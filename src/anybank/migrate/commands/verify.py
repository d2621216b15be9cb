"""Reading back what was moved, and comparing it with what was promised."""

from __future__ import annotations

from attrs import define, field

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...errors import AnybankError, NotFound, UnexpectedResponse
from ...model.customers import Customer
from ..certify.certificate import Certifier
from ..event_loop import run
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import MOVED, State
from ..journal.transitions import Transition
from ..migration import Migration, SideLike, resumed
from .arguments import AnyPath, require_positive
from .summaries.reasons import ABSENT, UNREADABLE
from .summaries.summary import Summary, summarise
from .target.comparison import mismatches
from .target.duplicates import check_duplicates
from .target.target_check import require_known
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.outages import is_about_customer
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_TRIES = 3
"""How often a customer is read whose answer is bad: the bank itself repeats the rest."""


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
    """Read back everything that was moved and compare it, field by field.

    Then the target is listed, where it can be, to look for customers who are there twice:
    `Summary.duplicates` says how, and how many calls that took; `duplicates=False` leaves
    it out. Raises ConfigurationError where nobody of those moved last is at the target.
    A bank that fails for everybody ends the run (`Summary.outage` says so), unless `wait`
    ("30m", or seconds) lets it wait until the bank is back. `notices` is called with a line
    about each long wait.
    """
    require_positive("concurrency", concurrency)
    with resumed(journal, source, target) as migration:
        pool = create_pool(concurrency, progress, wait, notices)
        deferred = run(_verified(migration, pool, duplicates=duplicates))
        findings = tuple(_checked(migration.journal))
        again = f"{deferred} could not be read back: run `anybank migrate verify` again"
        return summarise(
            migration.journal,
            "verify",
            stopped=pool.stopped or (again if deferred else None),
            outage=pool.outage,
            bank_failures=pool.bank_failures,
            findings=findings,
        )


async def _verified(migration: Migration, pool: WorkerPool, *, duplicates: bool) -> int:
    """Return how many could not be read back this time."""
    journal = migration.journal
    side = migration.target
    async with side.open(timing=announced_timing(side, pool)) as target:
        breaker = create_breaker(target, pool, side.timing, last_moved_id(journal))
        await breaker.call(lambda: require_known(journal, target))
        commits, certifier = GroupCommit(journal), migration.certifier()
        back = ReadBack(journal, target, certifier, pool, commits, breaker)
        await back.verify_all()
        if not pool.stopped:
            await check_duplicates(journal, certifier, target, search=duplicates)
    return back.deferred


def _checked(journal: Journal) -> list[str]:
    """Return the sums that do not come out: none, where nothing was lost or doubled."""
    counts = journal.counts()
    metadata = journal.metadata()
    inventory = int(metadata.get("inventory") or 0)
    kept = journal.count_in_plan(int(metadata.get("planned") or 0))
    found = []
    if inventory != kept:
        found.append(f"the source had {inventory} customers, the journal has {kept}")
    if left := counts[State.CREATED]:
        records = "record" if left == 1 else "records"
        found.append(f"{left} created {records} could not be read back: verify again")
    return found


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
    """How many could not be read back this time."""

    async def verify_all(self) -> None:
        """Read every moved record back; what was verified before is read again."""
        counts = self.journal.counts()
        total = sum(counts[state] for state in MOVED)
        moved = self.journal.records(MOVED)
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
            await self._settle(record, ABSENT)
        except UnexpectedResponse as error:
            await self._unreadable(record, error)
        except AnybankError as error:
            self._defer(record, error)
        else:
            self.breaker.note_answer()
            wrong = mismatches(self.certifier, record, customer)
            await self._settle(record, tuple(wrong))

    async def _read(self, target_id: str) -> Customer:
        """Read a customer, again where the answer is bad: another may well be good."""
        for left in reversed(range(_TRIES)):
            try:
                return await self.target.customers.get(target_id)
            except UnexpectedResponse:
                if not left:
                    raise
        raise TypeError

    async def _unreadable(self, record: Record, error: UnexpectedResponse) -> None:
        """Note who is there with a value that cannot be read; leave others for later."""
        if not is_about_customer(error):
            self._defer(record, error)
        else:
            self.breaker.note_answer()
            await self._settle(record, UNREADABLE)

    def _defer(self, record: Record, error: AnybankError) -> None:
        if not self.pool.abort_if_fatal(error):
            self.deferred += not self.breaker.retry_later(error, record)

    async def _settle(self, record: Record, wrong: tuple[str, ...]) -> None:
        state = State.MISMATCHED if wrong else State.VERIFIED
        await self.commits.write(
            Transition(record.number, state, {"mismatches": wrong})
        )
