"""`anybank migrate report`: where a migration stands, to look at and for machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .output import emit_json, heading, line, plain, table
from .summaries import common, json_of

if TYPE_CHECKING:
    from ..migrate import CustomerHistory, RecordEvent, Report

_EPILOG = (
    "It exits 0 when it is written, whatever it says; `exit_code` in JSON is that of "
    "`status`. All exit codes: `anybank --help`."
)


@click.command(short_help="Show where it stands, as a page or JSON.", epilog=_EPILOG)
@click.option(
    "--html",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the page; it needs no other file and no network.",
)
@common
def report(*, journal: str, file: Path | None, as_json: bool) -> None:
    """Show where a migration stands; also while another command is at work.

    The page has progress and throughput, outcomes by reason, field losses, who waits for
    a person with what to type, and the crosswalk to download. JSON has all of it but the
    crosswalk. Neither has personal data.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    if file is None and not as_json:
        raise click.UsageError("give --html FILE, --json, or both")
    if file is not None:
        library.report(journal=journal, html=file)
    if as_json:
        emit_json(_told(library.Report.read(journal), file))
    else:
        line(f"the report is in {file}")


def _told(found: Report, file: Path | None) -> dict[str, Any]:
    """Return all that `status --json` tells, and what the report adds."""
    added = {
        name: plain(getattr(found, name))
        for name in (
            "made_at",
            "progress",
            "losses",
            "throughput",
            "waiting",
            "departed",
        )
    }
    return {**json_of(found.summary), **added, "html": file and str(file)}


@click.command(short_help="Tell the story of one customer.")
@click.argument("source_id", metavar="ID")
@common
def show(*, journal: str, source_id: str, as_json: bool) -> None:
    """Show what became of one customer: fields by fate, requests, times; no values.

    ID is the source's. It works also while another command is at work.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    story = library.show(source_id, journal=journal)
    if as_json:
        emit_json(story)
    else:
        _show(story)


def _show(story: CustomerHistory) -> None:
    heading(f"{story.source_id}: {story.state.replace('_', ' ')}")
    line(f"at the target: {story.target_id or '-'}")
    if story.reference:
        line(f"our reference: {story.reference}")
    line(f"attempts to create: {story.attempts}")
    line()
    fields = [(each.field, each.fate, each.message) for each in story.fields]
    table("Fields", ("field", "fate", "why"), fields)
    for remedy in dict.fromkeys(each.remedy for each in story.fields if each.remedy):
        line(f"to do: {remedy}")
    events = [(*_time(each), each.message, each.code) for each in story.events]
    table("History", ("time", "command", "request", "what", "answer"), events)


def _time(event: RecordEvent) -> tuple[str, str, str]:
    by = f"{event.command} ({event.operator})" if event.command else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S}Z", by, event.request or ""
