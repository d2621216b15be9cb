"""`anybank migrate check`: look for damage in a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..output import emit_json, line, plain, table
from .options import common_options

if TYPE_CHECKING:
    from ...migrate import Integrity


@click.command(short_help="Check a journal for damage.")
@common_options
def check(*, journal: str, as_json: bool) -> None:
    """Check a journal for damage and say how to repair it.

    The command changes nothing. It exits 0 if the journal is intact and 1 if it is
    damaged.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    result = migrate.check(journal=journal)
    if as_json:
        emit_json({**plain(result), "exit_code": result.exit_code})
    else:
        _show(result)
    click.get_current_context().exit(result.exit_code)


def _show(result: Integrity) -> None:
    if not result.damages:
        line(f"{result.journal} is intact: {result.records} records")
        return
    line(f"{result.journal} is damaged: {result.records} records")
    line()
    rows = [
        (damage.problem, damage.count, "\n".join(damage.examples), damage.remedy)
        for damage in result.damages
    ]
    table("", ("damage", "count", "examples", "to do"), rows)
