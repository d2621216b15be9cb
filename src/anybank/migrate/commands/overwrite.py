"""Writing over customers at the target, where somebody says so.

Taken are those who were found different: read back by `verify`, changed at the source
after the move (`plan --since-last`), or recognised at the target with other data. Each is
certified anew and compared, and the fields that differ are sent, all of them or none.
Then it is read back: that, and no answer, says what it has become.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from ..._engine.error_boundary import guarded
from ...aio import AsyncBank
from ...declaration.consent import without_indexes
from ...declaration.vocabulary import Capabilities
from ...errors import (
    AnybankError,
    ConfigurationError,
    InvalidInput,
    Issue,
    NotFound,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
    unsupported_by,
)
from ...model.customers import Customer, CustomerChanges
from ...model.features import Feature
from ..certify.certificate import Certificate, Certifier
from ..certify.change_limit import MOST_CHANGED, ChangeLimit
from ..certify.cohorts import Share
from ..certify.consent import Consent, require_consent
from ..certify.id_file import IdFile
from ..event_loop import run
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import MOVED, State
from ..journal.transitions import Transition
from ..migration import Migration, SideLike, resumed
from .arguments import AnyPath
from .planning.readiness import unreadable
from .summaries.skipped import Skipped, skip
from .summaries.summary import Summary, summarise
from .target.comparison import mismatches
from .target.origins import expected_of_match, matched_facts, was_matched
from .workers.breakers import Breaker, create_breaker, last_moved_id
from .workers.create_errors import FATAL_ERRORS
from .workers.outages import is_about_customer
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, WorkerPool, announced_timing, create_pool

_DIFFERENT = frozenset({State.MISMATCHED, State.AMBIGUOUS})
_GONE_THERE = skip(
    "gone", "is not at the target any more", "find out who deleted it there"
)
_GONE_HERE = skip("gone", "is not at the source any more", "decide at the target alone")
_FORCED = skip(
    "forced verdict",
    "was recorded by force though the target's customer differs: not overwritten",
    "if it is another person, correct the verdict with `anybank migrate resolve`",
)
_BLOCKED = skip(
    "certificate",
    "could not be sent as it is now at the source",
    "run `anybank migrate plan` to see why; then overwrite again",
)
_LEAVES_IT_OPEN: tuple[type[AnybankError], ...] = (*FATAL_ERRORS, NotSent, RateLimited)
"""Errors of a change that was not made, and may be tried later."""


@guarded
@run_logged
def overwrite(
    *,
    journal: AnyPath,
    source: SideLike | None = None,
    target: SideLike | None = None,
    ids: AnyPath | None = None,
    yes: Consent = False,
    max_change: Share | None = MOST_CHANGED,
    allow: Collection[str] | str = (),
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Write what the source tells over customers who were found different at the target.

    `ids` is a file with one id of the source a line: those alone. `yes` consents, or is
    asked with a few lines of what cannot be undone. A customer with a field that the
    target does not change is left whole, and listed. Raises Unsupported where the target
    changes nobody, and ConfigurationError where more than `max_change` ("30%" or 0.3) of
    all who were moved would be overwritten, unless `allow="overwrites"`. `wait` and
    `notices` are those of `apply`.
    """
    guard = ChangeLimit.of("overwrites", max_change, allow)
    with resumed(journal, source, target) as migration:
        declared = migration.target.adapter.capabilities
        _require_feature(declared)
        wanted = _wanted(migration.journal, Path(ids) if ids else None)
        count = sum(1 for _ in _different(migration.journal, wanted))
        if count:
            guard.require(count, _total(migration.journal), _WHAT, _FIX)
            require_consent(yes, _warnings(count, declared), "overwritten")
        pool = create_pool(None, progress, wait, notices)
        done = run(_overwritten(migration, pool, wanted, count))
        return _summary(migration.journal, done)


_WHAT = "would be overwritten"
_FIX = (
    "Look at who differs with `anybank migrate report`, overwrite a part with --ids, raise "
    "--max-change"
)


def _total(journal: Journal) -> int:
    """Count all who are at the target, of whom some may be overwritten."""
    counts = journal.counts()
    return sum(counts[state] for state in MOVED | {State.AMBIGUOUS})


def _require_feature(declared: Capabilities) -> None:
    if not declared.supports(Feature.CUSTOMERS_UPDATE):
        why = declared.feature(Feature.CUSTOMERS_UPDATE).reason
        raise unsupported_by(declared.provider, Feature.CUSTOMERS_UPDATE, why)


def _wanted(journal: Journal, path: Path | None) -> Collection[str] | None:
    """Return the ids that a file names, all of which must be known to differ."""
    if path is None:
        return None
    wanted = frozenset(IdFile.read(path))
    known = {record.source_id for record in _different(journal, wanted)}
    if unknown := sorted(wanted - known):
        raise ConfigurationError(
            f"{path} names {len(unknown)} who are not known to differ, such as "
            f"{unknown[0]}: run `anybank migrate verify` or `plan --since-last` first"
        )
    return wanted


def _different(journal: Journal, wanted: Collection[str] | None) -> Iterator[Record]:
    for record in journal.records(_DIFFERENT):
        if _target_id(record) and (wanted is None or record.source_id in wanted):
            yield record


def _target_id(record: Record) -> str | None:
    """Return whom to write over; None where it is not certain which customer it is."""
    if record.state is State.MISMATCHED:
        return record.target_id
    ids = record.failure.get("target_ids", ())
    is_certain = record.failure.get("class") == "FoundDifferent" and len(ids) == 1
    return str(ids[0]) if is_certain else None


def _warnings(count: int, declared: Capabilities) -> list[str]:
    told = f"{count} customers at {declared.title} will be overwritten in the fields"
    return [f"{told} that differ: what is there now is lost, this cannot be undone."]


async def _overwritten(
    migration: Migration, pool: WorkerPool, wanted: Collection[str] | None, count: int
) -> Overwrite:
    side, there = migration.source, migration.target
    async with (
        side.open(timing=announced_timing(side, pool)) as source,
        there.open(timing=announced_timing(there, pool)) as target,
    ):
        last = last_moved_id(migration.journal)
        breaker = create_breaker(target, pool, there.timing, last)
        done = Overwrite(migration, source, target, pool, breaker)
        records = _different(migration.journal, wanted)
        await pool.process(records, done.write, total=count, action="overwritten")
    return done


@define
class Overwrite:
    """Changes customers at the target, each as a whole or not at all."""

    migration: Migration
    source: AsyncBank
    target: AsyncBank
    pool: WorkerPool
    breaker: Breaker
    written: int = field(init=False, default=0)
    deferred: int = field(init=False, default=0)
    unchanged: Skipped = field(init=False, factory=Skipped)
    _certifier: Certifier = field(init=False)
    _commits: GroupCommit = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._certifier = self.migration.certifier()
        self._commits = GroupCommit(self.migration.journal)

    async def write(self, record: Record) -> None:
        """Bring one customer of the target to what the source tells now."""
        async with self.breaker.permission() as may_ask:
            if may_ask:
                await self._try(record)
            else:
                self.deferred += 1

    async def _try(self, record: Record) -> None:
        try:
            why = await self._settle(record)
        except AnybankError as error:
            if not self.pool.abort_if_fatal(error):
                self.deferred += not self.breaker.retry_later(error, record)
        else:
            self.breaker.note_answer()
            if why is not None:
                self.unchanged.add(record.source_id, why)

    async def _settle(self, record: Record) -> Issue | None:
        """Certify, compare, change and read back; return why it was left as it was."""
        if "forced" in record.failure:
            return _FORCED
        try:
            customer = await _found(self.source, record.source_id)
        except UnexpectedResponse as error:
            return _unreadable(error)
        if customer is None:
            return _GONE_HERE
        certificate = self.migration.certify(self._certifier, customer)
        if not certificate.is_ready:
            return _BLOCKED
        there = await _found(self.target, _target_id(record) or "")
        if there is None:
            return _GONE_THERE
        with self.pool.uninterrupted():
            return await self._bring(record, certificate, there)

    async def _bring(
        self, record: Record, certificate: Certificate, there: Customer
    ) -> Issue | None:
        """Change what differs and read it back; return why it was left as it was."""
        promised = self._promised(record, certificate)
        if names := mismatches(self._certifier, promised, there):
            if self.pool.is_stopping:
                return None
            why = await self._change(record, certificate, names, there.id)
            if why is not None:
                return why
            there = await self.target.customers.get(there.id)
        await self._note(promised, certificate, there)
        return None

    def _promised(self, record: Record, certificate: Certificate) -> Record:
        promised = evolve(record, promise=certificate.promise)
        if record.state is not State.AMBIGUOUS and not was_matched(record):
            return promised
        found = expected_of_match(self._certifier, promised)
        return evolve(promised, promise=found)

    async def _change(
        self, record: Record, certificate: Certificate, names: list[str], there: str
    ) -> Issue | None:
        """Send the change after its intent; return why it was refused."""
        changes = self._changes(certificate, names)
        await self._move(record, record.state, {"attempts": record.attempts + 1})
        try:
            await self.target.customers.update(
                there, changes, accept_loss=self.migration.accept_loss
            )
        except InvalidInput as error:
            return _unfit(error)
        except _LEAVES_IT_OPEN:
            raise
        except AnybankError as error:
            if error.outcome is Outcome.REFUSED:
                return _refused(error)
        self.written += 1
        return None

    def _changes(self, certificate: Certificate, names: list[str]) -> CustomerChanges:
        fields = {name.partition(".")[0] for name in names}
        new = certificate.sent.value
        return CustomerChanges(**{name: getattr(new, name) for name in fields})

    async def _note(
        self, record: Record, certificate: Certificate, there: Customer
    ) -> None:
        """Note what was read back; one who was found is not ours to delete."""
        known = {
            **certificate.known,
            "promise": record.promise,
            "target_id": there.id,
        }
        if record.state is State.AMBIGUOUS:
            known["failure"] = matched_facts("overwritten")
            await self._move(record, State.CREATED, known)
        wrong = tuple(mismatches(self._certifier, record, there))
        state = State.MISMATCHED if wrong else State.VERIFIED
        await self._move(record, state, {**known, "mismatches": wrong})

    async def _move(self, record: Record, state: State, known: dict[str, Any]) -> None:
        await self._commits.write(Transition(record.number, state, known))


async def _found(bank: AsyncBank, identifier: str) -> Customer | None:
    try:
        return await bank.customers.get(identifier)
    except NotFound:
        return None


def _unreadable(error: UnexpectedResponse) -> Issue:
    """Return why nothing is written; raises what is no answer about a customer."""
    if not is_about_customer(error):
        raise error
    reason = unreadable(error.path or "")
    return skip(
        reason.rule,
        reason.message,
        "correct it at the source",
        without_indexes(reason.field),
    )


def _unfit(error: InvalidInput) -> Issue:
    """Say which field the target does not change: nothing was sent."""
    issue = error.issues[0]
    return skip(
        issue.rule,
        issue.message,
        "change it at the target by hand, or leave it",
        without_indexes(issue.field),
    )


def _refused(error: AnybankError) -> Issue:
    code = getattr(error, "code", None) or type(error).__name__
    return skip(
        code, "the target refused the change", "see there what stands against it"
    )


def _summary(journal: Journal, done: Overwrite) -> Summary:
    again = f"{done.deferred} could not be tried: run `anybank migrate overwrite` again"
    summary = summarise(
        journal,
        "overwrite",
        stopped=done.pool.stopped or (again if done.deferred else None),
        outage=done.pool.outage,
        bank_failures=done.pool.bank_failures,
        overwritten=done.written,
        unchanged=len(done.unchanged),
    )
    return evolve(summary, reasons=(*done.unchanged.reasons, *summary.reasons))
