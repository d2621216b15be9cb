"""`anybank accounts`: the accounts of customers and their balances."""

from __future__ import annotations

import itertools
from typing import Any, TextIO

import attrs
import click

from ..client import Bank
from ..model.accounts import Account, Balance, NewAccount
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
    "kind",
    "native_kind",
    "status",
    "native_status",
    "customer_ids",
    "currency",
    "program_id",
    "account_number",
    "opened_at",
    "closed_at",
)
"""The fields to show; the account number masks itself."""
PERSONAL = ("name", "routing_number")
_COLUMNS = ("id", "kind", "native_kind", "status", "currency", "account_number")

_account_argument = click.argument("account_id")
_reveal_option = click.option(
    "--reveal",
    is_flag=True,
    help="Also show the name and the routing number. The account number stays masked.",
)


@click.group()
def accounts() -> None:
    """Open, read and close accounts, and show their balances.

    ACCOUNT_ID is the id that the bank returned, never an account number. Credentials come
    from the environment.
    """


@accounts.command()
@file_argument
@bank_option
@_reveal_option
@json_option
def create(*, file: TextIO, bank: str, reveal: bool, as_json: bool) -> None:
    """Open an account from a JSON file.

    FILE is JSON in neutral names, or `-` for stdin: {"customer_ids": ["..."], "kind":
    "deposit", "name": "..."}. Where a bank has its own kinds, pass its word as
    "native_kind" instead of "kind".
    """
    with Bank(bank) as client:
        account = client.accounts.create(
            read_value(NewAccount, read_document(file), client.capabilities)
        )
    with note_if_output_fails(f"account {account.id} was opened"):
        show_record(_fields(account, reveal=reveal), as_json=as_json)


@accounts.command()
@_account_argument
@bank_option
@_reveal_option
@json_option
def get(*, account_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show an account."""
    with Bank(bank) as client:
        account = client.accounts.get(account_id)
    show_record(_fields(account, reveal=reveal), as_json=as_json)


@accounts.command(name="list")
@click.option(
    "--customer", metavar="ID", help="Only list the accounts of this customer."
)
@limit_option
@bank_option
@json_option
def list_(*, customer: str | None, limit: int | None, bank: str, as_json: bool) -> None:
    """List accounts; with --json, one object per line."""
    with Bank(bank) as client:
        listing = client.accounts.list(customer_id=customer)
        listed = itertools.islice(listing, limit)
        fields = (_fields(account, reveal=False) for account in listed)
        show_records(fields, _COLUMNS, as_json=as_json)


@accounts.command()
@_account_argument
@bank_option
@json_option
def balance(*, account_id: str, bank: str, as_json: bool) -> None:
    """Show what an account holds.

    `native` is the bank's own number where its documentation states no unit.
    """
    with Bank(bank) as client:
        held = client.accounts.balance(account_id)
    show_record(balance_fields(held), as_json=as_json)


@accounts.command()
@_account_argument
@yes_option
@bank_option
@json_option
def close(*, account_id: str, yes: bool, bank: str, as_json: bool) -> None:
    """Close an account. Most banks require that it is empty."""
    with Bank(bank) as client:
        if not yes:
            confirm(
                f"Close account {account_id} at {client.capabilities.title}?",
                action="close it without a question",
                declined="nothing was closed",
            )
        account = client.accounts.close(account_id)
    with note_if_output_fails(f"account {account_id} was closed"):
        show_record(_fields(account, reveal=False), as_json=as_json)


def _fields(account: Account, *, reveal: bool) -> dict[str, Any]:
    return fields_of(account, (*FIELDS, *PERSONAL) if reveal else FIELDS)


def balance_fields(held: Balance) -> dict[str, Any]:
    """Return the fields of a balance to show."""
    names = (field.name for field in attrs.fields(Balance) if field.name != "raw")
    return fields_of(held, names)
