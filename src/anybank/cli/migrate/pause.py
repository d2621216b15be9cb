"""`anybank migrate pause`: let no worker claim another batch."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Let no worker claim another batch.")
@common_options
def pause(*, journal: str, as_json: bool) -> None:
    """Let no worker claim another batch until `resume`.

    The workers finish the batches that they have, and then wait.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(migrate.pause(journal=journal), as_json=as_json)
