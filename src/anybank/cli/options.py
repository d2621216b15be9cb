"""Options, arguments and a question that several commands share."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

Decorator: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]
"""A click option or argument, as a decorator of a command."""


class _JsonFile(click.File):
    """A JSON file, given by its path; the JSON itself is refused."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Open the file. Never repeat an argument that may hold personal data."""
        # A document on the command line would stay in the shell's history and in the
        # list of processes, with the SSN in it.
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            self.fail(
                "expected a path, or - for stdin: other users of this machine can see "
                "the arguments of a command",
                param,
                ctx,
            )
        # Opening a pipe waits for its writer, perhaps for ever, and a device may have
        # no end.
        if isinstance(value, str) and value != "-" and _is_special(value):
            self.fail(
                f"{value} is a pipe or a device: pass - and write the document to stdin",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


def _is_special(path: str) -> bool:
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False  # opening the file reports why
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


file_argument: Decorator = click.argument("file", type=_JsonFile(encoding="utf-8"))
accept_loss_option: Decorator = click.option(
    "--accept-loss",
    "accepted",
    multiple=True,
    metavar="FIELD",
    help="Continue without a field that the bank does not support, such as "
    "addresses.line2, or `all` for every such field. Repeatable.",
)
bank_option: Decorator = click.option(
    "--bank", required=True, metavar="NAME", help="The bank. See `anybank providers`."
)
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Write JSON."
)
kyc_passed_option: Decorator = click.option(
    "--kyc-passed", is_flag=True, help="The customer has passed KYC."
)
limit_option: Decorator = click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Stop after N results."
)
yes_option: Decorator = click.option(
    "--yes", is_flag=True, help="Do not ask for confirmation."
)


def confirm(question: str, *, action: str, declined: str) -> None:
    """Ask a question on the terminal.

    Raise UsageError without a terminal, and ClickException if the answer is no.
    """
    # A script must not wait for an answer that nobody gives, and must not delete
    # without one.
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"stdin is not an interactive terminal: pass --yes to {action}"
        )
    # On stderr: stdout may be a file or a pipe.
    if not click.confirm(question, err=True):
        raise click.ClickException(declined)
