"""`anybank import`: plan to create the customers of an exported file at a bank."""

from __future__ import annotations

from pathlib import Path

import click

from .file_key import key_option, require_reference
from .migrate.options import common_options
from .migrate.progress import interruptible_progress
from .migrate.summary import finish

_EPILOG = """\
\b
This command only plans. Continue as in every migration:
  anybank migrate apply  --journal move.db
  anybank migrate verify --journal move.db
"""


@click.command(name="import", epilog=_EPILOG)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@key_option
@click.option(
    "--to",
    "target",
    required=True,
    metavar="BANK|FILE",
    help="The bank, or the file, to move the customers to.",
)
@click.option(
    "--supplement",
    metavar="FILE|python:MODULE:FUNCTION|command:LINE",
    help="Data that the file does not contain. See `anybank migrate plan --help`.",
)
@click.option(
    "--accept-loss",
    multiple=True,
    metavar="FIELD",
    help="Move customers without a field that the target does not support, or `all` for "
    "every such field. Repeatable.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Plan only the first N customers.",
)
@common_options
def import_(
    *,
    file: Path,
    key: str | None,
    target: str,
    journal: str,
    supplement: str | None,
    accept_loss: tuple[str, ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Plan to create every customer in FILE at a bank. Nothing is sent yet.

    This is the same as `anybank migrate plan --from FILE`. The plan says what happens to
    each field; `anybank migrate apply` then sends the customers. The journal records the
    locations of the file and of the key, but not their contents.
    """
    from .. import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import
    from ..migrate.neutral.file_side import file_side  # noqa: PLC0415  # the same

    with interruptible_progress("planning") as report:
        summary = migrate.plan(
            file_side(file, require_reference(key)),
            target,
            journal=journal,
            supplement=supplement,
            accept_loss=set(accept_loss),
            limit=limit,
            progress=report,
        )
    finish(summary, as_json=as_json)
