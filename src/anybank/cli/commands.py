"""The tree of commands: each is imported when it is called, so that help is quick."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from ..exit_codes import ExitCode
from .failures import complain, emit_error, exit_codes_help, nearest, wants_json

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo:demo", "Move 500 invented customers between two simulated banks."),
    "providers": ("providers:providers", "List the banks that are installed."),
    "conformance": ("conformance:conformance", "Examine a plugin, and attest it."),
    "capabilities": ("capabilities:capabilities", "Show what a bank takes and tells."),
    "diff": ("diff:diff", "Show what moving from one bank to another would change."),
    "check": ("check:check", "Check a customer against a bank, without network."),
    "customers": ("customers:customers", "Read and write customers at a bank."),
    "kyc": ("kyc:kyc", "Verify customers."),
    "credit": ("credit:credit", "Make, read and submit credit applications."),
    "doctor": ("doctor:doctor", "Check credentials, host and clock of a bank."),
    "migrate": ("migrate:migrate", "Move all customers from one bank to another."),
    "export": ("export:export", "Write all customers of a bank to an encrypted file."),
    "import": (
        "export:import_",
        "Plan to make the customers of such a file at a bank.",
    ),
    "new-adapter": ("new_adapter:new_adapter", "Write a new bank's distribution."),
    "sandbox": ("sandbox:sandbox", "Serve simulated banks on this machine."),
}
"""Where each command lives (module and name), and what it is for."""

EPILOG = f"""\
{exit_codes_help()}
Credentials come from the environment: ANYBANK_<BANK>_<OPTION>, such as
ANYBANK_BOND_IDENTITY. A value may be file:PATH or env:NAME instead of the
secret itself. `anybank capabilities BANK` lists the options of a bank.
"""


class Lazy(click.Group):
    """A group that knows its commands by name and summary, and imports one when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Return the names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        cmd_name: str,
    ) -> click.Command | None:
        """Import the command of a name, None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(f".{module}", __package__), name)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; an unknown one is answered with the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}{nearest(args[0], list(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the summaries without importing what they are about."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Lazy, epilog=EPILOG, context_settings={"max_content_width": 88})
@click.version_option(package_name="anybank", message="anybank %(version)s")
def anybank() -> None:
    """One API for any banking-as-a-service vendor, and a migration between them.

    Start with `anybank demo`: it needs no account, no key and no network.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; library errors pass through."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if instruction := os.environ.get("_ANYBANK_COMPLETE"):
        return _complete(instruction)
    try:
        with anybank.make_context("anybank", given) as ctx:
            anybank.invoke(ctx)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as refused:
        return _misused(refused, as_json=wants_json(given))
    return 0


_HELP: tuple[type[click.ClickException], ...] = tuple(
    filter(None, [getattr(click.exceptions, "NoArgsIsHelpError", None)])
)
"""What newer releases raise for a group that is called without a command."""


def _misused(refused: click.ClickException, *, as_json: bool) -> int:
    if isinstance(refused, _HELP):
        refused.show()
        return ExitCode.WRONG_USE
    is_usage = isinstance(refused, click.UsageError)
    code = ExitCode.WRONG_USE if is_usage else ExitCode.FAILED
    ctx = refused.ctx if isinstance(refused, click.UsageError) else None
    hint = f"{ctx.command_path} --help" if ctx else None
    complain("error", refused.format_message())
    if hint:
        complain("try", hint)
    if as_json:
        kind = "wrong_use" if is_usage else "not_done"
        emit_error(kind, refused.format_message(), hint, code)
    return code


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete  # noqa: PLC0415  # rarely needed

    return shell_complete(anybank, {}, "anybank", "_ANYBANK_COMPLETE", instruction)
