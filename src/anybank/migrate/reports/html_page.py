"""The report's HTML page: a single file without scripts, requests and personal data.

A content security policy with the hash of the style forbids everything else, so that even
an id that contains markup runs nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined

from ...errors import IssueCount
from ..commands.summaries.summary import Summary
from ..commands.target.duplicates import KINDS
from ..journal.journal import Journal
from ..journal.states import FOR_A_PERSON, State
from . import crosswalk_link
from .charts import HEIGHT, Chart
from .declarations import title_of
from .progress_bars import outcome_bars, phase_bars
from .report_data import Report
from .tasks import LISTED, Task, Tasks
from .timelines import Timeline
from .worker_rows import HEIGHT as WORKER_HEIGHT
from .worker_rows import worker_rows

_MOST_LISTED = 500
"""The most records of a state that are listed individually."""

_FEWEST_BARS = 3
"""With fewer bars, a sentence replaces the chart."""


@frozen(kw_only=True)
class _Listing:
    """The individually listed records of a state, read while the page is written."""

    state: State
    todo: str
    count: int
    tasks: Iterator[Task]

    @property
    def left_out(self) -> int:
        return max(0, self.count - _MOST_LISTED)


def render_page(journal: Journal) -> Iterator[str]:
    """Yield a journal's page in pieces, reading its lists as they are written."""
    report = Report.of(journal, listed=False)
    style = _environment().get_template("style.css").render()
    template = _environment().get_template("report.html")
    yield from template.generate(
        report=report,
        summary=report.summary,
        source=title_of(report.summary.source),
        target=title_of(report.summary.target),
        headline=_headline(report.summary),
        figures=_figures(report.summary),
        notes=_notes(report.summary),
        progress=phase_bars(report.progress),
        outcomes=outcome_bars(report.summary),
        height=HEIGHT,
        style=style,
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        version=version("anybank"),
        waiting=_waiting(report.summary),
        listings=_listings(journal, report.summary),
        duplicates=_duplicates(report.summary),
        **_over_time(report),
        **_crosswalk(journal, report.summary),
    )


@cache
def _environment() -> Environment:
    # A name that is missing in a template is an error and not an empty text.
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = "{:,}".format
    environment.filters["percent"] = "{:.1%}".format
    environment.filters["day"] = lambda time: f"{time.day} {time:%B %Y}"
    return environment


def _duplicates(summary: Summary) -> int:
    return sum(summary.totals[kind] for kind in KINDS)


def _headline(summary: Summary) -> str:
    """Return a sentence or two about the progress of the migration."""
    count = _duplicates(summary)
    twice = f" {count:,} may exist twice at the target." if count else ""
    return _progress_sentence(summary) + twice


def _progress_sentence(summary: Summary) -> str:
    records, left = summary.totals["records"], summary.open
    back = summary.counts[State.ROLLED_BACK]
    if not records:
        return "No customer is planned yet."
    if summary.counts[State.VERIFIED] == records:
        return f"All {records:,} customers were moved, read back and verified."
    if back == records:
        return f"All {records:,} customers were rolled back. None is at the target."
    if not left and not back:
        return f"All {records:,} customers were moved. Not all are read back yet."
    moved = f"{records - left - back:,} of {records:,} customers were moved"
    rolled_back = f", {back:,} were rolled back" if back else ""
    return f"{moved}; {left:,} are open{rolled_back}."


def _figures(summary: Summary) -> Sequence[tuple[str, int]]:
    return (
        ("at the source", summary.totals["inventory"]),
        ("verified", summary.counts[State.VERIFIED]),
        ("in the crosswalk", summary.totals["crosswalk"]),
        ("open", summary.open),
        ("must pass KYC again", summary.kyc_again),
    )


def _notes(summary: Summary) -> Iterator[str]:
    yield (
        f"{summary.kyc_again:,} customers must pass KYC again, because verification cannot "
        "be transferred."
    )
    yield "Nothing was changed at the source."
    if summary.duplicates:
        yield summary.duplicates.how
    if summary.totals["listed_late"]:
        yield (
            f"{summary.totals['listed_late']:,} customers appeared only when the source was "
            "listed a second time."
        )
    yield from summary.irreversible
    for bank in summary.efforts:
        if bank.calls:
            time = f", {bank.minutes:,.1f} minutes" if bank.minutes else ""
            title = title_of(bank.provider)
            yield f"Remaining at {title}: at least {bank.calls:,} calls{time}."
    if count := summary.totals["without_supplement"]:
        yield f"The supplement has no row for {count:,} customers."


def _waiting(summary: Summary) -> Sequence[IssueCount]:
    """Return why records are open, the most frequent reason first."""
    reasons = [reason for reason in summary.reasons if reason.remedy]
    return sorted(reasons, key=lambda reason: -reason.count)


def _listings(journal: Journal, summary: Summary) -> Sequence[_Listing]:
    tasks = Tasks(journal, summary.source, summary.target)
    return [
        _Listing(
            state=state,
            todo=FOR_A_PERSON[state],
            count=summary.counts[state],
            tasks=tasks.of(state, _MOST_LISTED),
        )
        for state in LISTED
        if summary.counts[state]
    ]


def _over_time(report: Report) -> Mapping[str, Any]:
    timeline = Timeline.of(report.throughput)
    is_drawn = timeline is not None and timeline.steps >= _FEWEST_BARS
    limit = report.summary.efforts[-1].per_minute
    work, ticks = report.summary.work, report.worker_throughput
    rows = worker_rows(ticks, timeline, work.workers) if timeline and work else ()
    return {
        "workers": rows,
        "worker_height": WORKER_HEIGHT,
        "more_workers": len({tick.worker for tick in ticks}) - len(rows),
        "timeline": timeline,
        "chart": Chart.of(timeline) if timeline and is_drawn else None,
        "limit": limit,
        "used": timeline.most_calls.count / limit if timeline and limit else None,
    }


def _crosswalk(journal: Journal, summary: Summary) -> Mapping[str, Any]:
    tasks = Tasks(journal, summary.source, summary.target)
    return {
        "rows": summary.totals["crosswalk"],
        "most_rows": crosswalk_link.MOST_ROWS,
        "formulas": crosswalk_link.count_formula_ids(journal),
        "address": crosswalk_link.crosswalk_url(journal),
        "crosswalk_command": tasks.command("crosswalk", "--csv", "crosswalk.csv"),
        "report_command": tasks.command("report", "--json"),
        "resolve_command": tasks.command("resolve", "--csv", "verdicts.csv"),
    }
