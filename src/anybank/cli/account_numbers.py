"""`anybank account-numbers`: the numbers under which accounts receive money."""

from __future__ import annotations

import itertools
from typing import Any, TextIO

import click

from ..client import Bank
from ..model.accounts import (
    AccountNumber,
    AccountNumberChanges,
    AccountNumberStatus,
    NewAccountNumber,
)
from .json_input import read_document, read_value
from .options import (
    bank_option,
    confirm,
    file_argument,
    json_option,
    limit_option,
    yes_option,
)
from .records import fields_of, show_record, show_records
from .standard_streams import note_if_output_fails

FIELDS = (
    "id",
    "account_id",
    "number",
    "status",
    "native_status",
    "created_at",
)
"""The fields to show; the number masks itself."""
PERSONAL = ("name", "routing_number")
_COLUMNS = ("id", "account_id", "number", "status")

_number_argument = click.argument("account_number_id")
_reveal_option = click.option(
    "--reveal",
    is_flag=True,
    help="Also show the name and the routing number. The number stays masked.",
)


@click.group()
def account_numbers() -> None:
    """Create, read and change account numbers.

    ACCOUNT_NUMBER_ID is the id that the bank returned, never the number itself.
    Credentials come from the environment.
    """


@account_numbers.command()
@file_argument
@bank_option
@_reveal_option
@json_option
def create(*, file: TextIO, bank: str, reveal: bool, as_json: bool) -> None:
    """Create an account number from a JSON file. The bank chooses the digits.

    FILE is JSON in neutral names, or `-` for stdin: {"account_id": "...", "name": "..."}.
    """
    with Bank(bank) as client:
        new = read_value(NewAccountNumber, read_document(file), client.capabilities)
        number = client.account_numbers.create(new)
    with note_if_output_fails(f"account number {number.id} was created"):
        show_record(_fields(number, reveal=reveal), as_json=as_json)


@account_numbers.command()
@_number_argument
@bank_option
@_reveal_option
@json_option
def get(*, account_number_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show an account number."""
    with Bank(bank) as client:
        number = client.account_numbers.get(account_number_id)
    show_record(_fields(number, reveal=reveal), as_json=as_json)


@account_numbers.command(name="list")
@click.option("--account", metavar="ID", help="Only list the numbers of this account.")
@limit_option
@bank_option
@json_option
def list_(*, account: str | None, limit: int | None, bank: str, as_json: bool) -> None:
    """List account numbers; with --json, one object per line."""
    with Bank(bank) as client:
        listing = client.account_numbers.list(account_id=account)
        numbers = itertools.islice(listing, limit)
        fields = (_fields(number, reveal=False) for number in numbers)
        show_records(fields, _COLUMNS, as_json=as_json)


@account_numbers.command()
@_number_argument
@file_argument
@yes_option
@bank_option
@_reveal_option
@json_option
def update(
    *,
    account_number_id: str,
    file: TextIO,
    yes: bool,
    bank: str,
    reveal: bool,
    as_json: bool,
) -> None:
    """Change an account number with the fields in FILE.

    FILE is JSON, or `-` for stdin: {"name": "...", "status": "disabled"}. A disabled
    number can become active again. A canceled one cannot, so the command asks before it
    cancels a number.
    """
    with Bank(bank) as client:
        changes = read_value(
            AccountNumberChanges, read_document(file), client.capabilities
        )
        if changes.status is AccountNumberStatus.CANCELED and not yes:
            confirm(
                f"Cancel {account_number_id} at {client.capabilities.title} for ever?",
                action="cancel it without a question",
                declined="nothing was changed",
            )
        number = client.account_numbers.update(account_number_id, changes)
    with note_if_output_fails(f"account number {account_number_id} was changed"):
        show_record(_fields(number, reveal=reveal), as_json=as_json)


def _fields(number: AccountNumber, *, reveal: bool) -> dict[str, Any]:
    return fields_of(number, (*FIELDS, *PERSONAL) if reveal else FIELDS)
