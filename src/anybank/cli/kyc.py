"""`anybank kyc`: the verification of customers."""

from __future__ import annotations

import mimetypes
from typing import Any, BinaryIO, TextIO

import click

from .._engine.files import DOCUMENT, size
from ..client import Bank
from ..model.kyc import KycCheck, NewKycDocument, StartKyc
from .json_input import read_document, read_value
from .options import bank_option, file_argument, json_option
from .output import emit_json, table
from .standard_streams import note_if_output_fails

_program_option = click.option(
    "--program", metavar="ID", help="The vendor's program to verify the customer for."
)
_UNKNOWN_TYPE = "application/octet-stream"
_customer_argument = click.argument("customer_id")


@click.group()
def kyc() -> None:
    """Verify customers, and check the status of a verification.

    Credentials come from the environment.
    """


@kyc.command()
@_customer_argument
@file_argument
@bank_option
@json_option
def start(*, customer_id: str, file: TextIO, bank: str, as_json: bool) -> None:
    """Start to verify a customer with the data in FILE.

    FILE is JSON, or `-` for stdin: {"program_id": "...", "ssn": "...", "email": "...",
    "phone": "+1...", "idempotency_key": "..."}. The bank uses the customer's stored data
    for what FILE leaves out. To try again after a failure, use a new idempotency_key.
    """
    with Bank(bank) as client:
        check = client.kyc.start(
            customer_id, read_value(StartKyc, read_document(file), client.capabilities)
        )
    with note_if_output_fails(f"the verification of {customer_id} was started"):
        _show(check, as_json=as_json)


@kyc.command()
@_customer_argument
@_program_option
@bank_option
@json_option
def get(*, customer_id: str, program: str | None, bank: str, as_json: bool) -> None:
    """Show the status of a customer's verification."""
    with Bank(bank) as client:
        _show(client.kyc.get(customer_id, program_id=program), as_json=as_json)


@kyc.command(name="upload-document")
@click.argument("file", type=click.File("rb"))
@click.option("--kind", required=True, help="What FILE shows, such as passport.")
@click.option("--customer", metavar="ID", help="The customer whom FILE is about.")
@click.option(
    "--media-type",
    metavar="TYPE",
    help="The media type of FILE, such as image/jpeg. Default: by the name of FILE.",
)
@bank_option
@json_option
def upload_document(
    *,
    file: BinaryIO,
    kind: str,
    customer: str | None,
    media_type: str | None,
    bank: str,
    as_json: bool,
) -> None:
    """Upload FILE, a scan or photo of a document; `-` is stdin.

    Without --customer, FILE is for a customer who does not exist yet: create the
    customer with the returned id as the document_id of a government id.
    """
    guessed = media_type or mimetypes.guess_type(file.name)[0] or _UNKNOWN_TYPE
    content = file.read(DOCUMENT + 1)
    if len(content) > DOCUMENT:
        raise click.UsageError(f"FILE is larger than {size(DOCUMENT)}")
    new = NewKycDocument(kind=kind, content=content, media_type=guessed)
    with Bank(bank) as client:
        document = client.kyc.upload_document(customer, new)
    with note_if_output_fails(f"the file {document.id} was uploaded"):
        fields = {"id": document.id, "kind": document.kind, "status": document.status}
        if as_json:
            emit_json(fields)
        else:
            rows = [(name, _text(value)) for name, value in fields.items()]
            table("", ("field", "value"), rows)


@kyc.command(short_help="Wait until the verification is decided.")
@_customer_argument
@_program_option
@click.option(
    "--timeout",
    type=float,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait.",
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
    """Wait until the verification is decided or the customer must hand in documents."""
    with Bank(bank) as client:
        check = client.kyc.wait(customer_id, program_id=program, timeout=timeout)
    _show(check, as_json=as_json)


def _show(check: KycCheck, *, as_json: bool) -> None:
    fields: dict[str, Any] = {
        "customer_id": check.customer_id,
        "program_id": check.program_id,
        "status": check.status,
        "native_status": check.native_status,
        "documents": [document.kind for document in check.documents],
        "document_ids": [each.id for each in check.documents if each.id],
        "attempts_left": check.attempts_left,
        "passed_at": check.passed_at,
    }
    if as_json:
        emit_json(fields)
        return
    rows = [(name, _text(value)) for name, value in fields.items()]
    table("", ("field", "value"), rows)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)
