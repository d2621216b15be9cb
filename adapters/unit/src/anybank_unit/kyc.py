"""KYC at Unit: the application, and the documents that it needs."""

from __future__ import annotations

from attrs import frozen

from anybank.adapter.converter import Reader, neutral, neutral_id, reads, writes
from anybank.adapter.forms import Form, FormFile
from anybank.adapter.json_api import Resource
from anybank.declaration import required
from anybank.errors import Effect, InvalidInput, Issue
from anybank.model.kyc import KycCheck, KycDocument, KycStatus, NewKycDocument

from .sources import APPLICATION
from .sources import DOCUMENTS as DOCUMENTS_PAGE

WAITING = "AwaitingDocuments"
_EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@frozen(kw_only=True)
class WireDecision:
    """The attributes of an application that say how far its verification is."""

    # "Application Statuses". https://unit.co/docs/api/applications/
    status: str | None = neutral(
        "status",
        read={
            WAITING: KycStatus.DOCUMENTS_REQUIRED,
            "PendingReview": KycStatus.UNDER_REVIEW,
            "Pending": KycStatus.SUBMITTED,
            "Approved": KycStatus.PASSED,
            "Denied": KycStatus.FAILED,
            "Canceled": KycStatus.CANCELED,
        },
    )


@reads(
    KycCheck,
    APPLICATION,
    program_id="an application is for no program",
    attempts_left="a denied person applies again",
    passed_at="an application has no time of the decision",
)
@frozen(kw_only=True)
class WireVerification:
    """An application as the verification of a person."""

    id: str = neutral_id("customer_id")
    attributes: WireDecision | None = None


@writes(NewKycDocument, DOCUMENTS_PAGE)
@frozen(kw_only=True)
class WireDetails:
    """The attributes of a document."""

    documentType: str | None = neutral(
        "kind",
        required(note="a document that kyc.get names as required, such as IdDocument"),
    )
    status: str | None = neutral("status")


@frozen(kw_only=True)
class WireDocument:
    """A document of an application. Source: the schema ApplicationDocument."""

    id: str
    attributes: WireDetails | None = None


@writes(NewKycDocument, DOCUMENTS_PAGE)
@frozen(kw_only=True)
class WireFile:
    """The form of an upload.

    "Upload an application document file. Supports PDF, PNG and JPG files." No size is
    published: the largest is anybank's own limit.
    """

    file: bytes | None = neutral(
        "content", required(read="never", length=(1, 10_000_000))
    )
    fileType: str | None = neutral(
        "media_type",
        required(
            read="never",
            pattern=r"image/(jpeg|png)|application/pdf",
            pattern_note="image/jpeg, image/png or application/pdf",
        ),
    )


VERIFICATIONS = Resource("/applications", Reader(WireVerification, KycCheck))
DOCUMENTS = Reader(WireDocument, KycDocument)


def require_document(documents: tuple[KycDocument, ...], kind: str) -> str:
    """Return the id of the document of a kind. Raises InvalidInput if none is required."""
    ids = [item.id for item in documents if item.kind == kind and item.id]
    if ids:
        return ids[0]
    kinds = ", ".join(item.kind for item in documents) or "none"
    message = f"must be a document that the application requires: {kinds}"
    issue = Issue(
        "kind", Effect.BLOCKED, "a required document", DOCUMENTS_PAGE, message
    )
    raise InvalidInput([issue])


def new_file(new: NewKycDocument) -> Form:
    """Write a file to upload, under a name of our own."""
    file = FormFile(
        filename=f"document.{_EXTENSIONS[new.media_type]}",
        media_type=new.media_type,
        content=new.content,
    )
    return Form({"file": file, "fileType": new.media_type})
