"""`anybank events`: the events of a bank, and the deliveries of its webhooks."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import click

from .. import webhooks
from .._engine.references import resolve_reference
from ..client import Bank
from ..model.events import Event
from ..model.unset import UNSET
from .delivery_file import read_delivery
from .options import bank_option, json_option, limit_option
from .records import fields_of, show_record, show_records
from .times import since_option, until_option

FIELDS = (
    "provider",
    "id",
    "kind",
    "native_kind",
    "object_id",
    "customer_id",
    "account_id",
    "transaction_id",
    "application_id",
    "occurred_at",
    "dedupe_key",
)
_COLUMNS = ("id", "occurred_at", "kind", "object_id")


@click.group()
def events() -> None:
    """List the events that a bank has recorded, and verify webhook deliveries.

    Credentials come from the environment.
    """


@events.command(name="list")
@click.option(
    "--object",
    "object_id",
    metavar="ID",
    help="Only list the events about this object.",
)
@since_option
@until_option
@limit_option
@bank_option
@json_option
def list_(
    *,
    object_id: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    bank: str,
    as_json: bool,
) -> None:
    """List events; with --json, one object per line.

    TIME has a zone: 2024-03-01T00:00Z or 2024-03-01T00:00-05:00.
    """
    with Bank(bank) as client:
        listing = client.events.list(since=since, until=until, object_id=object_id)
        fields = map(_fields, itertools.islice(listing, limit))
        show_records(fields, _COLUMNS, as_json=as_json)


@events.command()
@click.argument("event_id")
@bank_option
@json_option
def get(*, event_id: str, bank: str, as_json: bool) -> None:
    """Show an event."""
    with Bank(bank) as client:
        event = client.events.get(event_id)
    show_record(_fields(event), as_json=as_json)


@events.command()
@click.argument("delivery")
@click.option(
    "--secret",
    "references",
    required=True,
    multiple=True,
    metavar="REFERENCE",
    help="The secret of the subscription, as env:NAME or file:PATH. Repeatable, while a "
    "secret is being replaced.",
)
@click.option(
    "--any-age",
    is_flag=True,
    help="Accept a delivery that is older than the bank retries.",
)
@bank_option
@json_option
def verify(
    *,
    delivery: str,
    references: tuple[str, ...],
    any_age: bool,
    bank: str,
    as_json: bool,
) -> None:
    """Verify a webhook delivery and show its events, without a request.

    DELIVERY is a file, or `-` for stdin: one header a line, an empty line, and the body
    exactly as it arrived. With --json, one object per line.
    """
    secrets = [_secret(reference) for reference in references]
    received = read_delivery(delivery)
    verified = webhooks.verify_all(
        bank,
        received.headers,
        received.body,
        secret=secrets,
        tolerance=None if any_age else UNSET,
    )
    show_records(map(_fields, verified), _COLUMNS, as_json=as_json)


def _secret(reference: str) -> str:
    """Return a secret. Refuse the secret itself, which other users could see."""
    if not reference.startswith(("env:", "file:")):
        raise click.UsageError(
            "pass --secret as env:NAME or file:PATH: other users of this machine can see "
            "the arguments of a command"
        )
    return resolve_reference(reference, "--secret")


def _fields(event: Event) -> dict[str, Any]:
    return fields_of(event, FIELDS)
