"""`anybank check`: what a bank would not take of a customer, before anything is sent."""

from __future__ import annotations

import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from ..declaration.birth_dates import today_at
from ..declaration.consent import accepted_names
from ..declaration.preflight import prepare, stops
from ..errors import Issue
from ..exit_codes import ExitCode
from ..model.customers import NewCustomer
from .declarations import declaration
from .documents import customer_changes, new_customer, read_document
from .output import emit_json, line, table


class _Document(click.File):
    """A file of JSON, which is not to be mistaken for JSON itself."""

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Open the file; a document in its place is refused without being repeated."""
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            said = "is a path, or - for stdin; arguments are seen by everybody"
            self.fail(said, param, ctx)
        if isinstance(value, str) and value != "-" and _is_special(value):
            said = "is a pipe or a device: write the document to stdin, and give -"
            self.fail(f"{value} {said}", param, ctx)
        return super().convert(value, param, ctx)


def _is_special(path: str) -> bool:
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False  # opening it says why
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


document_argument = click.argument("file", type=_Document(encoding="utf-8"))
accept_loss = click.option(
    "--accept-loss",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="Go without this field (addresses.line2), or `all`. May be given again.",
)


@click.command()
@click.argument("bank")
@document_argument
@click.option("--changes", is_flag=True, help="FILE holds changes to a customer.")
@click.option("--kyc-passed", is_flag=True, help="The customer has passed KYC.")
@accept_loss
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.pass_context
def check(
    ctx: click.Context,
    *,
    bank: str,
    file: TextIO,
    changes: bool,
    kyc_passed: bool,
    accepted: Sequence[str],
    as_json: bool,
) -> None:
    """Check the customer in FILE (`-` for stdin) against BANK, without network.

    FILE is JSON in neutral names: first_name, last_name, date_of_birth, ssn, emails,
    phones, addresses (line1, line2, city, state, postal_code, country, kind, primary),
    external_id. Nothing of it is shown but the names of its fields.

    Exits 2 where BANK would refuse it as it stands.
    """
    declared = declaration(bank)
    read = customer_changes if changes else new_customer
    customer = read(read_document(file), declared)
    losses = accepted_names(NewCustomer, accepted)
    today = today_at(time.time())
    issues = prepare(declared, customer, kyc_passed=kyc_passed, today=today).issues
    blocking = [issue for issue in issues if stops(issue, losses)]
    if as_json:
        emit_json({"accepted": not blocking, "issues": issues})
    else:
        _show(declared.title, issues, blocking)
    ctx.exit(ExitCode.NEEDS_A_PERSON if blocking else ExitCode.DONE)


def advice(issue: Issue) -> str:
    """Return what helps with an issue, as a user of the command line types it."""
    name = issue.remedy.accept_loss
    option = f"--accept-loss {name} goes without it" if name else ""
    return ", or ".join(filter(None, (issue.remedy.text, option)))


def _show(title: str, issues: Sequence[Issue], blocking: Sequence[Issue]) -> None:
    rows = [
        (issue.field, issue.effect, issue.message, advice(issue), issue.source)
        for issue in issues
    ]
    if rows:
        table("", ("field", "effect", "why", "what helps", "source"), rows)
    if blocking:
        line(f"{title} would refuse it: {len(blocking)} of {len(issues)} must go first")
    else:
        line(f"{title} would take it")
