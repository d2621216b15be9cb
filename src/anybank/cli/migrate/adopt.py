"""`anybank migrate adopt`: continue from a restored or moved journal."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Continue from a journal that was restored or moved.")
@click.option(
    "--restored-from",
    metavar="TIME",
    help="When the copy was taken, such as 2026-11-28T05:00:00Z. A journal with later "
    "entries is refused.",
)
@common_options
def adopt(*, journal: str, restored_from: str | None, as_json: bool) -> None:
    """Make a journal that was restored from a copy, or moved, safe to continue from.

    Nothing is sent. Some customers may have been sent after the copy was taken. Where
    the target supports it, anybank looks for them by its reference, or relies on the
    idempotency key, which makes the target return the same customer again. Otherwise
    these customers are quarantined: look for each at the target, and record the result
    with `resolve`. Do not use any other copy of the journal afterwards.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    summary = migrate.adopt(journal=journal, restored_from=restored_from)
    finish(summary, as_json=as_json)
