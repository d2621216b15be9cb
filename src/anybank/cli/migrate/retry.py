"""`anybank migrate retry`: make failed records ready again."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Make failed records ready again.")
@click.option("--code", metavar="CODE", help="Only records that failed with this code.")
@common_options
def retry(*, journal: str, code: str | None, as_json: bool) -> None:
    """Make failed records ready again, so that the next `apply` sends them.

    Only records that the target rejected are retried, so no customer is created twice.
    Records with an unknown outcome and quarantined records stay as they are.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(migrate.retry(journal=journal, code=code), as_json=as_json)
