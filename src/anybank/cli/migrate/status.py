"""`anybank migrate status`: the progress of a migration."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Show the progress of a migration.")
@common_options
def status(*, journal: str, as_json: bool) -> None:
    """Show the progress of a migration, even while another command is running."""
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(migrate.status(journal=journal), as_json=as_json)
