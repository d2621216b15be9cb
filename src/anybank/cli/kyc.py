"""`anybank kyc`: the verification of customers."""

from __future__ import annotations

from typing import Any, TextIO

import click

from ..client import Bank
from ..model.kyc import KycCheck
from .check import document_argument
from .customers import bank_option, json_option
from .documents import read_document, start_kyc
from .output import emit_json, table
from .streams import reporting

_program = click.option(
    "--program", metavar="ID", help="The vendor's program to verify for."
)
_customer = click.argument("customer_id")


@click.group()
def kyc() -> None:
    """Verify customers, and read how far that has come.

    Credentials come from the environment.
    """


@kyc.command()
@_customer
@document_argument
@bank_option
@json_option
def start(*, customer_id: str, file: TextIO, bank: str, as_json: bool) -> None:
    """Start verifying a customer with what FILE says.

    FILE is JSON, or `-` for stdin: {"program_id": "...", "ssn": "...", "email": "...",
    "phone": "+1...", "idempotency_key": "..."}. The customer's stored data are used for
    what it leaves out. A new attempt after a failed one takes a new idempotency_key.
    """
    with Bank(bank) as opened:
        started = opened.kyc.start(customer_id, start_kyc(read_document(file)))
    with reporting(f"the verification of {customer_id} was started"):
        _show(started, as_json=as_json)


@kyc.command()
@_customer
@_program
@bank_option
@json_option
def get(*, customer_id: str, program: str | None, bank: str, as_json: bool) -> None:
    """Show where the verification of a customer stands."""
    with Bank(bank) as opened:
        _show(opened.kyc.get(customer_id, program_id=program), as_json=as_json)


@kyc.command()
@_customer
@_program
@click.option(
    "--timeout", type=float, default=300.0, show_default=True, help="Seconds to wait."
)
@bank_option
@json_option
def wait(
    *,
    customer_id: str,
    program: str | None,
    timeout: float,
    bank: str,
    as_json: bool,
) -> None:
    """Wait until the verification is decided, or wants something of the customer."""
    with Bank(bank) as opened:
        found = opened.kyc.wait(customer_id, program_id=program, timeout=timeout)
    _show(found, as_json=as_json)


def _show(found: KycCheck, *, as_json: bool) -> None:
    told: dict[str, Any] = {
        "customer_id": found.customer_id,
        "program_id": found.program_id,
        "status": found.status,
        "native_status": found.native_status,
        "documents": [document.kind for document in found.documents],
        "attempts_left": found.attempts_left,
        "passed_at": found.passed_at,
    }
    if as_json:
        emit_json(told)
        return
    rows = [(name, _text(value)) for name, value in told.items()]
    table("", ("field", "value"), rows)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
