"""`anybank migrate verify`: read every moved customer back and compare."""

from __future__ import annotations

import click

from ..output import warn
from .options import common_options, wait_option
from .progress import interruptible_progress
from .summary import finish


@click.command(short_help="Read every moved customer back and compare.")
@click.option(
    "--skip-duplicates",
    is_flag=True,
    help="Do not list the target to look for customers who exist twice.",
)
@wait_option
@common_options
def verify(
    *, journal: str, skip_duplicates: bool, wait: str | None, as_json: bool
) -> None:
    """Read every moved customer back from the target and compare each field.

    Then list the target, where it supports that, to look for customers who exist twice.
    This takes two passes with one call per page. The summary says how many calls were
    made, or that the target cannot be listed.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    with interruptible_progress("verifying") as report:
        summary = migrate.verify(
            journal=journal,
            duplicates=not skip_duplicates,
            wait=wait,
            progress=report,
            notices=warn,
        )
    finish(summary, as_json=as_json)
