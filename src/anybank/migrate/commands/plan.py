"""Plans a migration: certifies every customer of the source and sends nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from attrs import evolve

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..certify.accepted_losses import parse_accept_loss
from ..certify.change_limit import ChangeLimit, record_refusal
from ..certify.cohorts import Sample, Share, share_of
from ..certify.data_quality import parse_accept_quality
from ..certify.excluded_customers import replace_exclusions
from ..certify.file_layout import Layout
from ..certify.id_file import IdFile
from ..certify.row_file import RowFile
from ..event_loop import run
from ..journal.batch_claims import divide_into_batches
from ..journal.journal import Journal
from ..journal.run_log import run_logged
from ..migration import Migration, SideLike, begin_migration, side_of
from .arguments import AnyPath, require_positive
from .match import Matcher, crosswalk_rows, is_matchable
from .planning.plan_progress import PlanProgress
from .planning.planner import Planner
from .planning.source_changes import SourceChanges
from .summaries.summary import Summary, summarise
from .workers.waits import Notices, Wait
from .workers.worker_pool import Progress, create_pool


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
    batch: int | None = None,
    wait: Wait | None = None,
    progress: Progress | None = None,
    notices: Notices | None = None,
) -> Summary:
    """Certify every customer of the source; send nothing to the target.

    A plan on an existing journal certifies the records again that were not sent yet; the
    outcomes of the others stay. A plan of all customers that was interrupted continues at
    the page where it was, when it is run with the same arguments within a day.

    Args:
        source: A provider's name, the path of a neutral file, or a Side.
        target: The same for the target.
        journal: A file, or the URL of a PostgreSQL database.
        supplement: A file, or a function or command that returns the missing fields.
        columns: Our column names by the names in the supplement file.
        separator: The separator of the supplement file; detected where it is clear.
        ignore_columns: Columns of the supplement file to ignore, or "all".
        ids: A file with one id per line, to plan only these customers. A source that
            cannot list its customers needs it.
        exclude: A file of ids that are never planned. It replaces the file of an earlier
            plan, which otherwise stays in force.
        accept_loss: The names of fields that may be dropped, or "all".
        limit: The largest number of customers to plan.
        next_new: How many customers without a record to plan next.
        match: Whether to look for customers that the target has already, by our
            reference. The default does so where the target can be listed; True requires
            it. `totals["match_calls"]` counts the calls.
        crosswalk: A file (`source_id,target_id`) of customers that the target has
            already. Matched customers are not sent; they wait for a person where their
            data differ.
        again: Whether to plan customers who were rolled back once more.
        sample: A share of all customers ("1%" or 0.01), always the same for one journal.
        since_last: Whether to report what is new and what has changed since the last
            plan, also for customers who were moved.
        max_change: The share of ready customers ("5%" or 0.05) that may lose fields that
            only `accept_loss="all"` allows. Beyond it the plan is refused: `stopped` has
            the reason, and `apply` sends nothing until the fields are named.
        allow: "drops" to plan beyond `max_change`.
        accept_quality: The findings on data quality (`Summary.quality`) that do not block
            a customer.
        batch: How many records a batch of new records has; workers otherwise use 200.
        wait: How long to wait for a source that is down ("30m", or seconds); without it
            the plan fails.
        progress: A callback for progress.
        notices: A callback for one line about each long wait.

    Raises ConfigurationError for arguments or files that cannot be used, and what the
    source raises.
    """
    # All arguments are checked before the journal is created or a bank is called.
    consent = parse_accept_loss(accept_loss)
    receiving = side_of(target).receiving
    quality = parse_accept_quality(accept_quality, receiving.adapter.capabilities)
    guard = ChangeLimit.of("drops", max_change, allow)
    share = None if sample is None else share_of(sample)
    require_positive("limit", limit)
    require_positive("next_new", next_new)
    require_positive("batch", batch)
    if limit and next_new:
        raise ConfigurationError(
            "limit (--limit) and next_new (--next) exclude each other"
        )
    excluded = (
        None if exclude is None else IdFile.read(Path(exclude), may_be_empty=True)
    )
    if since_last:
        # There must be a plan to compare with: a new journal would be created otherwise.
        Journal.open(journal).close()
    with (
        crosswalk_rows(Path(crosswalk) if crosswalk else None) as rows,
        begin_migration(
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
        source_changes = (
            SourceChanges(migration.journal, migration.certifier())
            if since_last
            else None
        )
        is_part = bool(ids or limit or next_new or share or since_last)
        position = None if is_part else PlanProgress.of(migration, again=again)
        planner = Planner(
            _continued(migration, position, notices),
            create_pool(None, progress, wait, notices),
            again,
            matcher,
            sample=None if share is None else Sample(migration.key, share),
            source_changes=source_changes,
            only_new=next_new is not None,
            progress=position,
        )
        run(planner.plan(Path(ids) if ids else None, limit or next_new))
        if batch:
            divide_into_batches(migration.journal, batch)
        record_refusal(migration.journal, guard, consent)
        summary = summarise(
            migration.journal,
            "plan",
            matched=matcher.count,
            match_calls=matcher.calls,
        )
        return summary if source_changes is None else source_changes.add_to(summary)


def _continued(
    migration: Migration, progress: PlanProgress | None, notices: Notices | None
) -> Migration:
    """Return the migration on the day of the plan that continues, and announce that."""
    if progress is None or not progress.is_continued:
        return migration
    if notices is not None:
        notices("the interrupted plan continues at the page where it ended")
    return evolve(migration, planned_on=progress.planned_on)


def _matcher(
    migration: Migration, rows: RowFile | None, *, match: bool | None
) -> Matcher:
    """Return the matcher.

    After `adopt` it always matches by reference too: customers whom the copy does not know
    may have been sent.
    """
    certifier = migration.certifier()
    is_enabled = match is not False or migration.journal.metadata_value("adopted_at")
    by_reference = match is True or (is_enabled and is_matchable(certifier))
    return Matcher(migration.journal, certifier, rows, bool(by_reference))
