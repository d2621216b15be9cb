"""Identity verification (KYC) of a customer for a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..sensitive import Personal, Ssn, shielded_class
from . import samples
from ._fields import (
    email,
    field_metadata,
    hidden,
    instance_of,
    personal,
    personal_metadata,
    plain,
    text,
    validate,
)
from .customers import SSN, to_ssn
from .phones import Phone
from .pydantic_support import PydanticSupport
from .required_field import required


class KycStatus(StrEnum):
    """The status of a customer's identity verification."""

    NOT_STARTED = "not_started"
    SUBMITTED = "submitted"
    DOCUMENTS_REQUIRED = "documents_required"
    UNDER_REVIEW = "under_review"
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    EXPIRED = "expired"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class KycDocument(PydanticSupport, Personal):
    """A document that the vendor requests.

    `id` is the vendor's, if the document has one. `upload_link` is for the customer only.
    """

    kind: str
    id: str | None = None
    status: str | None = None
    upload_link: str | None = personal()


def _phone(index: int) -> Phone:
    return Phone(samples.phone_number(index))


@shielded_class
@frozen(kw_only=True)
class StartKyc(PydanticSupport, Personal):
    """The parameters of a verification. Everything else comes from the stored customer.

    `idempotency_key` is generated if it is absent. A new attempt needs a new key.
    """

    program_id: str = required(metadata=field_metadata(text))
    idempotency_key: str | None = plain(text)
    ssn: Ssn | None = field(default=None, converter=to_ssn, metadata=SSN)
    # The sample is a Phone: that of a phone's number would not pass the check here.
    phone: Phone | None = field(
        default=None, metadata=personal_metadata(instance_of(Phone), sample=_phone)
    )
    email: str | None = personal(email, sample=samples.email("zebedix"))
    ip: str | None = personal(text, sample=samples.ip_address)

    def __attrs_post_init__(self) -> None:
        validate(self)


@frozen(kw_only=True)
class KycCheck(PydanticSupport, Personal):
    """The state of a customer's verification. `native_status` is the vendor's word."""

    customer_id: str
    program_id: str | None = None
    status: KycStatus = KycStatus.UNKNOWN
    native_status: str | None = None
    documents: Sequence[KycDocument] = ()
    attempts_left: int | None = None
    passed_at: datetime | None = None
    raw: Mapping[str, Any] = hidden()
