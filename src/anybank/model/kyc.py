"""Identity verification (KYC) of a customer for a program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from ..sensitive import Personal, Ssn, shielded_class
from . import samples
from ._fields import (
    NEVER_NULL,
    email,
    field_metadata,
    hidden,
    instance_of,
    personal,
    personal_metadata,
    plain,
    provider_extras,
    text,
    validate,
)
from .customers import SSN, to_ssn
from .document_contents import DocumentContent
from .missing import ExplainsMissing
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


def _to_content(value: DocumentContent | bytes) -> Any:
    return value if isinstance(value, DocumentContent) else DocumentContent(value)


def _to_media_type(value: str) -> Any:
    text: object = value  # an untyped caller may pass anything
    return text.lower() if isinstance(text, str) else text


def _media_type(value: object) -> str | None:
    is_type = isinstance(value, str) and _MEDIA_TYPE.fullmatch(value)
    return None if is_type else "a media type such as image/jpeg"


_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")


@shielded_class
@frozen(kw_only=True)
class NewKycDocument(PydanticSupport, Personal):
    """A file to upload that shows a document: a scan or a photo.

    `kind` says what it shows, such as `passport`. `content` takes the bytes of the file,
    and is Sensitive. Which media types and sizes are accepted differs by vendor
    (`bank.check`). Raises InvalidInput, also for an empty file.
    """

    kind: str = required(metadata={**field_metadata(text), NEVER_NULL: True})
    content: DocumentContent = required(
        converter=_to_content,
        metadata={
            **personal_metadata(
                instance_of(DocumentContent), sample=samples.file_content
            ),
            NEVER_NULL: True,
        },
    )
    media_type: str = required(
        converter=_to_media_type,
        metadata={**field_metadata(_media_type), NEVER_NULL: True},
    )
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


def _phone(index: int) -> Phone:
    return Phone(samples.phone_number(index))


@shielded_class
@frozen(kw_only=True)
class StartKyc(PydanticSupport, Personal):
    """The parameters of a verification. Everything else comes from the stored customer.

    `program_id` is required at a bank that verifies customers for a program, and unused at
    one that verifies them when they are created. `idempotency_key` is generated if it is
    absent. A new attempt needs a new key.
    """

    program_id: str | None = plain(text)
    idempotency_key: str | None = plain(text)
    ssn: Ssn | None = field(default=None, converter=to_ssn, metadata=SSN)
    # The sample is a Phone: that of a phone's number would not pass the check here.
    phone: Phone | None = field(
        default=None, metadata=personal_metadata(instance_of(Phone), sample=_phone)
    )
    email: str | None = personal(email, sample=samples.email("zebedix"))
    ip: str | None = personal(text, sample=samples.ip_address)
    extras: Mapping[str, object] = provider_extras()

    def __attrs_post_init__(self) -> None:
        validate(self)


@frozen(kw_only=True)
class KycCheck(ExplainsMissing, PydanticSupport, Personal):
    """The state of a customer's verification. `native_status` is the vendor's word."""

    customer_id: str
    program_id: str | None = None
    status: KycStatus = KycStatus.UNKNOWN
    native_status: str | None = None
    documents: Sequence[KycDocument] = ()
    attempts_left: int | None = None
    passed_at: datetime | None = None
    never_returned: Sequence[str] = hidden(default=())
    raw: Mapping[str, Any] = hidden()
