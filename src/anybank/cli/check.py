"""`anybank check`: check a customer against a bank before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

import click

from .._engine.timing import Timing
from ..declaration.consent import accepted_names
from ..declaration.diff import creation_verifies
from ..declaration.preflight import prepare, stops
from ..errors import Issue
from ..exit_codes import ExitCode
from ..model.customers import CustomerChanges, NewCustomer
from .advice import advice
from .bank_declaration import declaration
from .json_input import read_document, read_value
from .options import (
    accept_loss_option,
    file_argument,
    json_option,
    kyc_passed_option,
)
from .output import emit_json, paragraph, table


@click.command()
@click.argument("bank")
@file_argument
@click.option(
    "--changes", is_flag=True, help="FILE holds changes to an existing customer."
)
@kyc_passed_option
@accept_loss_option
@json_option
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
    """Check the customer in FILE (`-` for stdin) against BANK, offline.

    FILE is JSON in neutral names: first_name, last_name, date_of_birth, ssn,
    government_ids (kind, number, country, state, expires, description, document_id),
    emails, phones, addresses (line1, line2, city, state, postal_code, country, kind,
    primary), kyc_evidence (verifier, reference), external_id. The output names fields,
    and never shows their values.

    The command exits 2 if BANK would reject the customer.
    """
    capabilities = declaration(bank)
    kind = CustomerChanges if changes else NewCustomer
    customer = read_value(kind, read_document(file), capabilities)
    names = accepted_names(NewCustomer, accepted)
    # The model knows no clock: a birth date in the future is found against this date.
    today = Timing().today()
    issues = prepare(capabilities, customer, kyc_passed=kyc_passed, today=today).issues
    blocking = [issue for issue in issues if stops(issue, names)]
    if as_json:
        emit_json(
            {
                "accepted": not blocking,
                "issues": issues,
                "create_verifies": capabilities.create_verifies,
            }
        )
    else:
        _show(capabilities.title, issues, blocking)
        if capabilities.create_verifies and not changes:
            paragraph(f"{creation_verifies(capabilities)}.")
    ctx.exit(ExitCode.NEEDS_A_PERSON if blocking else ExitCode.DONE)


def _show(title: str, issues: Sequence[Issue], blocking: Sequence[Issue]) -> None:
    rows = [
        (issue.field, issue.effect, issue.message, advice(issue), issue.source)
        for issue in issues
    ]
    if rows:
        table("", ("field", "effect", "reason", "what to do", "source"), rows)
    if blocking:
        paragraph(
            f"{title} would reject this customer: fix {len(blocking)} of the "
            f"{len(issues)} issues above."
        )
    else:
        paragraph(f"{title} would accept this customer.")
