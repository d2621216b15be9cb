"""KYC at Unit: the application, and the documents that it needs."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.forms import Form, FormFile
from anybank.adapter.wire import Json, Response
from anybank.errors import Effect, InvalidInput, Issue
from anybank.model.kyc import KycCheck, KycDocument, KycStatus, NewKycDocument

from .customers import WireResource
from .resources import WirePage
from .rules import DOCUMENTS

# "Application Statuses". https://unit.co/docs/api/applications/
STATUSES: Mapping[str, KycStatus] = {
    "AwaitingDocuments": KycStatus.DOCUMENTS_REQUIRED,
    "PendingReview": KycStatus.UNDER_REVIEW,
    "Pending": KycStatus.SUBMITTED,
    "Approved": KycStatus.PASSED,
    "Denied": KycStatus.FAILED,
    "Canceled": KycStatus.CANCELED,
}
WAITING = "AwaitingDocuments"
_EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@frozen(kw_only=True)
class WireDetails:
    """The attributes of a document."""

    documentType: str | None = None
    status: str | None = None


@frozen(kw_only=True)
class WireDocument:
    """A document of an application. Source: the schema ApplicationDocument."""

    id: str
    attributes: WireDetails | None = None


def kyc_check(
    customer_id: str, application: WireResource, documents: tuple[KycDocument, ...]
) -> KycCheck:
    """Return the state of an application as that of a verification."""
    return KycCheck(
        customer_id=customer_id,
        status=STATUSES.get(application.status or "", KycStatus.UNKNOWN),
        native_status=application.status,
        documents=documents,
    )


def documents(response: Response) -> tuple[KycDocument, ...]:
    """Read the documents of an application."""
    return tuple(map(document, read(response.json(), WirePage).data))


def document(raw: Json) -> KycDocument:
    """Read a document."""
    wire = read(raw, WireDocument)
    details = wire.attributes or WireDetails()
    kind = details.documentType or "unknown"
    return KycDocument(kind=kind, id=wire.id, status=details.status)


def required(documents: tuple[KycDocument, ...], kind: str) -> str:
    """Return the id of the document of a kind. Raises InvalidInput if none is required."""
    ids = [item.id for item in documents if item.kind == kind and item.id]
    if ids:
        return ids[0]
    kinds = ", ".join(item.kind for item in documents) or "none"
    message = f"must be a document that the application requires: {kinds}"
    issue = Issue("kind", Effect.BLOCKED, "a required document", DOCUMENTS, message)
    raise InvalidInput([issue])


def new_file(new: NewKycDocument) -> Form:
    """Write a file to upload, under a name of our own."""
    file = FormFile(
        filename=f"document.{_EXTENSIONS[new.media_type]}",
        media_type=new.media_type,
        content=new.content,
    )
    return Form({"file": file, "fileType": new.media_type})
