"""`anybank migrate resolve`, `retry`, `overwrite`, `rollback`, `check`: after a run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import emit_json, line, plain, table, warn
from .summaries import common, finish, max_change, running, waiting

if TYPE_CHECKING:
    from ..migrate import Integrity

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


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
@click.option(
    "--force",
    is_flag=True,
    help="Record it although name, birth date or SSN differ, or cannot be compared.",
)
@common
def resolve(
    *,
    journal: str,
    source_id: str | None,
    exists: str | None,
    absent: bool,
    file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Record whether a quarantined or ambiguous customer is at the target.

    Look there first: a customer called absent who is there will be there twice. The
    customer under TARGET_ID is read and compared: another name, birth date or SSN is
    refused, unless --force records it. A file is recorded whole or not at all; what is
    wrong is named by line and column. Until a record is verified, another verdict
    corrects the first. A rollback never deletes who was recorded here.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    alone = source_id is not None and (exists is not None) != absent
    given = (source_id, exists, absent or None)
    if not (alone if file is None else given == (None, None, None)):
        raise click.UsageError("give ID with --exists or --absent, or --csv alone")
    summary = library.resolve(
        journal=journal,
        source_id=source_id,
        exists=exists,
        absent=absent,
        csv=file,
        force=force,
    )
    finish(summary, as_json=as_json)


@click.command(short_help="Make failed records ready again.")
@click.option("--code", metavar="CODE", help="Those alone that failed with this code.")
@common
def retry(*, journal: str, code: str | None, as_json: bool) -> None:
    """Make failed records ready again; the next apply sends them.

    Only what the target refused is taken, so nobody is made twice: what is unknown or
    in quarantine stays as it is.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(library.retry(journal=journal, code=code), as_json=as_json)


@click.command(short_help="Write over customers who are different at the target.")
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only these ids of the source, one a line.",
)
@yes_option
@max_change("overwrites", "30%", "of all who were moved would be overwritten")
@waiting
@common
def overwrite(
    *,
    journal: str,
    ids: Path | None,
    yes: bool,
    max_change: str,
    allow: tuple[str, ...],
    wait: str | None,
    as_json: bool,
) -> None:
    """Write what the source tells over customers who are different at the target.

    Taken are those whom `verify` found different, who have changed at the source after
    the move (`plan --since-last` finds them), and whom `plan --match` recognised with
    other data. Only the fields that differ are sent; who has one that the target does
    not change is left whole, and listed. What was there before is lost.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    asked = _asking("Overwrite", yes=yes)
    with running("overwriting") as told:
        summary = library.overwrite(
            journal=journal,
            ids=ids,
            yes=asked,
            max_change=max_change,
            allow=allow,
            wait=wait,
            progress=told,
            notices=warn,
        )
    finish(summary, as_json=as_json)


@click.command(short_help="Delete at the target what this migration made there.")
@yes_option
@click.option(
    "--gone",
    is_flag=True,
    help="Go on where none of them is there any more: they were deleted by hand.",
)
@max_change("deletes", "30%", "of all who were moved would be deleted")
@waiting
@common
def rollback(
    *,
    journal: str,
    yes: bool,
    gone: bool,
    max_change: str,
    allow: tuple[str, ...],
    wait: str | None,
    as_json: bool,
) -> None:
    """Delete at the target what this migration made there, the newest first.

    Skipped, counted and listed with the reason are those who were there before, who were
    recorded by a person (`resolve`), who differ in name, birth date or SSN from whom was
    sent, and who have accounts. What cannot be undone is said before anything is deleted.
    Each is read again after the delete: only who is not there any more counts as rolled
    back. Who was rolled back is not sent again, unless `plan --again` plans it. A whole
    migration of ten customers or more is deleted only with --allow deletes.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    asked = _asking("Roll back", yes=yes)
    with running("rolling back") as told:
        summary = library.rollback(
            journal=journal,
            yes=asked,
            gone=gone,
            max_change=max_change,
            allow=allow,
            wait=wait,
            progress=told,
            notices=warn,
        )
    finish(summary, as_json=as_json)


def _asking(what: str, *, yes: bool) -> Callable[[Sequence[str]], bool]:
    """Return what tells all that is to be known, and asks unless that is answered."""

    def asked(lines: Sequence[str]) -> bool:
        for each in lines:
            warn(each)
        return yes or _confirmed(what)

    return asked


def _confirmed(what: str) -> bool:
    """Ask whoever is there, and go no further without a yes."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"nobody is there to ask: give --yes to {what.lower()}")
    if not click.confirm(f"{what}?", err=True):
        raise click.ClickException("nothing was done")
    return True


@click.command(short_help="Look for damage in a journal.")
@common
def check(*, journal: str, as_json: bool) -> None:
    """Look for damage in a journal, and say what to do about it.

    Nothing is repaired and nothing is written. Exits 0 where the journal is sound, and
    1 where it is damaged.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    found = library.check(journal=journal)
    if as_json:
        emit_json({**plain(found), "exit_code": found.exit_code})
    else:
        _show(found)
    click.get_current_context().exit(found.exit_code)


def _show(found: Integrity) -> None:
    if not found.damages:
        line(f"{found.journal} is sound: {found.records} records")
        return
    line(f"{found.journal} is damaged: {found.records} records")
    line()
    rows = [
        (each.what, each.count, "\n".join(each.examples), each.remedy)
        for each in found.damages
    ]
    table("", ("damage", "count", "such as", "to do"), rows)
