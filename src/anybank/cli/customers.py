"""`anybank customers`: the customers of a bank, a call at a time."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

import click

from ..client import Bank
from ..model.customers import Customer
from .check import accept_loss, document_argument
from .documents import customer_changes, new_customer, read_document, shown
from .output import emit_json, line, plain, progress, table, warn
from .streams import reporting

bank_option = click.option(
    "--bank", required=True, metavar="NAME", help="The bank: see `anybank providers`."
)
reveal_option = click.option(
    "--reveal",
    is_flag=True,
    help="Show personal data too, the SSN masked all the same.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Write JSON.")
Command = Callable[..., None]


def _showing(command: Command) -> Command:
    """Add what every command has that shows customers."""
    return bank_option(reveal_option(json_option(command)))


@click.group()
def customers() -> None:
    """Read and write customers at a bank.

    Credentials come from the environment (`anybank capabilities BANK` lists the
    variables). Personal data is shown with --reveal alone.

    FILE is JSON in neutral names, or `-` for stdin. There is no option for a social
    security number on purpose: arguments stay in the shell's history and are seen by
    everybody on the machine.
    """


@customers.command()
@click.argument("customer_id")
@_showing
def get(*, customer_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show the customer with an id."""
    with Bank(bank) as opened:
        _show(opened.customers.get(customer_id), reveal=reveal, as_json=as_json)


@customers.command(name="list")
@click.option("--limit", type=click.IntRange(1), help="Stop after so many.")
@_showing
def list_(*, bank: str, limit: int | None, reveal: bool, as_json: bool) -> None:
    """List customers; with --json, one object a line."""
    _warn(reveal=reveal)
    with Bank(bank) as opened:
        listing = opened.customers.list()
        found = itertools.islice(listing, limit)
        if as_json:
            _lines(shown(customer, reveal=reveal) for customer in found)
        elif reveal:
            _each(found)
        else:
            _table(found)
    if listing.without_id:
        warn(
            f"warning: {listing.without_id:,} records have no usable id and are left out"
        )


@customers.command()
@document_argument
@accept_loss
@_showing
def create(
    *,
    bank: str,
    file: TextIO,
    accepted: Sequence[str],
    reveal: bool,
    as_json: bool,
) -> None:
    """Make a customer of FILE.

    Check it first with `anybank check BANK FILE`. Give it an external_id: your own id,
    by which it can be found again if the answer is lost.
    """
    with Bank(bank) as opened:
        new = new_customer(read_document(file), opened.capabilities)
        made = opened.customers.create(new, accept_loss=accepted)
    with reporting(f"customer {made.id} was created"):
        _show(made, reveal=reveal, as_json=as_json)


@customers.command()
@click.argument("customer_id")
@document_argument
@click.option("--kyc-passed", is_flag=True, help="The customer has passed KYC.")
@accept_loss
@_showing
def update(
    *,
    bank: str,
    customer_id: str,
    file: TextIO,
    kyc_passed: bool,
    accepted: Sequence[str],
    reveal: bool,
    as_json: bool,
) -> None:
    """Change what FILE names of a customer.

    null clears a field, and a list replaces what was there.
    """
    with Bank(bank) as opened:
        changes = customer_changes(read_document(file), opened.capabilities)
        changed = opened.customers.update(
            customer_id, changes, kyc_passed=kyc_passed or None, accept_loss=accepted
        )
    with reporting(f"customer {customer_id} was changed"):
        _show(changed, reveal=reveal, as_json=as_json)


@customers.command()
@click.argument("customer_id")
@bank_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, customer_id: str, bank: str, yes: bool) -> None:
    """Delete a customer; it cannot be undone."""
    with Bank(bank) as opened:
        if not yes:
            _confirm(f"Delete customer {customer_id} at {opened.capabilities.title}?")
        opened.customers.delete(customer_id)
    with reporting(f"customer {customer_id} was deleted"):
        line(f"deleted: {customer_id}")


def _confirm(question: str) -> None:
    """Ask whoever is there, and go no further without a yes."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: give --yes to delete")
    if not click.confirm(question, err=True):
        raise click.ClickException("nothing was deleted")


def _show(customer: Customer, *, reveal: bool, as_json: bool) -> None:
    _warn(reveal=reveal)
    for issue in customer.issues:
        warn(f"note: {issue}")
    found = shown(customer, reveal=reveal)
    if as_json:
        emit_json(found)
    else:
        _fields(found)


def _fields(found: Mapping[str, Any]) -> None:
    rows = [(name, _text(value)) for name, value in found.items()]
    table("", ("field", "value"), rows)


def _warn(*, reveal: bool) -> None:
    if reveal and sys.stdout.isatty():
        warn("warning: personal data follows; clear this screen afterwards")


def _text(value: Any) -> str:
    """Say a field in one cell: a list an item a line, an object by its values."""
    told = plain(value)
    if isinstance(told, list):
        return "\n".join(_text(each) for each in told)
    if isinstance(told, dict):
        return ", ".join(map(str, filter(None, told.values())))
    return "" if told is None else str(told)


def _lines(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        emit_json(row, indent=None)


def _each(found: Iterable[Customer]) -> None:
    for customer in found:
        _fields(shown(customer, reveal=True))


def _table(found: Iterable[Customer]) -> None:
    rows = []
    with progress("customers") as report:
        for count, customer in enumerate(found, start=1):
            created = customer.created_at and customer.created_at.date()
            rows.append((customer.id, customer.external_id, created))
            report(count, None, "customers")
    table("", ("id", "external_id", "created"), rows)
