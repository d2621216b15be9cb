"""`anybank credit`: credit applications."""

from __future__ import annotations

import itertools
from typing import Any, TextIO

import click

from ..client import Bank
from ..model.credit import (
    CreditApplication,
    CreditApplicationChanges,
    NewCreditApplication,
)
from ..model.serialization import to_dict
from .json_input import read_document, read_value
from .options import bank_option, file_argument, json_option, limit_option
from .output import emit_json, table
from .records import as_text, show_record
from .standard_streams import note_if_output_fails

FIELDS = (
    "id",
    "status",
    "native_status",
    "customer_id",
    "program_id",
    "security_deposit_account_id",
    "created_at",
    "updated_at",
)
PERSONAL = ("employment_status", "total_annual_income", "monthly_housing_payment")

_application_argument = click.argument("application_id")
_reveal_option = click.option(
    "--reveal",
    is_flag=True,
    help="Also show income, employment and the applicant. The SSN stays masked.",
)


@click.group()
def credit() -> None:
    """Create, read, update and submit credit applications.

    FILE is JSON in neutral names, or `-` for stdin. Write amounts as {"minor_units":
    4300000, "currency": "USD"}. Credentials come from the environment.
    """


@credit.command()
@file_argument
@bank_option
@_reveal_option
@json_option
def create(*, file: TextIO, bank: str, reveal: bool, as_json: bool) -> None:
    """Create a credit application from a JSON file."""
    with Bank(bank) as client:
        new = read_value(NewCreditApplication, read_document(file), client.capabilities)
        application = client.credit_applications.create(new)
    with note_if_output_fails(f"credit application {application.id} was created"):
        _show(application, reveal=reveal, as_json=as_json)


@credit.command()
@_application_argument
@bank_option
@_reveal_option
@json_option
def get(*, application_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show a credit application."""
    with Bank(bank) as client:
        application = client.credit_applications.get(application_id)
    _show(application, reveal=reveal, as_json=as_json)


@credit.command(
    name="list", short_help="List applications; with --json, one object per line."
)
@click.option(
    "--customer", metavar="ID", help="Only list the applications of this customer."
)
@limit_option
@bank_option
@json_option
def list_(*, customer: str | None, limit: int | None, bank: str, as_json: bool) -> None:
    """List credit applications; with --json, one object per line."""
    with Bank(bank) as client:
        listing = client.credit_applications.list(customer_id=customer)
        applications = [
            _fields(application, ()) for application in itertools.islice(listing, limit)
        ]
    if as_json:
        for application in applications:
            emit_json(application, indent=None)
        return
    columns = FIELDS[:5]
    rows = [
        [as_text(application[name]) for name in columns] for application in applications
    ]
    table("", columns, rows)


@credit.command(short_help="Update an application before it is submitted.")
@_application_argument
@file_argument
@bank_option
@_reveal_option
@json_option
def update(
    *, application_id: str, file: TextIO, bank: str, reveal: bool, as_json: bool
) -> None:
    """Update an application that has not been submitted, with the fields in FILE."""
    with Bank(bank) as client:
        changes = read_value(
            CreditApplicationChanges, read_document(file), client.capabilities
        )
        application = client.credit_applications.update(application_id, changes)
    with note_if_output_fails(f"credit application {application_id} was updated"):
        _show(application, reveal=reveal, as_json=as_json)


@credit.command(short_help="Submit an application for a decision.")
@_application_argument
@bank_option
@json_option
def submit(*, application_id: str, bank: str, as_json: bool) -> None:
    """Submit an application for a decision, and start KYC if it is required."""
    with Bank(bank) as client:
        application = client.credit_applications.submit(application_id)
    with note_if_output_fails(f"credit application {application_id} was submitted"):
        _show(application, reveal=False, as_json=as_json)


@credit.command(name="adverse-action", short_help="Show the reasons for a denial.")
@_application_argument
@bank_option
@json_option
def adverse_action(*, application_id: str, bank: str, as_json: bool) -> None:
    """Show the reasons for a denial that you must give to the applicant."""
    with Bank(bank) as client:
        action = client.credit_applications.adverse_action(application_id)
    fields = {
        "id": action.id,
        "application_id": action.application_id,
        "service": action.service,
        "reasons": list(action.reasons),
    }
    show_record(fields, as_json=as_json)


def _fields(
    application: CreditApplication, personal: tuple[str, ...]
) -> dict[str, Any]:
    return {name: getattr(application, name) for name in (*FIELDS, *personal)}


def _show(application: CreditApplication, *, reveal: bool, as_json: bool) -> None:
    fields = _fields(application, PERSONAL if reveal else ())
    if reveal and application.applicant is not None:
        # The SSN stays masked, as everywhere on the command line.
        person = to_dict(application.applicant)
        parts = {f"applicant.{name}": value for name, value in person.items()}
        fields |= {"applicant": person} if as_json else _without_parts(parts)
    show_record(fields, as_json=as_json)


def _without_parts(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the members of an address in their place, for a table."""
    address = fields.pop("applicant.address") or {}
    shown = {name: address.get(name) for name in _PLACE if address.get(name)}
    return {**fields, **{f"applicant.{name}": text for name, text in shown.items()}}


_PLACE = ("line1", "line2", "city", "state", "postal_code", "country")
