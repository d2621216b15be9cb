"""`anybank customers`: read and write the customers of a bank, one call at a time."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

import attrs
import click

from ..client import Bank
from ..model._fields import is_personal
from ..model.customers import Customer, CustomerChanges, NewCustomer
from ..sensitive import Sensitive
from .error_messages import describe_issue
from .json_input import read_document, read_value
from .options import (
    accept_loss_option,
    bank_option,
    confirm,
    file_argument,
    json_option,
    kyc_passed_option,
    limit_option,
    yes_option,
)
from .output import emit_json, line, plain, table, warn
from .progress import progress
from .records import as_text
from .standard_streams import note_if_output_fails

_reveal_option = click.option(
    "--reveal", is_flag=True, help="Also show personal data. The SSN stays masked."
)
Command = Callable[..., None]


def _output_options(command: Command) -> Command:
    """Add the options of every command that shows customers."""
    return bank_option(_reveal_option(json_option(command)))


@click.group()
def customers() -> None:
    """Create, read, update and delete customers at a bank.

    Credentials come from the environment (`anybank capabilities BANK` lists the
    variables). Personal data is shown only with --reveal.

    FILE is JSON in neutral names, or `-` for stdin. There is deliberately no option for a
    social security number: arguments stay in the shell's history, and other users of the
    machine can see them.
    """


@customers.command()
@click.argument("customer_id")
@_output_options
def get(*, customer_id: str, bank: str, reveal: bool, as_json: bool) -> None:
    """Show a customer."""
    with Bank(bank) as client:
        _show(client.customers.get(customer_id), reveal=reveal, as_json=as_json)


@customers.command(name="list")
@limit_option
@_output_options
def list_(*, bank: str, limit: int | None, reveal: bool, as_json: bool) -> None:
    """List customers; with --json, one object per line."""
    _warn_if_revealed(reveal=reveal)
    with Bank(bank) as client:
        # Kept apart from the limited view of it: the number of records without an id is
        # counted while it is read.
        listing = client.customers.list()
        limited = itertools.islice(listing, limit)
        if as_json:
            _show_lines(fields_of(customer, reveal=reveal) for customer in limited)
        elif reveal:
            _show_each(limited)
        else:
            _show_table(limited)
    # After the list, since the count is complete only then.
    if listing.without_id:
        warn(f"warning: records left out without a usable id: {listing.without_id:,}")


@customers.command()
@file_argument
@accept_loss_option
@_output_options
def create(
    *,
    bank: str,
    file: TextIO,
    accepted: Sequence[str],
    reveal: bool,
    as_json: bool,
) -> None:
    """Create a customer from a JSON file.

    Check the file first with `anybank check BANK FILE`. Include an external_id, which is
    your own id: with it you can look for the customer if the bank's response is lost.
    """
    with Bank(bank) as client:
        new = read_value(NewCustomer, read_document(file), client.capabilities)
        # The Bank is closed before anything is printed: a failed print must not look
        # like a failed create.
        customer = client.customers.create(new, accept_loss=accepted)
    with note_if_output_fails(f"customer {customer.id} was created"):
        _show(customer, reveal=reveal, as_json=as_json)


@customers.command()
@click.argument("customer_id")
@file_argument
@kyc_passed_option
@accept_loss_option
@_output_options
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
    """Update a customer with the fields in FILE.

    null clears a field, and a list replaces the previous list. Fields that FILE does not
    name stay unchanged.
    """
    with Bank(bank) as client:
        changes = read_value(CustomerChanges, read_document(file), client.capabilities)
        # `or None`: without the option it is unknown whether the customer has passed
        # KYC, and False would state that they have not.
        customer = client.customers.update(
            customer_id, changes, kyc_passed=kyc_passed or None, accept_loss=accepted
        )
    with note_if_output_fails(f"customer {customer_id} was updated"):
        _show(customer, reveal=reveal, as_json=as_json)


@customers.command()
@click.argument("customer_id")
@bank_option
@yes_option
def delete(*, customer_id: str, bank: str, yes: bool) -> None:
    """Delete a customer. This cannot be undone."""
    with Bank(bank) as client:
        if not yes:
            confirm(
                f"Delete customer {customer_id} at {client.capabilities.title}?",
                action="delete",
                declined="nothing was deleted",
            )
        client.customers.delete(customer_id)
    with note_if_output_fails(f"customer {customer_id} was deleted"):
        line(f"deleted: {customer_id}")


_SHOWN_OTHERWISE = (
    *("account_ids", "unreadable", "origin", "issues", "never_returned", "raw"),
)
"""`accounts` counts the first, the second is shown if there is one, the others never."""
_FIELDS = [f for f in attrs.fields(Customer) if f.name not in _SHOWN_OTHERWISE]


def fields_of(customer: Customer, *, reveal: bool) -> dict[str, Any]:
    """Return the fields of a customer to show; *reveal* includes personal data.

    Social security and document numbers stay masked, and `raw` is left out.
    """
    public = {
        field.name: getattr(customer, field.name)
        for field in _FIELDS
        if not is_personal(field)
    }
    fields = {**public, "accounts": len(customer.account_ids)}
    if customer.unreadable:
        fields["unreadable"] = list(customer.unreadable)
    personal = {
        field.name: _neutral(getattr(customer, field.name))
        for field in _FIELDS
        if is_personal(field)
    }
    if reveal:
        return {**fields, **personal}
    # How many e-mails or addresses there are reveals nobody, and helps to see what is
    # missing.
    lists = {name: items for name, items in personal.items() if isinstance(items, list)}
    return {**fields, **{name: len(items) for name, items in lists.items()}}


def _neutral(value: Any) -> Any:
    """Return a value without the vendor's own words for parts of it, masked if sensitive."""
    if isinstance(value, Sensitive):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [_neutral(item) for item in value]
    if not attrs.has(type(value)):
        return value
    names = (field.name for field in attrs.fields(type(value)))
    hidden = ("native_kind", "unreadable")
    return {name: getattr(value, name) for name in names if name not in hidden}


def _show(customer: Customer, *, reveal: bool, as_json: bool) -> None:
    _warn_if_revealed(reveal=reveal)
    for issue in customer.issues:
        warn(f"note: {describe_issue(issue)}")
    fields = fields_of(customer, reveal=reveal)
    if as_json:
        emit_json(fields)
    else:
        _show_fields(fields)


def _show_fields(fields: Mapping[str, Any]) -> None:
    rows = [(name, _text(value)) for name, value in fields.items()]
    table("", ("field", "value"), rows)


def _warn_if_revealed(*, reveal: bool) -> None:
    # A pipe or a file has no scrollback to clear.
    if reveal and sys.stdout.isatty():
        warn("warning: the output contains personal data; clear this screen afterwards")


def _text(value: Any) -> str:
    """Return a value for one cell: a list with one item per line, an object's values.

    A member of an object that is True stands with its name, such as `primary`.
    """
    if isinstance(value, (list, tuple)):
        return "\n".join(map(_text, value))
    if attrs.has(type(value)):
        members = plain(value).items()
        return ", ".join(name if it is True else str(it) for name, it in members if it)
    return as_text(value)


def _show_lines(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        emit_json(row, indent=None)


def _show_each(listing: Iterable[Customer]) -> None:
    for customer in listing:
        _show_fields(fields_of(customer, reveal=True))


def _show_table(listing: Iterable[Customer]) -> None:
    rows = []
    with progress("customers") as report:
        for count, customer in enumerate(listing, start=1):
            created = customer.created_at and customer.created_at.date()
            rows.append((customer.id, customer.external_id, created))
            report(count, None, "customers")
    table("", ("id", "external_id", "created"), rows)
