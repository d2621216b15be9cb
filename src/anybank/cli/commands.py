"""The tree of commands. Each is imported when it is called, so help is fast."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from ..exit_codes import ExitCode
from .error_messages import (
    did_you_mean,
    emit_error,
    exit_codes_help,
    print_line,
    wants_json,
)

# The summaries stand here and not in the modules, or `anybank --help` would import
# SQLAlchemy, httpx and rich to print them.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo:demo", "Move 500 invented customers between two simulated banks."),
    "providers": ("providers:providers", "List the installed banks."),
    "conformance": ("conformance:conformance", "Test a plugin and attest the result."),
    "capabilities": (
        "capabilities:capabilities",
        "Show what a bank supports, accepts and returns.",
    ),
    "diff": ("diff:diff", "Show what changes in a move from one bank to another."),
    "check": ("check:check", "Check a customer against a bank, offline."),
    "portability": (
        "portability:portability",
        "Show what an application uses that a bank lacks.",
    ),
    "customers": ("customers:customers", "Create, read, update and delete customers."),
    "kyc": ("kyc:kyc", "Verify customers."),
    "accounts": ("accounts:accounts", "Open, read and close accounts."),
    "account-numbers": (
        "account_numbers:account_numbers",
        "Create, read and change account numbers.",
    ),
    "transactions": ("transactions:transactions", "List and read transactions."),
    "events": ("events:events", "List events, and verify webhook deliveries."),
    "credit": ("credit:credit", "Create, read and submit credit applications."),
    "doctor": ("doctor:doctor", "Check the credentials, host and clock of a bank."),
    "migrate": ("migrate:migrate", "Move all customers from one bank to another."),
    "export": ("export:export", "Write all customers of a bank to an encrypted file."),
    "import": (
        "import_:import_",
        "Plan to create the customers of an exported file at a bank.",
    ),
    "new-adapter": (
        "new_adapter:new_adapter",
        "Create the package of an adapter for a new bank.",
    ),
    "sandbox": ("sandbox:sandbox", "Serve simulated banks on this machine."),
}
"""The module and name of each command, and its summary."""

EPILOG = f"""\
{exit_codes_help()}
Credentials come from the environment: ANYBANK_<BANK>_<OPTION>, such as
ANYBANK_BOND_IDENTITY. A value may be file:PATH or env:NAME instead of the
secret itself. `anybank capabilities BANK` lists the options of a bank.
"""


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Return the names in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command by its name; None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f".{module}", __package__), name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command. For an unknown name, suggest the nearest one."""
        # click says only that there is no such command.
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = did_you_mean(args[0], list(COMMANDS))
            ctx.fail(f"there is no command {args[0]!r}{near}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the summaries without importing the commands."""
        with formatter.section("Commands"):
            rows = [(name, summary) for name, (_, summary) in COMMANDS.items()]
            formatter.write_dl(rows)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 88,
    },
)
@click.version_option(package_name="anybank", message="anybank %(version)s")
def anybank() -> None:
    """One API for any banking-as-a-service vendor, and migrations between them.

    Start with `anybank demo`, which needs no account, no API key and no network.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code. Library errors are raised."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # The variable that click's completion scripts set. `make_context` does not handle
    # it.
    if instruction := os.environ.get("_ANYBANK_COMPLETE"):
        return _complete(instruction)
    try:
        # Not `anybank.main`: click would print its own errors and call sys.exit, and
        # --json would get no error object.
        with anybank.make_context("anybank", words) as ctx:
            anybank.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return _report_click_error(error, as_json=wants_json(words))
    return 0


_HELP: tuple[type[click.ClickException], ...] = tuple(
    filter(None, [getattr(click.exceptions, "NoArgsIsHelpError", None)])
)
"""Newer releases of click raise this for a group that is called without a command."""


def _report_click_error(error: click.ClickException, *, as_json: bool) -> int:
    if isinstance(error, _HELP):
        error.show()
        return ExitCode.WRONG_USE
    is_usage = isinstance(error, click.UsageError)
    code = ExitCode.WRONG_USE if is_usage else ExitCode.FAILED
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"{ctx.command_path} --help" if ctx else None
    print_line("error", error.format_message())
    if hint:
        print_line("try", hint)
    if as_json:
        kind = "wrong_use" if is_usage else "not_done"
        emit_error(kind, error.format_message(), hint, code)
    return code


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete  # noqa: PLC0415  # rarely needed

    return shell_complete(anybank, {}, "anybank", "_ANYBANK_COMPLETE", instruction)
