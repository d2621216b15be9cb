"""`anybank migrate plan`: certify every customer, and send nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ..output import warn
from .options import common_options, max_change_options, wait_option
from .progress import interruptible_progress
from .summary import finish


def _parse_columns(
    _: click.Context, __: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, str]:
    """Return the field name of each column that --map names."""
    # From the right: the name of a column may contain an equals sign, the name of a
    # field does not.
    parts = [pair.rpartition("=") for pair in pairs]
    if any(not column or not field for column, _, field in parts):
        raise click.BadParameter('write it as --map "Customer ID=source_id"')
    return {column.strip(): field.strip() for column, _, field in parts}


@click.command(short_help="Certify every customer, and send nothing.")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="BANK|FILE",
    help="The bank, or the exported file, to move customers from.",
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="BANK|FILE",
    help="The bank, or the file, to move customers to.",
)
@click.option(
    "--supplement",
    metavar="FILE|python:MODULE:FUNCTION|command:LINE",
    help="Data that the source masks or never returns: a CSV or JSON Lines file with "
    "source_id and fields such as ssn, document_locator_number and middle_name, or "
    "extras.NAME for a field that only the target has; a "
    "function that takes an id (or a list of ids, with python-batch:); or a command that "
    "prints JSON Lines.",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    callback=_parse_columns,
    metavar="COLUMN=FIELD",
    help="The field that a column of the supplement holds, such as "
    '--map "Customer ID=source_id". Repeatable.',
)
@click.option(
    "--separator",
    metavar="CHARACTER",
    help="What separates the columns of the supplement: comma, semicolon, tab or bar. "
    "Default: detected from the header.",
)
@click.option(
    "--ignore-columns",
    multiple=True,
    metavar="NAME",
    help="Ignore this column of the supplement, or `all` unknown columns. Repeatable.",
)
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Plan only the ids in this file, one per line. Required if the source cannot "
    "list its customers.",
)
@click.option(
    "--accept-loss",
    multiple=True,
    metavar="FIELD",
    help="Move customers without a field that the target does not support, such as "
    "addresses.line2, or `all` for every such field. Repeatable.",
)
@click.option(
    "--accept-quality",
    multiple=True,
    metavar="NAME",
    help="Send customers as they are despite this data quality finding, such as "
    "same-name-and-birth, or `all` for every finding. Repeatable.",
)
@click.option(
    "--exclude",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Never plan the ids in this file, one per line. They stay excluded until you "
    "pass another file.",
)
@click.option(
    "--next",
    "next_new",
    type=click.IntRange(1),
    metavar="N",
    help="Plan only the next N customers who have not been planned yet, to run a pilot "
    "first.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Plan only the first N customers.",
)
@click.option(
    "--sample",
    metavar="N%",
    help="Plan only this share of the customers. A keyed hash of the id chooses them, so "
    "it is always the same customers.",
)
@click.option(
    "--since-last",
    is_flag=True,
    help="Report which customers are new or have changed at the source, including those "
    "already moved.",
)
@click.option(
    "--match/--no-match",
    default=None,
    help="List the target to recognize customers whom any journal has already created "
    "there, by their reference. Default: on where the target supports a lookup.",
)
@click.option(
    "--crosswalk",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV of customers who already exist at the target: source_id,target_id.",
)
@click.option("--again", is_flag=True, help="Also plan customers who were rolled back.")
@max_change_options(
    "drops", None, "would lose fields that only --accept-loss all allows to be lost"
)
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="How many customers a batch of `anybank migrate work` has. Default: 200.",
)
@wait_option
@common_options
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
    batch: int | None,
    wait: str | None,
    as_json: bool,
) -> None:
    """Certify every customer of the source. Nothing is sent to the target.

    The plan says whether each field is kept, changed, defaulted, dropped or missing,
    which records are ready, and how to fix those that are blocked. Planning again
    updates the records that have not been sent yet, and keeps every recorded outcome.

    The source is listed until a pass finds no new customer, usually twice: when customers
    are deleted during the first pass, others move across a page boundary, and the second
    pass finds them.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    with interruptible_progress("planning") as report:
        summary = migrate.plan(
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
            batch=batch,
            wait=wait,
            progress=report,
            notices=warn,
        )
    finish(summary, as_json=as_json)
