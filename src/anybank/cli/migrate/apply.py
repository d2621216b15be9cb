"""`anybank migrate apply`: create every ready record at the target."""

from __future__ import annotations

import click

from ..output import warn
from .options import common_options, wait_option
from .progress import interruptible_progress
from .summary import finish


@click.command(short_help="Create every ready record at the target, once.")
@click.option(
    "--plan",
    metavar="CHECKSUM",
    help="Apply only the plan with this checksum, which `plan` and `status` print. A "
    "plan made since then is refused.",
)
@click.option(
    "--max-failures",
    metavar="N|N%",
    help="Stop after more than N failures, or after more than N% of the ready records "
    "have failed.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    metavar="N",
    help="How many customers to send at the same time. Default: 16.",
)
@wait_option
@common_options
def apply(
    *,
    journal: str,
    plan: str | None,
    max_failures: str | None,
    concurrency: int | None,
    wait: str | None,
    as_json: bool,
) -> None:
    """Create every ready record at the target, once.

    Each customer is read from the source again first. A customer who has changed since
    the plan gets a new certificate.

    If the response to a create is lost, anybank looks for the customer where the target
    supports a lookup. Otherwise the record is quarantined for a person to decide. A
    create is never sent twice. After several failures in a row that are the bank's own,
    nothing more is sent (see --wait).

    A person about whom the target has not decided is pending: run the command again
    after the decision. A person whom it denies is not moved.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    with interruptible_progress("applying") as report:
        summary = migrate.apply(
            journal=journal,
            plan=plan,
            max_failures=max_failures,
            concurrency=concurrency,
            wait=wait,
            progress=report,
            notices=warn,
        )
    finish(summary, as_json=as_json)
