"""`anybank migrate show`: the history of one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..output import emit_json, heading, line, table
from .options import common_options

if TYPE_CHECKING:
    from ...migrate import CustomerHistory, RecordEvent


@click.command(short_help="Show the history of one customer.")
@click.argument("source_id", metavar="ID")
@common_options
def show(*, journal: str, source_id: str, as_json: bool) -> None:
    """Show what happened to one customer: fields, requests and times, but no values.

    ID is the customer's id at the source. The command also works while another command
    is running.
    """
    from ... import migrate  # noqa: PLC0415  # SQLAlchemy is slow to import

    history = migrate.show(source_id, journal=journal)
    if as_json:
        emit_json(history)
    else:
        _show(history)


def _show(history: CustomerHistory) -> None:
    heading(f"{history.source_id}: {history.state.replace('_', ' ')}")
    line(f"id at the target: {history.target_id or '-'}")
    if history.reference:
        line(f"reference: {history.reference}")
    line(f"attempts to create: {history.attempts}")
    line()
    fields = [(field.field, field.effect, field.message) for field in history.fields]
    table("Fields", ("field", "result", "reason"), fields)
    for remedy in dict.fromkeys(
        field.remedy for field in history.fields if field.remedy
    ):
        line(f"to do: {remedy}")
    events = [(*_origin(event), event.message, event.code) for event in history.events]
    table("History", ("time", "command", "request", "event", "response"), events)


def _origin(event: RecordEvent) -> tuple[str, str, str]:
    by = f"{event.command} ({event.operator})" if event.command else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S}Z", by, event.request or ""
