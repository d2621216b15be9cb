"""`anybank migrate backup`: copy a journal."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import emit_json, line, plain
from .options import common_options


@click.command(short_help="Copy the journal to a new file.")
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new file. Store the key somewhere else.",
)
@common_options
def backup(*, journal: str, file: Path, as_json: bool) -> None:
    """Copy the journal to a new file, even while another command is running.

    The copy does not contain what is sent after it was taken. To continue from it, put
    it in place of the journal, next to the key, and run `anybank migrate adopt`. Until
    then, every command that writes to the journal refuses to run. Use pg_dump to copy a
    journal in PostgreSQL.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    copy = migrate.backup(journal=journal, to=file)
    if as_json:
        emit_json(plain(copy))
    else:
        line(f"copied {copy.records} records to {copy.file}, without the key")
