"""A time on the command line."""

from __future__ import annotations

from datetime import datetime

import click

from .options import Decorator


def _read(
    context: click.Context,
    parameter: click.Parameter,
    text: str | None,
) -> datetime | None:
    """Read a time in ISO 8601. One without a zone is refused: it has two meanings."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        raise click.BadParameter(
            f"{text} is not a time with a zone: write it as 2024-03-01T00:00Z or "
            "2024-03-01T00:00-05:00",
            context,
            parameter,
        )
    return moment


since_option: Decorator = click.option(
    "--since",
    callback=_read,
    metavar="TIME",
    help="Only list what occurred at this time or later, such as 2024-03-01T00:00Z.",
)
until_option: Decorator = click.option(
    "--until",
    callback=_read,
    metavar="TIME",
    help="Only list what occurred before this time.",
)
