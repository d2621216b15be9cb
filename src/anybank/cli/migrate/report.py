"""`anybank migrate report`: a migration as an HTML page or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..output import emit_json, line, plain
from .options import common_options
from .summary import json_of

if TYPE_CHECKING:
    from ...migrate import Report

_EPILOG = (
    "The command exits 0 once the report is written, whatever the report says. The "
    "`exit_code` in the JSON is that of `status`. `anybank --help` lists all exit codes."
)
_ADDED = (
    "created_at",
    "progress",
    "losses",
    "throughput",
    "worker_throughput",
    "waiting",
    "departed",
)
"""The fields of a report that a summary does not have."""


@click.command(short_help="Write a report as an HTML page or JSON.", epilog=_EPILOG)
@click.option(
    "--html",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write. It needs no other file and no network.",
)
@common_options
def report(*, journal: str, file: Path | None, as_json: bool) -> None:
    """Report on a migration, even while another command is running.

    The page shows progress and throughput, outcomes by reason, field losses, the records
    that need a person with the commands to run, and the crosswalk to download. The JSON
    holds everything but the crosswalk. Neither contains personal data.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    if file is None and not as_json:
        raise click.UsageError("give --html FILE, --json, or both")
    if file is not None:
        migrate.report(journal=journal, html=file)
    if as_json:
        emit_json(_json_of(migrate.Report.read(journal), file))
    else:
        line(f"wrote the report to {file}")


def _json_of(report: Report, file: Path | None) -> dict[str, Any]:
    """Return everything in `status --json`, and what the report adds."""
    added = {name: plain(getattr(report, name)) for name in _ADDED}
    return {**json_of(report.summary), **added, "html": file and str(file)}
