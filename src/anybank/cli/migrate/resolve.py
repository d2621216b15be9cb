"""`anybank migrate resolve`: record whether a customer exists at the target."""

from __future__ import annotations

from pathlib import Path

import click

from .options import common_options
from .summary import finish


@click.command(short_help="Record whether a customer exists at the target.")
@click.argument("source_id", required=False, metavar="[ID]")
@click.option(
    "--exists",
    metavar="TARGET_ID",
    help="The customer exists at the target with this id.",
)
@click.option(
    "--absent",
    is_flag=True,
    help="The customer does not exist at the target. `apply` will create them.",
)
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Many customers in one file: source_id,verdict,target_id, where the verdict is "
    "exists or absent.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Record it even if name, date of birth or SSN differ or cannot be compared.",
)
@common_options
def resolve(
    *,
    journal: str,
    source_id: str | None,
    exists: str | None,
    absent: bool,
    file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Record whether a quarantined, ambiguous or denied customer exists at the target.

    Look at the target first: if you record an existing customer as absent, `apply`
    creates a duplicate. The customer with TARGET_ID is read and compared. If the name,
    date of birth or SSN differs, the command refuses to record it unless you pass
    --force.

    A CSV file is recorded completely or not at all. Errors name the line and the
    column. You can change a recorded decision until `verify` has verified the record.
    `rollback` never deletes a customer recorded here.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    # --exists and --absent exclude each other: exactly one of the two.
    is_single = source_id is not None and (exists is not None) != absent
    is_file_only = (source_id, exists, absent) == (None, None, False)
    if not (is_single if file is None else is_file_only):
        raise click.UsageError(
            "give an ID with either --exists or --absent, or only --csv"
        )
    summary = migrate.resolve(
        journal=journal,
        source_id=source_id,
        exists=exists,
        absent=absent,
        csv=file,
        force=force,
    )
    finish(summary, as_json=as_json)
