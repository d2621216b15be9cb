"""Planning: every customer of the source gets its certificate; nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

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
from ..journal.journal import Journal
from ..journal.run_log import run_logged
from ..migration import Migration, SideLike, begun, side_of
from .arguments import AnyPath, require_positive
from .match import Matcher, crosswalk_rows, is_matchable
from .planning.planner import Planner
from .planning.source_changes import SourceChanges
from .summaries.summary import Summary, summarise
from .workers.worker_pool import Progress


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
    consent = parse_accept_loss(accept_loss)
    receiving = side_of(target).receiving
    quality = parse_accept_quality(accept_quality, receiving.adapter.capabilities)
    guard = ChangeLimit.of("drops", max_change, allow)
    share = None if sample is None else share_of(sample)
    require_positive("limit", limit)
    require_positive("next_new", next_new)
    if limit and next_new:
        raise ConfigurationError("give limit (--limit) or next_new (--next), not both")
    excluded = (
        None if exclude is None else IdFile.read(Path(exclude), may_be_empty=True)
    )
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
        delta = (
            SourceChanges(migration.journal, migration.certifier())
            if since_last
            else None
        )
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
        record_refusal(migration.journal, guard, consent)
        summary = summarise(
            migration.journal,
            "plan",
            matched=matcher.count,
            match_calls=matcher.calls,
        )
        return summary if delta is None else delta.told(summary)


def _matcher(
    migration: Migration, rows: RowFile | None, *, match: bool | None
) -> Matcher:
    """Return what recognises customers; after `adopt`, always by reference too."""
    certifier = migration.certifier()
    wanted = match is not False or migration.journal.metadata_value("adopted_at")
    by_reference = match is True or (wanted and is_matchable(certifier))
    return Matcher(migration.journal, certifier, rows, bool(by_reference))
