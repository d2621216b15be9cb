"""`anybank migrate overwrite`: correct customers whose data differ at the target."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import yes_option
from ..output import warn
from .confirmation import confirmation
from .options import common_options, max_change_options, wait_option
from .progress import interruptible_progress
from .summary import finish


@click.command(short_help="Overwrite customers whose data differ at the target.")
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only customers whose source ids this file lists, one per line.",
)
@yes_option
@max_change_options("overwrites", "30%", "of the moved customers would be overwritten")
@wait_option
@common_options
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
    """Overwrite customers whose data at the target differ from the source.

    These are the customers who differed when `verify` read them back, who have changed
    at the source since they were moved (`plan --since-last` finds them), or who already
    existed at the target with other data (`plan --match`).

    Only the fields that differ are sent. A customer with a differing field that the
    target does not update is left unchanged and listed. The previous values are lost.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    ask = confirmation("Overwrite", yes=yes)
    with interruptible_progress("overwriting") as report:
        summary = migrate.overwrite(
            journal=journal,
            ids=ids,
            yes=ask,
            max_change=max_change,
            allow=allow,
            wait=wait,
            progress=report,
            notices=warn,
        )
    finish(summary, as_json=as_json)
