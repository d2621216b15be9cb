"""`anybank migrate`: all customers from one bank to another, over a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .output import (
    Report,
    emit_json,
    heading,
    line,
    paragraph,
    plain,
    progress,
    table,
    warn,
)

if TYPE_CHECKING:
    from ..migrate import Reason, Summary

_EPILOG = """\
\b
In this order:
  anybank diff bond sonder
  anybank migrate plan --from bond --to sonder --journal move.db \\
      --supplement vault.csv
  anybank migrate apply     --journal move.db
  anybank migrate verify    --journal move.db
  anybank migrate crosswalk --journal move.db --csv crosswalk.csv
  anybank migrate report    --journal move.db --html report.html

\b
Exit codes:
  0    done, and nothing is left open
  1    failed or ended early: stderr says why, and what to do
  2    done, but records wait for a person (or the usage is wrong)
  130  interrupted by Ctrl-C: what was in flight is written down
"""

journal_option = click.option(
    "--journal",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The journal. Its key lies beside it as JOURNAL.key: keep both.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
Command = Callable[..., None]


def _common(command: Command) -> Command:
    return journal_option(json_option(command))


@click.group(epilog=_EPILOG)
def migrate() -> None:
    """Move all customers from one bank to another, and prove that none was lost.

    Everything is written down in a journal before and after it happens: a run that is
    ended, however it ends, is taken up by the same command. The journal has ids, states
    and fingerprints, and no personal data.

    Credentials come from the environment (`anybank capabilities BANK` lists the
    variables) and are never stored.
    """


@migrate.command(short_help="Certify every customer, and send nothing.")
@click.option("--from", "source", required=True, metavar="BANK", help="Where they are.")
@click.option("--to", "target", required=True, metavar="BANK", help="Where they go.")
@click.option(
    "--supplement",
    type=click.Path(dir_okay=False, path_type=Path),
    help="What the source does not tell: CSV or JSON Lines with source_id and fields "
    "such as ssn, document_locator_number, middle_name.",
)
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ids to move, one a line, for a bank that cannot list its customers.",
)
@click.option(
    "--accept-loss",
    multiple=True,
    metavar="FIELD",
    help="Go without a field that the target does not take, such as addresses.line2; "
    "`all` for every one. May be given again.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N.")
@_common
def plan(
    *,
    source: str,
    target: str,
    journal: Path,
    supplement: Path | None,
    ids: Path | None,
    accept_loss: tuple[str, ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Certify every customer of the source; nothing is sent to the target.

    Says of each field whether it is kept, changed, defaulted, dropped or missing, which
    records are ready, and what to do about those that are blocked. Planning again
    refreshes what was not sent yet and forgets no outcome.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with _progress("planning") as told:
        summary = library.plan(
            source,
            target,
            journal=journal,
            supplement=supplement,
            ids=ids,
            accept_loss=set(accept_loss),
            limit=limit,
            progress=told,
        )
    _finish(summary, as_json=as_json)


@migrate.command(short_help="Make every ready record at the target, once.")
@click.option(
    "--max-failures",
    type=click.IntRange(0),
    metavar="N",
    help="Stop when more than N records have failed.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    metavar="N",
    help="How many are in flight at a time (16).",
)
@_common
def apply(
    *,
    journal: Path,
    max_failures: int | None,
    concurrency: int | None,
    as_json: bool,
) -> None:
    """Make every ready record at the target, once.

    The source is read again first: what has changed since the plan is certified anew.
    A create whose answer is lost is looked for where the target can be asked, and else
    kept in quarantine for a person; it is never sent twice.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with _progress("applying") as told:
        summary = library.apply(
            journal=journal,
            max_failures=max_failures,
            concurrency=concurrency,
            progress=told,
        )
    _finish(summary, as_json=as_json)


@migrate.command(short_help="Read everything back and compare it.")
@_common
def verify(*, journal: Path, as_json: bool) -> None:
    """Read every moved customer back and compare it, field by field."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with _progress("verifying") as told:
        summary = library.verify(journal=journal, progress=told)
    _finish(summary, as_json=as_json)


@migrate.command(short_help="Show how far a migration is.")
@_common
def status(*, journal: Path, as_json: bool) -> None:
    """Show how far a migration is; also while another command is at work."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    _finish(library.status(journal=journal), as_json=as_json)


@migrate.command(short_help="Write source_id,target_id of all that moved.")
@click.option(
    "--csv",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it.",
)
@_common
def crosswalk(*, journal: Path, file: Path, as_json: bool) -> None:
    """Write which customer of the target each has become: source_id,target_id."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    rows = library.crosswalk(journal=journal, csv=file)
    if as_json:
        emit_json({"csv": str(file), "rows": rows})
    else:
        line(f"{rows} rows in {file}")


@migrate.command(short_help="Write a page that shows where it stands.")
@click.option(
    "--html",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it.",
)
@_common
def report(*, journal: Path, file: Path, as_json: bool) -> None:
    """Write a page that shows where the migration stands; it needs no other file."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    library.report(journal=journal, html=file)
    if as_json:
        emit_json({"html": str(file)})
    else:
        line(f"the report is in {file}")


@contextmanager
def _progress(what: str) -> Iterator[Report]:
    """Show progress; on Ctrl-C say that the journal is whole."""
    try:
        with progress(what) as told:
            yield told
    except KeyboardInterrupt:
        warn(
            "interrupted: what was in flight is written down; the same command goes on"
        )
        raise


def _finish(summary: Summary, *, as_json: bool) -> None:
    """Show a summary, and end with its exit code."""
    if as_json:
        emit_json(_as_json(summary))
    else:
        _show(summary)
    click.get_current_context().exit(summary.exit_code)


def _as_json(summary: Summary) -> Mapping[str, Any]:
    shown: dict[str, Any] = plain(summary)
    return {**shown, "open": summary.open, "exit_code": summary.exit_code}


def _show(summary: Summary) -> None:
    heading(
        f"{summary.source} to {summary.target}: {summary.totals['records']} records"
    )
    line()
    rows = [(_word(state), count) for state, count in summary.counts.items() if count]
    table("", ("state", "records"), rows)
    waiting = [each for each in summary.reasons if each.remedy]
    _show_reasons("Waits for a person", waiting)
    _show_reasons("Different at the target", _losses(summary))
    for note in _notes(summary):
        paragraph(note)


def _losses(summary: Summary) -> list[Reason]:
    return [each for each in summary.reasons if not each.remedy]


def _show_reasons(title: str, reasons: list[Reason]) -> None:
    if not reasons:
        return
    heading(title)
    line()
    for each in reasons:
        name = f"{each.field}: " if each.field else ""
        lead = f"{each.count:>6}  {_word(each.effect):<11}  "
        paragraph(f"{name}{each.message}", indent=lead)
        if each.remedy:
            paragraph(f"to do: {each.remedy}", indent=" " * len(lead))
            line(" " * len(lead) + f"such as {each.examples[0]}")
    line()


def _notes(summary: Summary) -> Iterator[str]:
    yield from summary.findings
    if summary.stopped:
        yield summary.stopped
    if changed := summary.totals.get("changed_since_plan"):
        yield f"{changed} had changed since the plan and were certified anew."
    if without := summary.totals["without_supplement"]:
        yield f"{without} have no row in the supplement."
    for effort in summary.efforts:
        if effort.calls:
            took = f", {effort.minutes:.1f} minutes" if effort.minutes else ""
            yield f"Still to do at {effort.provider}: {effort.calls} calls{took}."
    yield f"{summary.kyc_again} must pass KYC again: verification does not travel."


def _word(state: str) -> str:
    return state.replace("_", " ")
