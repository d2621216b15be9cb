"""`anybank migrate rollback`: delete the customers that this migration created."""

from __future__ import annotations

import click

from ..options import yes_option
from ..output import warn
from .confirmation import confirmation
from .options import common_options, max_change_options, wait_option
from .progress import interruptible_progress
from .summary import finish


@click.command(short_help="Delete what this migration created at the target.")
@yes_option
@click.option(
    "--gone",
    is_flag=True,
    help="Continue even if none of the customers exists at the target any more, because "
    "they were deleted manually.",
)
@max_change_options("deletes", "30%", "of the moved customers would be deleted")
@wait_option
@common_options
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
    """Delete the customers that this migration created at the target, newest first.

    These customers are skipped and listed with the reason: customers who existed before
    the migration, whose outcome a person recorded with `resolve`, whose name, date of
    birth or SSN differs from what was sent, and who have accounts.

    The command says what cannot be undone before it deletes anything. It reads each
    customer after the delete, and counts only those who no longer exist. `apply` does
    not send them again unless you plan them with `plan --again`. To delete a whole
    migration of ten or more customers, pass --allow deletes.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    ask = confirmation("Roll back", yes=yes)
    with interruptible_progress("rolling back") as report:
        summary = migrate.rollback(
            journal=journal,
            yes=ask,
            gone=gone,
            max_change=max_change,
            allow=allow,
            wait=wait,
            progress=report,
            notices=warn,
        )
    finish(summary, as_json=as_json)
