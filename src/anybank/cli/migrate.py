"""`anybank migrate`: all customers from one bank to another, over a journal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from .failures import exit_codes_help
from .output import emit_json, line, warn
from .reports import report, show
from .restoring import adopt, backup, rebase
from .settlements import check, overwrite, resolve, retry, rollback
from .summaries import common, finish, max_change, read_mapping, running, waiting

_EPILOG = f"""\
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
Where somebody has to decide:
  anybank migrate show ID   --journal move.db
  anybank migrate resolve ID --exists TARGET_ID | --absent  --journal move.db
  anybank migrate retry     --journal move.db [--code CODE]
  anybank migrate overwrite --journal move.db [--ids FILE]
  anybank migrate rollback  --journal move.db
  anybank migrate check     --journal move.db

\b
Copies of the journal, and banks that move:
  anybank migrate backup    --journal move.db --to copy.db
  anybank migrate adopt     --journal move.db [--restored-from TIME]
  anybank migrate rebase    --journal move.db --target-url URL

{exit_codes_help()}"""


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
@click.option(
    "--from", "source", required=True, metavar="BANK|FILE", help="Where they are."
)
@click.option(
    "--to", "target", required=True, metavar="BANK|FILE", help="Where they go."
)
@click.option(
    "--supplement",
    metavar="FILE|python:MODULE:FUNCTION|command:LINE",
    help="What the source does not tell: CSV or JSON Lines with source_id and fields "
    "such as ssn, document_locator_number, middle_name; or a function of an id (of a "
    "list of ids with python-batch:), or a command that answers JSON Lines.",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    callback=read_mapping,
    metavar="THEIRS=OURS",
    help='What a column of the supplement is here: --map "Customer ID=source_id". May be '
    "given again.",
)
@click.option(
    "--separator",
    metavar="CHARACTER",
    help="What is between the columns of the supplement: comma, semicolon, tab or bar. "
    "Detected where the header leaves no doubt.",
)
@click.option(
    "--ignore-columns",
    multiple=True,
    metavar="NAME",
    help="Pass over a column of the supplement; `all` for each that is not known. May "
    "be given again.",
)
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only these ids, one a line; a bank that cannot list its customers needs it.",
)
@click.option(
    "--accept-loss",
    multiple=True,
    metavar="FIELD",
    help="Go without a field that the target does not take, such as addresses.line2; "
    "`all` for every one. May be given again.",
)
@click.option(
    "--accept-quality",
    multiple=True,
    metavar="NAME",
    help="Send what a finding on data quality is about as it is, such as "
    "same-name-and-birth; `all` for every finding. May be given again.",
)
@click.option(
    "--exclude",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ids that are never planned, one a line; they stay excluded until another file "
    "is given.",
)
@click.option(
    "--next",
    "next_new",
    type=click.IntRange(1),
    metavar="N",
    help="Only the next N who were not planned yet: a pilot, then the rest.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N.")
@click.option(
    "--sample",
    metavar="N%",
    help="Only this share of all, by a keyed hash of the id: always the same ones.",
)
@click.option(
    "--since-last",
    is_flag=True,
    help="Say what is new or has changed at the source, also of who was moved.",
)
@click.option(
    "--match/--no-match",
    default=None,
    help="Recognise who is at the target already by our reference, whichever journal made "
    "it: lists the target. By default where a target can be asked.",
)
@click.option(
    "--crosswalk",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Who is at the target already: source_id,target_id.",
)
@click.option("--again", is_flag=True, help="Plan what was rolled back, too.")
@max_change("drops", None, "would lose fields that only --accept-loss all lets go")
@common
def plan(
    *,
    source: str,
    target: str,
    journal: str,
    supplement: str | None,
    columns: Mapping[str, str],
    separator: str | None,
    ignore_columns: tuple[str, ...],
    ids: Path | None,
    accept_loss: tuple[str, ...],
    accept_quality: tuple[str, ...],
    exclude: Path | None,
    next_new: int | None,
    limit: int | None,
    sample: str | None,
    since_last: bool,
    match: bool | None,
    crosswalk: Path | None,
    again: bool,
    max_change: str | None,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Certify every customer of the source; nothing is sent to the target.

    Says of each field whether it is kept, changed, defaulted, dropped or missing, which
    records are ready, and what to do about those that are blocked. Planning again
    refreshes what was not sent yet and forgets no outcome.

    The source is listed until a pass finds nobody new, twice as a rule: customers who
    slide over a page border while others are deleted are found by the second pass.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with running("planning") as told:
        summary = library.plan(
            source,
            target,
            journal=journal,
            supplement=supplement,
            columns=columns,
            separator=separator,
            ignore_columns=ignore_columns,
            ids=ids,
            accept_loss=set(accept_loss),
            accept_quality=set(accept_quality),
            exclude=exclude,
            next_new=next_new,
            limit=limit,
            sample=sample,
            since_last=since_last,
            match=match,
            crosswalk=crosswalk,
            again=again,
            max_change=max_change,
            allow=allow,
            progress=told,
        )
    finish(summary, as_json=as_json)


@migrate.command(short_help="Make every ready record at the target, once.")
@click.option(
    "--plan",
    metavar="CHECKSUM",
    help="Take this plan alone, as `plan` and `status` name it: none made since.",
)
@click.option(
    "--max-failures",
    metavar="N|N%",
    help="Stop when more than N have failed, or more than N% of those that were ready.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    metavar="N",
    help="How many are in flight at a time (16).",
)
@waiting
@common
def apply(
    *,
    journal: str,
    plan: str | None,
    max_failures: str | None,
    concurrency: int | None,
    wait: str | None,
    as_json: bool,
) -> None:
    """Make every ready record at the target, once.

    The source is read again first: what has changed since the plan is certified anew.
    A create whose answer is lost is looked for where the target can be asked, and else
    kept in quarantine for a person; it is never sent twice. After a few failures in a row
    that are the bank's own, nothing more is sent (see --wait).
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with running("applying") as told:
        summary = library.apply(
            journal=journal,
            plan=plan,
            max_failures=max_failures,
            concurrency=concurrency,
            wait=wait,
            progress=told,
            notices=warn,
        )
    finish(summary, as_json=as_json)


@migrate.command(short_help="Read everything back and compare it.")
@click.option(
    "--skip-duplicates",
    is_flag=True,
    help="Do not list the target to look for customers who are there twice.",
)
@waiting
@common
def verify(
    *, journal: str, skip_duplicates: bool, wait: str | None, as_json: bool
) -> None:
    """Read every moved customer back and compare it, field by field.

    Then the target is listed, where it can be, to look for customers who are there twice:
    one call for each page, twice over. It says how many calls that took, and where a
    target cannot be listed, that nobody could be looked for.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    with running("verifying") as told:
        summary = library.verify(
            journal=journal,
            duplicates=not skip_duplicates,
            wait=wait,
            progress=told,
            notices=warn,
        )
    finish(summary, as_json=as_json)


@migrate.command(short_help="Show how far a migration is.")
@common
def status(*, journal: str, as_json: bool) -> None:
    """Show how far a migration is; also while another command is at work."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(library.status(journal=journal), as_json=as_json)


@migrate.command(short_help="Write source_id,target_id of all that moved.")
@click.option(
    "--csv",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it.",
)
@common
def crosswalk(*, journal: str, file: Path, as_json: bool) -> None:
    """Write which customer of the target each has become: source_id,target_id."""
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    rows = library.crosswalk(journal=journal, csv=file)
    if as_json:
        emit_json({"csv": str(file), "rows": rows})
    else:
        line(f"{rows} rows in {file}")


for command in (
    backup,
    adopt,
    rebase,
    report,
    show,
    resolve,
    retry,
    overwrite,
    rollback,
    check,
):
    migrate.add_command(command)
