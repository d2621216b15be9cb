"""KYC at Bond: the verification of a customer for a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import evolve, frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Flow, Json, present, segment
from anybank.errors import ProviderError
from anybank.model import operations as ask
from anybank.model.kyc import KycCheck, KycDocument, KycStatus, StartKyc
from anybank.model.times import read_time

from .customers import phone
from .errors import Code

# Source: Bond docs, "KYC state machine", https://docs.bond.tech/docs/kyc-state-machine
STATUSES: Mapping[str, KycStatus] = {
    "submitted": KycStatus.SUBMITTED,
    "passed": KycStatus.PASSED,
    "failed": KycStatus.FAILED,
    "document_required": KycStatus.DOCUMENTS_REQUIRED,
    # Other pages write the plural (bond.md §13, row 39).
    "documents_required": KycStatus.DOCUMENTS_REQUIRED,
    "under_review": KycStatus.UNDER_REVIEW,
    "error": KycStatus.ERROR,
    "expired": KycStatus.EXPIRED,
}

# The time is part of a sentence whose wording no page shows, so it is searched for. One
# page prints a dash between date and time (bond.md §13, row 2).
_TIME = re.compile(r"\d{4}-\d\d-\d\d[-T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_CONFLICT = 409
# "KYC state machine" gives 409 for a verification under way. The status of the other
# refusals is not shown, so they are recognised under any of these.
_REFUSALS = (400, 403, _CONFLICT)


@frozen(kw_only=True)
class WireDocument:
    """A document that Bond asks the customer for."""

    document_type: str
    status: str | None = None
    upload_link: str | None = None


@frozen(kw_only=True)
class WireKyc:
    """The state of a verification as Bond sends it.

    Source: Atelio docs, "Start KYC process". `kyc_requests_available` is shown in
    customers, and read here where Bond adds it.
    """

    customer_id: str | None = None
    kyc_status: str
    kyc_requests_available: int | None = None
    # Atelio docs, "Upload KYC documentation": the customer opens each upload_link.
    documents: list[WireDocument] | None = None


def kyc_check(raw: Json, customer_id: str, program_id: str | None) -> KycCheck:
    """Read the state of a verification."""
    wire = read(raw, WireKyc)
    return KycCheck(
        customer_id=wire.customer_id or customer_id,
        program_id=program_id,
        status=STATUSES.get(word(wire.kyc_status), KycStatus.UNKNOWN),
        native_status=wire.kyc_status,
        documents=tuple(map(document, wire.documents or ())),
        attempts_left=wire.kyc_requests_available,
        raw=raw,
    )


@frozen(kw_only=True)
class WireAttempts:
    """What a customer says of verifications. Source: Bond docs, "Managing customers"."""

    kyc_requests_available: int | None = None


# After these three the caller decides whether to start again.
_OVER = (KycStatus.FAILED, KycStatus.ERROR, KycStatus.EXPIRED)


def lacks_attempts(check: KycCheck) -> bool:
    """Return whether a verification is over and does not say how many may follow."""
    return check.status in _OVER and check.attempts_left is None


def with_attempts(check: KycCheck, customer: Json) -> KycCheck:
    """Return a verification with the attempts that its customer has left."""
    wire = read(customer, WireAttempts)
    return evolve(check, attempts_left=wire.kyc_requests_available)


def not_started(customer_id: str, program_id: str) -> KycCheck:
    """Return the state of a verification that Bond does not have."""
    return KycCheck(
        customer_id=customer_id, program_id=program_id, status=KycStatus.NOT_STARTED
    )


def document(wire: WireDocument) -> KycDocument:
    """Return the neutral document of a wire document."""
    return KycDocument(
        kind=wire.document_type, status=wire.status, upload_link=wire.upload_link
    )


def word(status: str) -> str:
    """Return a status in the form that the API sends."""
    # The tables of "KYC state machine" print "document required", the samples
    # "document_required".
    return status.strip().lower().replace(" ", "_")


def start(start: StartKyc) -> Json:
    """Write a verification to start."""
    # The sample of "Performing KYC" sends `ip: ""`, which is not an IPv4 address. An
    # unknown address is left out.
    return present(
        program_id=start.program_id,
        ssn=start.ssn and start.ssn.dashed(),
        **(phone(start.phone) if start.phone else {}),
        email=start.email,
        ip=start.ip,
    )


def existing(
    error: ProviderError,
    query: ask.StartKycCheck,
    read_kyc: Callable[[ask.GetKycCheck], Flow[KycCheck]],
) -> Flow[KycCheck | None]:
    """Read the verification that a refused start refers to; None if there is none."""
    # A refusal that names fields is about the request and says nothing of an earlier
    # one.
    if error.status not in _REFUSALS or error.field_errors:
        return None
    question = ask.GetKycCheck(
        customer_id=query.customer_id, program_id=query.start.program_id
    )
    try:
        check = yield from read_kyc(question)
    # The refusal of the start is the answer that the caller needs. A failed read of the
    # status adds nothing to it.
    except ProviderError:
        return None
    # The state is that of the program of the start: a pass under another program is not
    # a pass under this one.
    if check.status is KycStatus.PASSED:
        return evolve(check, passed_at=time_in(error.message))
    # "KYC state machine": 409 while a verification is under way. "Performing KYC": the
    # code idempotency_key_exists for a repeated key, under a status that it does not
    # show. Either of them proves that the first start arrived, if a status exists.
    is_repeat = error.status == _CONFLICT or error.code == Code.IDEMPOTENCY_KEY_EXISTS
    is_started = check.status is not KycStatus.NOT_STARTED
    return check if is_repeat and is_started else None


def time_in(message: str) -> datetime | None:
    """Return the time in a refusal's message."""
    # "Performing KYC": a start after a pass fails with the time of that pass.
    match = _TIME.search(message)
    return read_time(match[0]) if match else None


def path(customer_id: str) -> str:
    """Return the path of a customer's verification."""
    return f"/customers/{segment(customer_id)}/verification-kyc"
