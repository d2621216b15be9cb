"""`anybank migrate rebase`: record the new URL of a bank."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Record the new URL of a bank.")
@click.option("--source-url", metavar="URL", help="The new URL of the source.")
@click.option("--target-url", metavar="URL", help="The new URL of the target.")
@common_options
def rebase(
    *, journal: str, source_url: str | None, target_url: str | None, as_json: bool
) -> None:
    """Record the new URL of a bank, after checking that it is the same bank.

    The source must return a customer whom the plan has read, with the same data. The
    target must return a customer whom this migration has moved.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    if source_url is None and target_url is None:
        raise click.UsageError("give --source-url, --target-url or both")
    summary = migrate.rebase(
        journal=journal, source_url=source_url, target_url=target_url
    )
    finish(summary, as_json=as_json)
