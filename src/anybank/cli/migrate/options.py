"""Options that several migration commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import click

from ..options import Decorator, json_option

Command: TypeAlias = Callable[..., None]

journal_option: Decorator = click.option(
    "--journal",
    required=True,
    metavar="FILE|URL",
    help="The journal: a file or the URL of a PostgreSQL database. See `anybank migrate "
    "--help`.",
)


def _set_operator(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
    """Record *name* as the operator until the command ends."""
    if name is not None:
        from ...migrate import operating  # noqa: PLC0415  # SQLAlchemy is slow to import

        # The context of click ends with the command, so the name does not reach another
        # command of the same process.
        ctx.with_resource(operating(name))


operator_option: Decorator = click.option(
    "--operator",
    metavar="NAME",
    expose_value=False,
    callback=_set_operator,
    help="Your name for the journal's log. Default: ANYBANK_OPERATOR, or the login name.",
)


def common_options(command: Command) -> Command:
    """Add --journal, --json and --operator."""
    return journal_option(json_option(operator_option(command)))


def max_change_options(
    change: str, default: str | None, effect: str
) -> Callable[[Command], Command]:
    """Add --max-change, which refuses a change to too many customers, and --allow."""
    limit = click.option(
        "--max-change",
        metavar="N%",
        default=default,
        show_default=default is not None,
        help=f"Refuse to continue if more than N% {effect}.",
    )
    allow = click.option(
        "--allow",
        multiple=True,
        type=click.Choice([change]),
        help="Continue even if --max-change is exceeded.",
    )
    return lambda command: limit(allow(command))


wait_option: Decorator = click.option(
    "--wait",
    metavar="TIME",
    help="If a bank is down, wait up to this long (90s, 30m, 2h) and continue when it is "
    "back. Without it, the run ends with exit code 75.",
)
