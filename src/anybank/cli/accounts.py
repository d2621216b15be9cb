"""`anybank accounts`: the accounts of customers and their balances."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any, TextIO

import attrs
import click

from ..client import Bank
from ..model.accounts import Account, Balance
from ..model.money import Money
from .json_input import new_account, read_document
from .options import (
    bank_option,
    confirm,
    file_argument,
    json_option,
    limit_option,
    yes_option,
)
from .output import emit_json, table
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
    "routing_number",
    "account_number",
    "opened_at",
    "closed_at",
)
"""The fields to show; the account number masks itself."""
PERSONAL = ("name",)
_COLUMNS = ("id", "kind", "native_kind", "status", "currency", "account_number")

_account_argument = click.argument("account_id")
_reveal_option = click.option(
    "--reveal",
    is_flag=True,
    help="Also show the name. The account number stays masked.",
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
        account = client.accounts.create(new_account(read_document(file)))
    with note_if_output_fails(f"account {account.id} was opened"):
        _show(_fields(account, reveal=reveal), as_json=as_json)


@accounts.command()
@_account_argument
@bank_option
@_reveal_option
@json_option
def get(*, account_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show an account."""
    with Bank(bank) as client:
        account = client.accounts.get(account_id)
    _show(_fields(account, reveal=reveal), as_json=as_json)


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
        fields = [
            _fields(account, reveal=False)
            for account in itertools.islice(listing, limit)
        ]
    if as_json:
        for each in fields:
            emit_json(each, indent=None)
        return
    table("", _COLUMNS, [[_text(each[name]) for name in _COLUMNS] for each in fields])


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
    _show(balance_fields(held), as_json=as_json)


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
        _show(_fields(account, reveal=False), as_json=as_json)


def _fields(account: Account, *, reveal: bool) -> dict[str, Any]:
    names = (*FIELDS, *PERSONAL) if reveal else FIELDS
    fields = {name: getattr(account, name) for name in names}
    return {**fields, "customer_ids": list(account.customer_ids)}


def balance_fields(held: Balance) -> dict[str, Any]:
    """Return the fields of a balance to show; a decimal is a text, as in to_dict."""
    fields = {
        field.name: getattr(held, field.name)
        for field in attrs.fields(Balance)
        if field.name != "raw"
    }
    native: Decimal | None = held.native
    return {**fields, "native": None if native is None else str(native)}


def _show(fields: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit_json(fields)
        return
    table("", ("field", "value"), [(name, _text(fields[name])) for name in fields])


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
