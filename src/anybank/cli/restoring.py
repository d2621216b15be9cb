"""`anybank migrate backup`, `adopt` and `rebase`: a journal that is copied or moved."""

from __future__ import annotations

from pathlib import Path

import click

from .output import emit_json, line, plain
from .summaries import common, finish


@click.command(short_help="Copy the journal to a new file.")
@click.option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The new file; keep the key apart from it.",
)
@common
def backup(*, journal: str, file: Path, as_json: bool) -> None:
    """Copy the journal to a new file, also while another command is at work.

    The copy does not know what is sent after it: where you have to go on from it, put it
    in the journal's place, next to its key, and run `anybank migrate adopt`. Until then
    every command that would write refuses it. A journal in PostgreSQL is copied with
    pg_dump.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    done = library.backup(journal=journal, to=file)
    if as_json:
        emit_json(plain(done))
    else:
        line(f"{done.records} records in {done.file}; the key is not in it")


@click.command(short_help="Take on a journal that was restored or moved.")
@click.option(
    "--restored-from",
    metavar="TIME",
    help="When the copy was taken, such as 2026-11-28T05:00:00Z; a journal with later "
    "entries is refused.",
)
@common
def adopt(*, journal: str, restored_from: str | None, as_json: bool) -> None:
    """Take on a journal that was restored from a copy, or moved; nobody is sent.

    Everybody who may have been sent since the copy is looked for at the target by our
    reference, or is safe because the target answers the key of a create again with the
    same customer. Where the target has neither, everybody who may have been sent is put
    into quarantine: look for them there, and record it with `resolve`. Use no other copy
    of the journal after that.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    summary = library.adopt(journal=journal, restored_from=restored_from)
    finish(summary, as_json=as_json)


@click.command(short_help="Record that a bank has another URL now.")
@click.option("--source-url", metavar="URL", help="Where the source is now.")
@click.option("--target-url", metavar="URL", help="Where the target is now.")
@common
def rebase(
    *, journal: str, source_url: str | None, target_url: str | None, as_json: bool
) -> None:
    """Record that a bank has another URL now, once it is seen to be the same bank.

    The source must show a customer as the plan has read it, the target somebody who was
    moved.
    """
    from .. import migrate as library  # noqa: PLC0415  # SQLAlchemy is slow to import

    if source_url is None and target_url is None:
        raise click.UsageError("give --source-url or --target-url")
    summary = library.rebase(
        journal=journal, source_url=source_url, target_url=target_url
    )
    finish(summary, as_json=as_json)
