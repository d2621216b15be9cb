"""Verification at Bond (bond.md §4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json, present
from anybank.model.kyc import KycCheck, KycDocument, KycStatus, StartKyc
from anybank.model.times import read_time

from .customers import phone

STATUSES: Mapping[str, KycStatus] = {
    "submitted": KycStatus.SUBMITTED,
    "passed": KycStatus.PASSED,
    "failed": KycStatus.FAILED,
    "document_required": KycStatus.DOCUMENTS_REQUIRED,
    "documents_required": KycStatus.DOCUMENTS_REQUIRED,
    "under_review": KycStatus.UNDER_REVIEW,
    "error": KycStatus.ERROR,
    "expired": KycStatus.EXPIRED,
}

_TIME = re.compile(r"\d{4}-\d\d-\d\d[-T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")


@frozen(kw_only=True)
class WireDocument:
    """A document that Bond asks for."""

    document_type: str
    status: str | None = None
    upload_link: str | None = None


@frozen(kw_only=True)
class WireKyc:
    """Where a verification stands, as Bond sends it (§4.1)."""

    customer_id: str | None = None
    kyc_status: str
    kyc_requests_available: int | None = None
    documents: list[WireDocument] | None = None


def kyc_check(raw: Json, customer_id: str, program_id: str | None) -> KycCheck:
    """Read where a verification stands."""
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


def document(wire: WireDocument) -> KycDocument:
    """Read a document that is asked for."""
    return KycDocument(
        kind=wire.document_type, status=wire.status, upload_link=wire.upload_link
    )


def word(said: str) -> str:
    """Return a status as the API writes it; its tables print spaces (row 39)."""
    return said.strip().lower().replace(" ", "_")


def start(start: StartKyc) -> Json:
    """Write what a verification starts with; an unknown `ip` is left out (row 54)."""
    return present(
        program_id=start.program_id,
        ssn=start.ssn and start.ssn.dashed(),
        **(phone(start.phone) if start.phone else {}),
        email=start.email,
        ip=start.ip,
    )


def time_in(message: str) -> datetime | None:
    """Return the time that a refusal tells: that of the earlier pass (row 43)."""
    found = _TIME.search(message)
    return read_time(found[0]) if found else None
