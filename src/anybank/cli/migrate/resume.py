"""`anybank migrate resume`: let paused workers continue."""

from __future__ import annotations

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Let paused workers continue.")
@common_options
def resume(*, journal: str, as_json: bool) -> None:
    """Let the workers that `pause` stopped claim batches again."""
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    finish(migrate.resume(journal=journal), as_json=as_json)
