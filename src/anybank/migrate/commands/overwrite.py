"""Overwrites customers at the target that differ, where a person asks for it.

The command takes the customers that `verify` read back differently, that changed at the
source after the move (`plan --since-last`), or that were matched at the target with other
data. Each is certified again and compared, and all its differing fields are sent, or none.
Then it is read back: that, and not the response, shows the result.
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
from ..migration import Migration, SideLike, resume_migration
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
    "gone", "is no longer at the target", "find out who deleted it there"
)
_GONE_HERE = skip(
    "gone", "is no longer at the source", "decide whether to keep it at the target"
)
_FORCED = skip(
    "forced resolution",
    "was recorded with --force although the target's customer differs: not overwritten",
    "if it is another person, correct the record with `anybank migrate resolve`",
)
_BLOCKED = skip(
    "certificate",
    "the source's present data cannot be sent",
    "run `anybank migrate plan` to see why, then overwrite again",
)
_NOT_CHANGED: tuple[type[AnybankError], ...] = (*FATAL_ERRORS, NotSent, RateLimited)
"""Errors after which certainly nothing has changed, so that the update can be repeated."""


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
    """Overwrite customers at the target that differ, with the data of the source.

    `ids` is a file with one source id per line, to overwrite only these. `yes` is the
    consent, or a function that receives a few lines on what cannot be undone and returns
    the consent. A customer with a changed field that the target cannot update stays
    unchanged as a whole, and is listed. `wait` and `notices` are those of `apply`.

    Raises Unsupported where the target cannot update customers, and ConfigurationError
    where more than `max_change` ("30%" or 0.3) of the moved customers would be overwritten,
    unless `allow="overwrites"`.
    """
    guard = ChangeLimit.of("overwrites", max_change, allow)
    with resume_migration(journal, source, target) as migration:
        declared = migration.target.adapter.capabilities
        _require_feature(declared)
        selected = _selected_ids(migration.journal, Path(ids) if ids else None)
        count = sum(1 for _ in _different(migration.journal, selected))
        if count:
            guard.require(count, _total(migration.journal), _WHAT, _FIX)
            require_consent(yes, _warnings(count, declared), "overwritten")
        pool = create_pool(None, progress, wait, notices)
        work = run(_overwrite_records(migration, pool, selected, count))
        return _summary(migration.journal, work)


_WHAT = "would be overwritten"
_FIX = (
    "See who differs with `anybank migrate report`, overwrite a part with --ids, raise "
    "--max-change"
)


def _total(journal: Journal) -> int:
    """Count the customers at the target."""
    counts = journal.counts()
    return sum(counts[state] for state in MOVED | {State.AMBIGUOUS})


def _require_feature(declared: Capabilities) -> None:
    if not declared.supports(Feature.CUSTOMERS_UPDATE):
        reason = declared.feature(Feature.CUSTOMERS_UPDATE).reason
        raise unsupported_by(declared.provider, Feature.CUSTOMERS_UPDATE, reason)


def _selected_ids(journal: Journal, path: Path | None) -> Collection[str] | None:
    """Return the ids in a file; raise unless all of them are known to differ."""
    if path is None:
        return None
    selected = frozenset(IdFile.read(path))
    known = {record.source_id for record in _different(journal, selected)}
    if unknown := sorted(selected - known):
        raise ConfigurationError(
            f"{path} names {len(unknown)} customers who are not known to differ, such as "
            f"{unknown[0]}: run `anybank migrate verify` or `plan --since-last` first"
        )
    return selected


def _different(journal: Journal, selected: Collection[str] | None) -> Iterator[Record]:
    for record in journal.records(_DIFFERENT):
        if _target_id(record) and (selected is None or record.source_id in selected):
            yield record


def _target_id(record: Record) -> str | None:
    """Return the id to overwrite, None where it is not certain which customer it is."""
    if record.state is State.MISMATCHED:
        return record.target_id
    ids = record.failure.get("target_ids", ())
    is_certain = record.failure.get("class") == "FoundDifferent" and len(ids) == 1
    return str(ids[0]) if is_certain else None


def _warnings(count: int, declared: Capabilities) -> list[str]:
    title = declared.title
    warning = (
        f"The differing fields of {count} customers at {title} will be overwritten"
    )
    return [f"{warning}: their present values are lost, and this cannot be undone."]


async def _overwrite_records(
    migration: Migration, pool: WorkerPool, selected: Collection[str] | None, count: int
) -> Overwrite:
    source_side, target_side = migration.source, migration.target
    async with (
        source_side.open(timing=announced_timing(source_side, pool)) as source,
        target_side.open(timing=announced_timing(target_side, pool)) as target,
    ):
        last = last_moved_id(migration.journal)
        breaker = create_breaker(target, pool, target_side.timing, last)
        work = Overwrite(migration, source, target, pool, breaker)
        records = _different(migration.journal, selected)
        await pool.process(records, work.write, total=count, action="overwritten")
    return work


@define
class Overwrite:
    """Overwrites customers at the target, each as a whole or not at all."""

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
        """Overwrite one customer of the target with the present data of the source."""
        async with self.breaker.permission() as may_send:
            if may_send:
                await self._try(record)
            else:
                self.deferred += 1

    async def _try(self, record: Record) -> None:
        try:
            reason = await self._settle(record)
        except AnybankError as error:
            if not self.pool.abort_if_fatal(error):
                self.deferred += not self.breaker.retry_later(error, record)
        else:
            self.breaker.note_answer()
            if reason is not None:
                self.unchanged.add(record.source_id, reason)

    async def _settle(self, record: Record) -> Issue | None:
        """Certify, compare, update and read back; return why nothing was changed."""
        if "forced" in record.failure:
            return _FORCED
        try:
            customer = await _read(self.source, record.source_id)
        except UnexpectedResponse as error:
            return _unreadable(error)
        if customer is None:
            return _GONE_HERE
        certificate = self.migration.certify(self._certifier, customer)
        if not certificate.is_ready:
            return _BLOCKED
        present = await _read(self.target, _target_id(record) or "")
        if present is None:
            return _GONE_THERE
        with self.pool.uninterrupted():
            return await self._update(record, certificate, present)

    async def _update(
        self, record: Record, certificate: Certificate, present: Customer
    ) -> Issue | None:
        """Update what differs and read it back; return why nothing was changed."""
        expected = self._expected(record, certificate)
        # Compared with the target as it is now: somebody may have corrected the customer
        # there since `verify`. Only fields that still differ are sent.
        if names := mismatches(self._certifier, expected, present):
            if self.pool.is_stopping:
                return None
            reason = await self._send(record, certificate, names, present.id)
            if reason is not None:
                return reason
            present = await self.target.customers.get(present.id)
        await self._record(expected, certificate, present)
        return None

    def _expected(self, record: Record, certificate: Certificate) -> Record:
        expected = evolve(record, promise=certificate.promise)
        if record.state is not State.AMBIGUOUS and not was_matched(record):
            return expected
        return evolve(expected, promise=expected_of_match(self._certifier, expected))

    async def _send(
        self, record: Record, certificate: Certificate, names: list[str], target_id: str
    ) -> Issue | None:
        """Send the update after its intent; return why it was refused."""
        changes = self._changes(certificate, names)
        # The intent has no state of its own: an update may be repeated, and the record
        # stays different until it was read back.
        await self._move(record, record.state, {"attempts": record.attempts + 1})
        try:
            await self.target.customers.update(
                target_id, changes, accept_loss=self.migration.accept_loss
            )
        except InvalidInput as error:
            return _unsupported_field(error)
        except _NOT_CHANGED:
            raise
        except AnybankError as error:
            if error.outcome is Outcome.REFUSED:
                return _refused(error)
            # Any other outcome may have changed the customer: the read that follows shows.
        self.written += 1
        return None

    def _changes(self, certificate: Certificate, names: list[str]) -> CustomerChanges:
        fields = {name.partition(".")[0] for name in names}
        new = certificate.sent.value
        return CustomerChanges(**{name: getattr(new, name) for name in fields})

    async def _record(
        self, record: Record, certificate: Certificate, present: Customer
    ) -> None:
        """Record the result of the read; a rollback never deletes a matched customer."""
        known = {
            **certificate.known,
            "promise": record.promise,
            "target_id": present.id,
        }
        if record.state is State.AMBIGUOUS:
            known["failure"] = matched_facts("overwritten")
            await self._move(record, State.CREATED, known)
        fields = tuple(mismatches(self._certifier, record, present))
        state = State.MISMATCHED if fields else State.VERIFIED
        await self._move(record, state, {**known, "mismatches": fields})

    async def _move(self, record: Record, state: State, known: dict[str, Any]) -> None:
        await self._commits.write(Transition(record.number, state, known))


async def _read(bank: AsyncBank, identifier: str) -> Customer | None:
    try:
        return await bank.customers.get(identifier)
    except NotFound:
        return None


def _unreadable(error: UnexpectedResponse) -> Issue:
    """Return why nothing is written; raise an error that is not about a customer."""
    if not is_about_customer(error):
        raise error
    reason = unreadable(error.path or "")
    return skip(
        reason.rule,
        reason.message,
        "correct it at the source",
        without_indexes(reason.field),
    )


def _unsupported_field(error: InvalidInput) -> Issue:
    """Return the field that the target cannot update; nothing was sent."""
    issue = error.issues[0]
    return skip(
        issue.rule,
        issue.message,
        "change it in the target's own tools, or leave it",
        without_indexes(issue.field),
    )


def _refused(error: AnybankError) -> Issue:
    code = getattr(error, "code", None) or type(error).__name__
    return skip(
        code, "the target refused the change", "find out at the target what prevents it"
    )


def _summary(journal: Journal, work: Overwrite) -> Summary:
    retry = f"{work.deferred} could not be tried: run `anybank migrate overwrite` again"
    summary = summarise(
        journal,
        "overwrite",
        stopped=work.pool.stopped or (retry if work.deferred else None),
        outage=work.pool.outage,
        bank_failures=work.pool.bank_failures,
        overwritten=work.written,
        unchanged=len(work.unchanged),
    )
    return evolve(summary, reasons=(*work.unchanged.reasons, *summary.reasons))
