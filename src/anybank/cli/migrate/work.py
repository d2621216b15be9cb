"""`anybank migrate work`: a worker, next to others on the same journal."""

from __future__ import annotations

import click

from ..output import warn
from .options import common_options, wait_option
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
@wait_option
@common_options
def work(
    *,
    journal: str,
    concurrency: int | None,
    lease: float | None,
    verify: bool,
    wait: str | None,
    as_json: bool,
) -> None:
    """Claim batches of the plan and apply them, until no worker has any left.

    Start this command as often as you like, on one machine or, with a journal in
    PostgreSQL, on many. The workers share the rate limits of both banks. If a worker is
    killed, another one takes over its batches when their leases end. SIGTERM and Ctrl-C
    finish and record the requests in flight and release the batches.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    with interruptible_progress("working"):
        summary = migrate.work(
            journal=journal,
            concurrency=concurrency,
            lease=lease,
            verify=verify,
            wait=wait,
            notices=warn,
        )
    finish(summary, as_json=as_json)
