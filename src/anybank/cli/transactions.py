"""`anybank transactions`: the money that moves on accounts."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import click

from ..client import Bank
from ..model.transactions import Transaction, TransactionStatus
from .options import bank_option, json_option, limit_option
from .records import fields_of, show_record, show_records
from .times import since_option, until_option

FIELDS = (
    "id",
    "account_id",
    "amount",
    "native_amount",
    "currency",
    "kind",
    "native_kind",
    "status",
    "native_status",
    "occurred_at",
    "posted_at",
    "posted_on",
    "balance_after",
)
PERSONAL = ("counterparty", "description")
_COLUMNS = ("id", "occurred_at", "amount", "kind")

_reveal_option = click.option(
    "--reveal", is_flag=True, help="Also show the counterparty and the description."
)


@click.group()
def transactions() -> None:
    """List and read the transactions on accounts.

    An amount is positive for money into the account and negative for money out of it.
    Credentials come from the environment.
    """


@transactions.command(name="list")
@click.option(
    "--account", metavar="ID", help="Only list the transactions of this account."
)
@since_option
@until_option
@click.option(
    "--pending",
    is_flag=True,
    help="List the pending transactions, not the posted ones.",
)
@limit_option
@bank_option
@_reveal_option
@json_option
def list_(  # one parameter for each option
    *,
    account: str | None,
    since: datetime | None,
    until: datetime | None,
    pending: bool,
    limit: int | None,
    bank: str,
    reveal: bool,
    as_json: bool,
) -> None:
    """List the posted transactions; with --json, one object per line.

    TIME has a zone: 2024-03-01T00:00Z or 2024-03-01T00:00-05:00.
    """
    status = TransactionStatus.PENDING if pending else TransactionStatus.POSTED
    with Bank(bank) as client:
        listing = client.transactions.list(
            account_id=account, since=since, until=until, status=status
        )
        fields = (
            _fields(transaction, reveal=reveal)
            for transaction in itertools.islice(listing, limit)
        )
        columns = [*_COLUMNS, *([] if account else ["account_id"])]
        columns += PERSONAL if reveal else []
        show_records(fields, columns, as_json=as_json)


@transactions.command()
@click.argument("transaction_id")
@click.option(
    "--account",
    metavar="ID",
    help="The account of the transaction, which some banks require. The command fails if the transaction belongs to another one.",
)
@bank_option
@_reveal_option
@json_option
def get(
    *, transaction_id: str, account: str | None, bank: str, reveal: bool, as_json: bool
) -> None:
    """Show a transaction.

    `native_amount` is the bank's own number where its documentation states no unit.
    """
    with Bank(bank) as client:
        transaction = client.transactions.get(transaction_id, account)
    show_record(_fields(transaction, reveal=reveal), as_json=as_json)


def _fields(transaction: Transaction, *, reveal: bool) -> dict[str, Any]:
    return fields_of(transaction, (*FIELDS, *PERSONAL) if reveal else FIELDS)
