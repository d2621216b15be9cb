"""The validation of an entity as the verification of a customer (increase.md §8)."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json
from anybank.model.kyc import KycCheck, KycDocument, KycStatus

STATUSES = {
    "pending": KycStatus.SUBMITTED,
    "valid": KycStatus.PASSED,
    "invalid": KycStatus.DOCUMENTS_REQUIRED,
}
"""The document's three; an entity that is not validated has none."""


@frozen(kw_only=True)
class WireIssue:
    """What is wrong with what was submitted."""

    category: str


@frozen(kw_only=True)
class WireValidation:
    """How far the validation of an entity has come."""

    status: str
    issues: list[WireIssue] | None = None


@frozen(kw_only=True)
class WireValidated:
    """An entity, as far as its validation goes."""

    id: str
    validation: WireValidation | None = None


def check(raw: Json) -> KycCheck:
    """Read how far the validation has come, and what it lacks."""
    wire = read(raw, WireValidated)
    if wire.validation is None:
        return KycCheck(customer_id=wire.id, status=KycStatus.NOT_STARTED, raw=raw)
    word = wire.validation.status
    issues = wire.validation.issues or ()
    return KycCheck(
        customer_id=wire.id,
        status=STATUSES.get(word, KycStatus.UNKNOWN),
        native_status=word,
        documents=tuple(KycDocument(kind=each.category) for each in issues),
        raw=raw,
    )
