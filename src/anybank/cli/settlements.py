"""`anybank migrate resolve`, `retry`, `rollback`: what people decide after a run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from .output import warn
from .summaries import common, finish, running


@click.command(short_help="Record what you found out about records in doubt.")
@click.argument("source_id", required=False, metavar="[ID]")
@click.option(
    "--exists", metavar="TARGET_ID", help="It is at the target, under this id."
)
@click.option("--absent", is_flag=True, help="It is not there: apply sends it.")
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Many at once: source_id,verdict,target_id, the verdict exists or absent.",
)
@common
def resolve(
    *,
    journal: Path,
    source_id: str | None,
    exists: str | None,
    absent: bool,
    file: Path | None,
    as_json: bool,
) -> None:
    """Record whether a quarantined or ambiguous customer is at the target.

    Look there first: a customer called absent who is there will be there twice. A
    file is recorded whole or not at all; what is wrong is named by line and column.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    alone = source_id is not None and (exists is not None) != absent
    given = (source_id, exists, absent or None)
    if not (alone if file is None else given == (None, None, None)):
        raise click.UsageError("give ID with --exists or --absent, or --csv alone")
    summary = library.resolve(
        journal=journal, source_id=source_id, exists=exists, absent=absent, csv=file
    )
    finish(summary, as_json=as_json)


@click.command(short_help="Make failed records ready again.")
@click.option("--code", metavar="CODE", help="Those alone that failed with this code.")
@common
def retry(*, journal: Path, code: str | None, as_json: bool) -> None:
    """Make failed records ready again; the next apply sends them.

    Only what the target refused is taken, so nobody is made twice: what is unknown or
    in quarantine stays as it is.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(library.retry(journal=journal, code=code), as_json=as_json)


@click.command(short_help="Delete at the target what this migration made there.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def rollback(*, journal: Path, yes: bool, as_json: bool) -> None:
    """Delete at the target what this migration made there, the newest first.

    Who was there before is left alone, and so is who has accounts: those are counted
    and listed. What cannot be undone is said before anything is deleted. Who was rolled
    back is not sent again, unless `plan --again` plans it.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    def asked(lines: Sequence[str]) -> bool:
        for each in lines:
            warn(each)
        return yes or _confirmed()

    with running("rolling back") as told:
        summary = library.rollback(journal=journal, yes=asked, progress=told)
    finish(summary, as_json=as_json)


def _confirmed() -> bool:
    """Ask whoever is there, and go no further without a yes."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: give --yes to roll back")
    if not click.confirm("Roll back?", err=True):
        raise click.ClickException("nothing was deleted")
    return True
