"""`anybank export`: write the customers of a bank to an encrypted file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .file_key import key_option, require_reference
from .options import json_option
from .output import emit_json, heading, line, paragraph, plain
from .progress import progress

if TYPE_CHECKING:
    from ..migrate.commands.export import Export

_EPILOG = """\
\b
  anybank export --new-key customers.key
  anybank export bond --to customers.jsonl --key file:customers.key
  anybank import customers.jsonl --key file:customers.key --to sonder \\
      --journal move.db --supplement vault.csv
  anybank migrate apply --journal move.db

The command exits 2 if the file is complete but the bank does not know some of the ids,
or some customers could not be read. `anybank --help` lists all exit codes.
"""


def _create_key(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Create a key and exit, without requiring any other argument."""
    if path is None:
        return
    from ..migrate.neutral.keys import FileKey  # noqa: PLC0415  # needs the extra `export`

    key = FileKey.create(path)
    line(f"wrote the key {key.id} to {path}: keep it, no file can be read without it")
    ctx.exit(0)


@click.command(epilog=_EPILOG)
@click.argument("bank")
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. It must not exist yet.",
)
@key_option
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Export only the ids in this file, one per line. Required if the bank cannot "
    "list its customers.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Export only the first N customers.",
)
@click.option(
    "--new-key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    # Eager, so that --new-key works without the arguments that click would otherwise
    # require first.
    is_eager=True,
    expose_value=False,
    callback=_create_key,
    help="Create a key in a new file that only you can read, then exit.",
)
@json_option
def export(
    *,
    bank: str,
    file: Path,
    key: str | None,
    ids: Path | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Write every customer of BANK to a file that is encrypted with your key.

    Each line holds one customer in neutral fields, sealed with AES-256-GCM. The file
    appears only when it is complete. It does not contain what the bank masks or never
    returns: the command lists those fields, and `import --supplement` adds them.
    """
    from ..migrate import draining  # noqa: PLC0415  # SQLAlchemy is slow to import
    from ..migrate.commands import export as library  # noqa: PLC0415  # needs the extra `export`
    from ..migrate.neutral.keys import from_environment  # noqa: PLC0415  # the same

    with draining(), progress("exporting") as report:
        result = library.export(
            bank,
            file,
            key=require_reference(key) or from_environment(),
            ids=ids,
            limit=limit,
            progress=report,
        )
    if as_json:
        emit_json({**plain(result), "exit_code": result.exit_code})
    else:
        _show(result)
    click.get_current_context().exit(result.exit_code)


def _show(result: Export) -> None:
    heading(f"{result.customers:,} customers of {result.provider} in {result.path}")
    paragraph(f"sealed with the key {result.key_id}")
    for gap in _gaps(result):
        paragraph(gap, indent="- ")


def _gaps(result: Export) -> list[str]:
    """Return a sentence for each thing that the file lacks."""
    never = [name for name, how in result.reads.items() if how == "never"]
    gaps = []
    if result.masked:
        gaps.append(
            f"ssn: masked for {result.masked:,} customers; `import --supplement` adds the "
            "full numbers"
        )
    if never:
        gaps.append(f"never returned by {result.provider}: {', '.join(never)}")
    if result.unknown_count:
        examples = ", ".join(result.unknown)
        gaps.append(
            f"ids that {result.provider} does not know: {result.unknown_count:,}, for "
            f"example {examples}"
        )
    if result.unreadable_count:
        examples = ", ".join(result.unreadable)
        gaps.append(
            f"customers with fields that cannot be read: {result.unreadable_count:,}, for "
            f"example {examples}"
        )
    if result.without_id:
        gaps.append(f"records left out without a usable id: {result.without_id:,}")
    return gaps
