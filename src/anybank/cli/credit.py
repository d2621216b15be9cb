"""`anybank credit`: credit applications."""

from __future__ import annotations

import itertools
from typing import Any, TextIO

import click

from ..client import Bank
from ..model.credit import CreditApplication
from ..model.money import Money
from .check import document_argument
from .customers import bank_option, json_option
from .documents import application_changes, new_application, read_document
from .output import emit_json, table
from .streams import reporting

_application = click.argument("application_id")

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
_reveal = click.option("--reveal", is_flag=True, help="Show income and employment too.")


@click.group()
def credit() -> None:
    """Make, read, change and submit credit applications.

    FILE is JSON in neutral names, or `-` for stdin; amounts are {"minor_units": 4300000,
    "currency": "USD"}. Credentials come from the environment.
    """


@credit.command()
@document_argument
@bank_option
@_reveal
@json_option
def create(*, file: TextIO, bank: str, reveal: bool, as_json: bool) -> None:
    """Make an application of FILE."""
    with Bank(bank) as opened:
        new = new_application(read_document(file))
        made = opened.credit_applications.create(new)
    with reporting(f"credit application {made.id} was created"):
        _show(made, reveal=reveal, as_json=as_json)


@credit.command()
@_application
@bank_option
@_reveal
@json_option
def get(*, application_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show an application."""
    with Bank(bank) as opened:
        found = opened.credit_applications.get(application_id)
    _show(found, reveal=reveal, as_json=as_json)


@credit.command(name="list")
@click.option("--customer", metavar="ID", help="Only those of one customer.")
@click.option("--limit", type=click.IntRange(1), help="Stop after so many.")
@bank_option
@json_option
def list_(*, customer: str | None, limit: int | None, bank: str, as_json: bool) -> None:
    """List applications; with --json, one object a line."""
    with Bank(bank) as opened:
        listing = opened.credit_applications.list(customer_id=customer)
        found = [_told(each, ()) for each in itertools.islice(listing, limit)]
    if as_json:
        for each in found:
            emit_json(each, indent=None)
        return
    columns = FIELDS[:5]
    table("", columns, [[_text(each[name]) for name in columns] for each in found])


@credit.command()
@_application
@document_argument
@bank_option
@_reveal
@json_option
def update(
    *, application_id: str, file: TextIO, bank: str, reveal: bool, as_json: bool
) -> None:
    """Change what FILE names of an application that is not yet submitted."""
    with Bank(bank) as opened:
        changes = application_changes(read_document(file))
        changed = opened.credit_applications.update(application_id, changes)
    with reporting(f"credit application {application_id} was changed"):
        _show(changed, reveal=reveal, as_json=as_json)


@credit.command()
@_application
@bank_option
@json_option
def submit(*, application_id: str, bank: str, as_json: bool) -> None:
    """Submit an application for a decision, which starts KYC where it is needed."""
    with Bank(bank) as opened:
        submitted = opened.credit_applications.submit(application_id)
    with reporting(f"credit application {application_id} was submitted"):
        _show(submitted, reveal=False, as_json=as_json)


@credit.command(name="adverse-action")
@_application
@bank_option
@json_option
def adverse_action(*, application_id: str, bank: str, as_json: bool) -> None:
    """Show why an application was denied, as its applicant must be told."""
    with Bank(bank) as opened:
        found = opened.credit_applications.adverse_action(application_id)
    told = {
        "id": found.id,
        "application_id": found.application_id,
        "service": found.service,
        "reasons": list(found.reasons),
    }
    if as_json:
        emit_json(told)
        return
    table("", ("field", "value"), [(name, _text(said)) for name, said in told.items()])


def _told(found: CreditApplication, personal: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(found, name) for name in (*FIELDS, *personal)}


def _show(found: CreditApplication, *, reveal: bool, as_json: bool) -> None:
    told = _told(found, PERSONAL if reveal else ())
    if as_json:
        emit_json(told)
        return
    table(
        "", ("field", "value"), [(name, _text(value)) for name, value in told.items()]
    )


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return f"{value.minor_units} minor units of {value.currency}"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)
