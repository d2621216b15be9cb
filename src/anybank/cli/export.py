"""`anybank export` and `anybank import`: customers in a neutral file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import emit_json, heading, line, paragraph, plain, progress
from .summaries import common, finish, running

if TYPE_CHECKING:
    from ..migrate.commands.export import Export

_EXPORT = """\
\b
  anybank export --new-key customers.key
  anybank export bond --to customers.jsonl --key file:customers.key
  anybank import customers.jsonl --key file:customers.key --to sonder \\
      --journal move.db --supplement vault.csv
  anybank migrate apply --journal move.db

It exits 2 where it is done, but the bank does not know some of the ids. All exit codes:
`anybank --help`.
"""

_IMPORT = """\
\b
This only plans. What follows is that of every migration:
  anybank migrate apply  --journal move.db
  anybank migrate verify --journal move.db
"""

_key = click.option(
    "--key",
    metavar="file:PATH|env:NAME",
    help="Where the key is; else ANYBANK_FILE_KEY says it. Never the key itself: "
    "arguments are seen by everybody on the machine.",
)


def _make_key(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Make a key and end: nothing else is asked for."""
    if path is None:
        return
    from ..migrate.neutral.keys import FileKey  # noqa: PLC0415  # needs the extra `export`

    made = FileKey.made(path)
    line(f"the key {made.id} is in {path}: keep it, without it no file can be read")
    ctx.exit(0)


@click.command(epilog=_EXPORT)
@click.argument("bank")
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; it must not be there.",
)
@_key
@click.option(
    "--ids",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only these ids, one a line; a bank that cannot list its customers needs it.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N.")
@click.option(
    "--new-key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=_make_key,
    help="Make a key in a new file, for you alone, and end.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def export(
    *,
    bank: str,
    file: Path,
    key: str | None,
    ids: Path | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Write every customer of BANK to a file that a key of yours encrypts.

    Each line is one customer in neutral fields, sealed with AES-256-GCM. The file is
    there when all is in it, and not before. What the bank masks or never tells is not
    in it: the command says which fields, and `import --supplement` brings them.
    """
    from ..migrate.commands import export as exports  # noqa: PLC0415  # needs the extra `export`

    with progress("exporting") as told:
        found = exports.export(
            bank, file, key=_given(key), ids=ids, limit=limit, progress=told
        )
    if as_json:
        emit_json({**plain(found), "exit_code": found.exit_code})
    else:
        _show(found)
    click.get_current_context().exit(found.exit_code)


@click.command(name="import", epilog=_IMPORT)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_key
@click.option(
    "--to", "target", required=True, metavar="BANK|FILE", help="Where they go."
)
@click.option(
    "--supplement",
    metavar="FILE|python:MODULE:FUNCTION|command:LINE",
    help="What the file does not have, as for `anybank migrate plan`.",
)
@click.option(
    "--accept-loss",
    multiple=True,
    metavar="FIELD",
    help="Go without a field that the target does not take; `all` for every one.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N.")
@common
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
    """Plan to make every customer of FILE at a bank; nothing is sent yet.

    It is `anybank migrate plan --from FILE`: the plan says what will become of each
    field, and `anybank migrate apply` then sends it. The journal keeps where the file
    and the key are, and neither of them.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import
    from ..migrate.neutral.file_side import file_side  # noqa: PLC0415  # the same

    with running("planning") as told:
        summary = library.plan(
            file_side(file, _checked(key)),
            target,
            journal=journal,
            supplement=supplement,
            accept_loss=set(accept_loss),
            limit=limit,
            progress=told,
        )
    finish(summary, as_json=as_json)


def _checked(key: str | None) -> str | None:
    """Refuse a key that is typed: the shell's history would keep it."""
    if key is not None and not key.startswith(("file:", "env:")):
        raise click.UsageError("--key takes file:PATH or env:NAME, not the key itself")
    return key


def _given(key: str | None) -> str:
    from ..migrate.neutral.keys import from_environment  # noqa: PLC0415  # as above

    return _checked(key) or from_environment()


def _show(found: Export) -> None:
    heading(f"{found.customers:,} customers of {found.provider} in {found.path}")
    paragraph(f"sealed with the key {found.key_id}")
    for said in _gaps(found):
        paragraph(said, indent="- ")


def _gaps(found: Export) -> list[str]:
    """Return what the file lacks, and who brings it."""
    never = [name for name, how in found.reads.items() if how == "never"]
    said = []
    if found.masked:
        said.append(
            f"ssn: masked in {found.masked:,} of them; `import --supplement` brings the "
            "full numbers"
        )
    if never:
        said.append(f"never told by {found.provider}: {', '.join(never)}")
    if found.unknown_count:
        such = ", ".join(found.unknown)
        said.append(f"{found.unknown_count:,} ids are not known there, such as {such}")
    if found.unreadable_count:
        such = ", ".join(found.unreadable)
        said.append(
            f"{found.unreadable_count:,} customers have fields that cannot be read, such "
            f"as {such}"
        )
    if found.without_id:
        said.append(f"{found.without_id:,} records have no usable id, and are left out")
    return said
