"""KYC at Increase: the validation of an entity."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from anybank.adapter.converter import read, reads
from anybank.adapter.wire import Json
from anybank.model.kyc import KycCheck, KycDocument, KycStatus

from .documents import WireDocument, submitted
from .sources import VALIDATION

# The three statuses of the schema entity_validation. An entity of a program without
# validation has none.
STATUSES: Mapping[str, KycStatus] = {
    "pending": KycStatus.SUBMITTED,
    "valid": KycStatus.PASSED,
    # An invalid entity is not rejected for good: an update of the data that its issues
    # name starts another validation.
    # https://increase.com/documentation/entity-validation
    "invalid": KycStatus.DOCUMENTS_REQUIRED,
}


@frozen(kw_only=True)
class WireIssue:
    """An issue with the submitted data."""

    category: str


@frozen(kw_only=True)
class WireValidation:
    """The validation of an entity."""

    status: str
    # An issue has a category and, under its name, details.
    issues: list[WireIssue] | None = None


@reads(
    KycCheck,
    VALIDATION,
    program_id="an entity is validated for every program",
    attempts_left="no page limits the attempts",
    passed_at="a validation has no time",
)
@frozen(kw_only=True)
class WireValidated:
    """The validation inside an entity."""

    id: str
    validation: WireValidation | None = None
    # "This is limited to the first 10 documents for an entity."
    supplemental_documents: list[WireDocument] | None = None


def kyc_check(raw: Json) -> KycCheck:
    """Read the state of a validation."""
    wire = read(raw, WireValidated)
    # Null for an entity of a program without validation.
    files = tuple(map(submitted, wire.supplemental_documents or ()))
    if wire.validation is None:
        return KycCheck(
            customer_id=wire.id,
            status=KycStatus.NOT_STARTED,
            documents=files,
            raw=raw,
        )
    word = wire.validation.status
    issues = wire.validation.issues or ()
    return KycCheck(
        customer_id=wire.id,
        status=STATUSES.get(word, KycStatus.UNKNOWN),
        native_status=word,
        # An issue names the category of data that Increase wants corrected.
        documents=(*(KycDocument(kind=issue.category) for issue in issues), *files),
        raw=raw,
    )
