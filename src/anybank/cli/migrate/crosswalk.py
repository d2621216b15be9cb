"""`anybank migrate crosswalk`: the table of source and target ids."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import emit_json, line
from .options import common_options


@click.command(short_help="Write source_id,target_id for every moved customer.")
@click.option(
    "--csv",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
@common_options
def crosswalk(*, journal: str, file: Path, as_json: bool) -> None:
    """Write a CSV with the target's id of every moved customer: source_id,target_id."""
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    rows = migrate.crosswalk(journal=journal, csv=file)
    if as_json:
        emit_json({"csv": str(file), "rows": rows})
    else:
        line(f"wrote {rows} rows to {file}")
