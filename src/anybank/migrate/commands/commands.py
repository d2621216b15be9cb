"""The commands of a migration: each runs to its end and returns a Summary.

They are synchronous and run an event loop inside. Ctrl-C lets what is in flight come to
its end and raises KeyboardInterrupt; the journal is whole then. Failures are
ConfigurationError (the journal, its key, a file, a side) or what a bank answered.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypeAlias

from attrs import evolve

from ..._engine.error_boundary import guarded
from ..._engine.timing import Timing
from ...errors import ConfigurationError
from ..certify.cohorts import Sample, Share, Threshold, most_failures, share_of
from ..certify.exclusions import drop_excluded, replace_exclusions
from ..certify.guards import Guard, guard_plan, require_allowed
from ..certify.ids import Ids
from ..certify.layouts import Layout
from ..certify.losses import losses
from ..certify.quality import quality_names
from ..certify.rows import Rows
from ..event_loop import run
from ..journal.batch_leases import seconds_to_settle
from ..journal.copy_detection import not_the_latest
from ..journal.group_commit import GroupCommit
from ..journal.journal import Journal
from ..journal.plan_checksum import require_plan
from ..journal.run_log import run_logged
from ..journal.states import State
from ..migration import Migration, SideLike, begun, resumed, side_of
from ..rate_limiter import RateLimiter
from ..side import Side
from .apply import Sender
from .breakers import breaker_of, last_moved
from .deltas import Delta
from .duplicates import check_duplicates
from .lookup import Lookup
from .match import Matcher, crosswalk_rows, is_matchable
from .outages import Notices, Wait, Waits, seconds_of
from .plan import Planner
from .summary import Summary, summarise
from .target_check import require_known
from .verify import ReadBack
from .worker_pool import Crew, Progress

AnyPath: TypeAlias = "str | os.PathLike[str]"

AT_ONCE = 16
"""How many records are in flight at a time: as many may be in doubt after a crash."""

_ROUNDS = 5
"""How often what was not sent, or turned out not to be there, is tried again."""


@guarded
@run_logged
def plan(
    source: SideLike,
    target: SideLike,
    *,
    journal: AnyPath,
    supplement: AnyPath | None = None,
    columns: Mapping[str, str] | None = None,
    separator: str | None = None,
    ignore_columns: Collection[str] | str = (),
    ids: AnyPath | None = None,
    exclude: AnyPath | None = None,
    accept_loss: Collection[str] | str = (),
    limit: int | None = None,
    next_new: int | None = None,
    match: bool | None = None,
    crosswalk: AnyPath | None = None,
    again: bool = False,
    sample: Share | None = None,
    since_last: bool = False,
    max_change: Share | None = None,
    allow: Collection[str] | str = (),
    accept_quality: Collection[str] | str = (),
    progress: Progress | None = None,
) -> Summary:
    """Certify every customer of the source; nothing is made at the target.

    On a journal that is there already it refreshes what was not sent yet, and forgets no
    outcome. `ids` is a file with one id a line: those alone, or for a source that cannot
    list. `supplement` is a file, or a function or command of yours (see `supplies`). Of a
    file, `columns` has our name of a column by its name there, `separator` is a character
    (detected where it is clear), and `ignore_columns` names columns to pass over, or "all".
    `exclude` is such a file of ids that are never planned: it replaces the one of before,
    and stays until another is given. `next_new` takes the next so many who have no record.
    `sample` is a share of all ("1%" or 0.01), of one journal always the same.
    `since_last` tells what is new and what has changed, also of those that were moved.
    `accept_loss` names the fields that may be dropped, or is "all". `accept_quality`
    names the findings on data quality (`Summary.quality`) that do not keep anybody back.
    Customers who are at the target already are recognised by our reference, whichever
    journal made it, where the target can be listed and keeps one (`match=False` leaves
    that out, `match=True` insists on it; `totals` has the `match_calls`), or by a file
    `crosswalk` (`source_id,target_id`): they are not sent, and wait for a person where
    their data differ.
    `again` plans what was rolled back once more, so that apply sends it.
    With `max_change` ("5%" or 0.05) a plan is refused where more of the ready customers
    than that would lose fields that only "all" lets go: `stopped` says so and no apply
    sends it, until the fields are named or `allow="drops"`.
    """
    consent = losses(accept_loss)
    receiving = side_of(target).receiving
    quality = quality_names(accept_quality, receiving.adapter.capabilities)
    guard = Guard.of("drops", max_change, allow)
    share = None if sample is None else share_of(sample)
    require_positive("limit", limit)
    require_positive("next_new", next_new)
    if limit and next_new:
        raise ConfigurationError("give limit (--limit) or next_new (--next), not both")
    excluded = None if exclude is None else Ids.read(Path(exclude), may_be_empty=True)
    if since_last:
        Journal.open(journal).close()
    with (
        crosswalk_rows(Path(crosswalk) if crosswalk else None) as rows,
        begun(
            journal,
            side_of(source),
            side_of(target),
            supplement=None if supplement is None else os.fspath(supplement),
            layout=Layout.of(columns, separator, ignore_columns),
            accept_loss=consent,
            accept_quality=quality,
        ) as migration,
    ):
        if excluded is not None:
            replace_exclusions(migration.journal, excluded)
        matcher = _matcher(migration, rows, match=match)
        delta = Delta(migration.journal, migration.certifier()) if since_last else None
        planner = Planner(
            migration,
            progress,
            again,
            matcher,
            sample=None if share is None else Sample(migration.key, share),
            delta=delta,
            only_new=next_new is not None,
        )
        run(planner.plan(Path(ids) if ids else None, limit or next_new))
        guard_plan(migration.journal, guard, consent)
        summary = summarise(
            migration.journal,
            "plan",
            matched=matcher.count,
            match_calls=matcher.calls,
        )
        return summary if delta is None else delta.told(summary)


def _matcher(migration: Migration, rows: Rows | None, *, match: bool | None) -> Matcher:
    """Return what recognises customers; after `adopt`, always by reference too."""
    certifier = migration.certifier()
    wanted = match is not False or migration.journal.meta("adopted_at")
    by_reference = match is True or (wanted and is_matchable(certifier))
    return Matcher(migration.journal, certifier, rows, bool(by_reference))


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
        require_allowed(migration.journal)
        crew = crew_of(concurrency, progress, wait, notices)
        migration.journal.recover()
        ready = migration.journal.counts()[State.READY]
        most = most_failures(max_failures, ready)
        settle_after = seconds_to_settle(migration.journal, migration.target.timeout)
        sender = run(applied(evolve(migration, settle_after=settle_after), crew, most))
        return summarise(
            migration.journal,
            "apply",
            stopped=crew.stopped or _left_over(migration.journal),
            outage=crew.outage,
            bank_failures=crew.bank_failures,
            changed_since_plan=sender.changed,
            sent=sender.sent,
        )


def crew_of(
    concurrency: int | None,
    progress: Progress | None,
    wait: Wait | None,
    notices: Notices | None,
) -> Crew:
    """Return who works on the records of a command."""
    size = concurrency or AT_ONCE
    return Crew(size, progress, Waits(notices), seconds_of(wait))


def heard(side: Side, crew: Crew) -> Timing:
    """Return the timing of a bank, whose long waits are announced."""
    return crew.waits.heard(side.timing, side.adapter.capabilities.title)


async def applied(
    migration: Migration, crew: Crew, max_failures: int | None = None
) -> Sender:
    """Send what is ready and look for what is unknown, in turns, until that is all."""
    journal, target = migration.journal, migration.target
    migration.source.require_other(target)
    drop_excluded(journal)
    pace = RateLimiter.like(target.throttle) if target.throttle else None
    timing, source_timing = heard(target, crew), heard(migration.source, crew)
    async with (
        migration.source.open(timing=source_timing) as source,
        target.open_for_creates(pace, timing=timing) as bank,
        target.open(rate_limit=pace, timing=timing) as looking,
    ):
        writing = breaker_of(looking, crew, target.timing, last_moved(journal))
        sender = Sender(
            migration=migration,
            source=source,
            target=bank,
            crew=crew,
            commits=GroupCommit(journal),
            pace=pace,
            timing=timing,
            reading=breaker_of(source, crew, migration.source.timing, None),
            writing=writing,
            max_failures=max_failures,
        )
        await writing.read(lambda: require_known(journal, looking))
        quiet_at = timing.monotonic() + migration.settle_after
        certifier = migration.certifier()
        lookup = Lookup(migration, looking, certifier, timing, crew, quiet_at)
        for _ in range(_ROUNDS):
            await sender.send_all()
            if not crew.stopped:
                await writing.read(lookup.settle)
            if crew.stopped or not sender.has_more:
                break
    return sender


def _left_over(journal: Journal) -> str | None:
    counts = journal.counts()
    left = counts[State.READY] + counts[State.UNKNOWN]
    if not left:
        return None
    return f"{left} records could not be settled yet: run `anybank migrate apply` again"


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
        crew = crew_of(concurrency, progress, wait, notices)
        put_off = run(_verified(migration, crew, duplicates=duplicates))
        findings = tuple(_checked(migration.journal))
        again = f"{put_off} could not be read back: run `anybank migrate verify` again"
        return summarise(
            migration.journal,
            "verify",
            stopped=crew.stopped or (again if put_off else None),
            outage=crew.outage,
            bank_failures=crew.bank_failures,
            findings=findings,
        )


async def _verified(migration: Migration, crew: Crew, *, duplicates: bool) -> int:
    """Return how many could not be read back this time."""
    journal = migration.journal
    side = migration.target
    async with side.open(timing=heard(side, crew)) as target:
        breaker = breaker_of(target, crew, side.timing, last_moved(journal))
        await breaker.read(lambda: require_known(journal, target))
        commits, certifier = GroupCommit(journal), migration.certifier()
        back = ReadBack(journal, target, certifier, crew, commits, breaker)
        await back.verify_all()
        if not crew.stopped:
            await check_duplicates(journal, certifier, target, wanted=duplicates)
    return back.put_off


def _checked(journal: Journal) -> list[str]:
    """Return the sums that do not come out: none, where nothing was lost or doubled."""
    counts = journal.counts()
    inventory = int(journal.meta("inventory") or 0)
    kept = journal.count_in_plan(int(journal.meta("planned") or 0))
    found = []
    if inventory != kept:
        found.append(f"the source had {inventory} customers, the journal has {kept}")
    if left := counts[State.CREATED]:
        records = "record" if left == 1 else "records"
        found.append(f"{left} created {records} could not be read back: verify again")
    return found


@guarded
def status(*, journal: AnyPath) -> Summary:
    """Say how far a migration has come; works at any time, also while another runs."""
    with Journal.open(journal) as opened:
        doubts = opened.copy_detector.doubts()
        refused = not_the_latest(opened.path, doubts) if doubts else None
        return summarise(opened, "status", stopped=refused)


def require_positive(name: str, number: int | None) -> None:
    """Refuse a number of things that is none; None is no number."""
    if number is not None and number < 1:
        raise ConfigurationError(f"{name} must be at least 1")
