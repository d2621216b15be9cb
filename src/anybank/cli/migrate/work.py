"""`anybank migrate work`: a worker, next to others on the same journal."""

from __future__ import annotations

import click

from ..options import yes_option
from ..output import warn
from .confirmation import confirmation
from .options import common_options, max_change_options, wait_option
from .progress import interruptible_progress
from .summary import finish


@click.command(short_help="Run a worker, next to others on the same journal.")
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    metavar="N",
    help="How many customers this worker sends at the same time. Default: 16.",
)
@click.option(
    "--lease",
    type=click.FloatRange(min=1.0),
    metavar="SECONDS",
    help="How long a batch stays this worker's after its last write. Default: 180, or "
    "six timeouts of the target if that is longer.",
)
@click.option("--verify", is_flag=True, help="Also read every moved customer back.")
@click.option(
    "--rollback",
    is_flag=True,
    help="Delete the customers that this migration created instead, as `anybank migrate "
    "rollback` does.",
)
@yes_option
@max_change_options("deletes", "30%", "of the moved customers would be deleted")
@wait_option
@common_options
def work(
    *,
    journal: str,
    concurrency: int | None,
    lease: float | None,
    verify: bool,
    rollback: bool,
    yes: bool,
    max_change: str,
    allow: tuple[str, ...],
    wait: str | None,
    as_json: bool,
) -> None:
    """Claim batches of the plan and apply them, until no worker has any left.

    Start this command as often as you like, on one machine or, with a journal in
    PostgreSQL, on many. The workers share the rate limits of both banks. If a worker is
    killed, another one takes over its batches when their leases end. SIGTERM and Ctrl-C
    finish and record the requests in flight and release the batches.

    With --rollback the workers delete what the migration created instead; --yes,
    --max-change and --allow are those of `anybank migrate rollback`.
    """
    if (yes or allow) and not rollback:
        raise click.UsageError("--yes and --allow belong to --rollback: add it")
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    ask = confirmation("Roll back", yes=yes)
    with interruptible_progress("working"):
        summary = migrate.work(
            journal=journal,
            concurrency=concurrency,
            lease=lease,
            verify=verify,
            rollback=rollback,
            yes=ask,
            max_change=max_change,
            allow=allow,
            wait=wait,
            notices=warn,
        )
    finish(summary, as_json=as_json)
