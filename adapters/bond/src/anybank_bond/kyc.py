"""KYC at Bond: the verification of a customer for a program."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import evolve, frozen

from anybank.adapter.converter import (
    build,
    neutral,
    neutral_id,
    read,
    reads,
    write,
    writes,
)
from anybank.adapter.wire import Flow, Json, segment
from anybank.declaration import optional, required
from anybank.errors import ProviderError
from anybank.model import operations as ask
from anybank.model.kyc import KycCheck, KycStatus, StartKyc
from anybank.model.times import read_time
from anybank.sensitive import Ssn

from .customers import COUNTRY_CODE, national
from .errors import Code
from .sources import KYC, KYC_DOCS

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

    document_type: str = neutral_id("kind")
    status: str | None = neutral("status")
    upload_link: str | None = neutral("upload_link")


# "KYC state machine": the documents, attempts and time are shown in some states only.
@reads(KycCheck, KYC_DOCS)
@frozen(kw_only=True)
class WireKyc:
    """The state of a verification as Bond sends it.

    Source: Atelio docs, "Start KYC process". `kyc_requests_available` is shown in
    customers, and read here where Bond adds it.
    """

    customer_id: str | None = neutral("customer_id")
    kyc_status: str = neutral_id("native_status")
    kyc_requests_available: int | None = neutral("attempts_left")
    # Atelio docs, "Upload KYC documentation": the customer opens each upload_link.
    documents: list[WireDocument] | None = neutral("documents")


@writes(StartKyc, KYC, {"idempotency_key": optional()})
@frozen(kw_only=True)
class WireStart:
    """A verification to start."""

    program_id: str | None = neutral("program_id", required())
    # The table calls it optional, the error sample required.
    ssn: str | None = neutral(
        "ssn",
        optional(note="required unless the customer has one stored"),
        write=Ssn.dashed,
    )
    phone: str | None = neutral("phone", optional(), write=national)
    phone_country_code: str | None = neutral("phone", optional(), write=COUNTRY_CODE)
    email: str | None = neutral("email", optional())
    # The sample of "Performing KYC" sends `ip: ""`, which is not an IPv4 address. An
    # unknown address is left out.
    ip: str | None = neutral(
        "ip", optional(pattern=r"[0-9]{1,3}(\.[0-9]{1,3}){3}", pattern_note="IPv4")
    )


def kyc_check(raw: Json, customer_id: str, program_id: str | None) -> KycCheck:
    """Read the state of a verification."""
    wire = read(raw, WireKyc)
    return build(
        KycCheck,
        wire,
        raw,
        customer_id=wire.customer_id or customer_id,
        program_id=program_id,
        status=STATUSES.get(word(wire.kyc_status), KycStatus.UNKNOWN),
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


def word(status: str) -> str:
    """Return a status in the form that the API sends."""
    # The tables of "KYC state machine" print "document required", the samples
    # "document_required".
    return status.strip().lower().replace(" ", "_")


def start(start: StartKyc) -> Json:
    """Write a verification to start."""
    return write(WireStart, start)


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
