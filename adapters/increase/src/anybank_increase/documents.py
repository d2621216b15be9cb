"""Documents at Increase: files, and the supplemental documents of an entity."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from attrs import frozen

from anybank.adapter.converter import neutral, read, writes
from anybank.adapter.forms import Form, FormFile
from anybank.adapter.wire import Json
from anybank.declaration import required
from anybank.model.kyc import KycDocument, NewKycDocument

from .sources import FILES

# "Create a file", `purpose`. A file of a customer becomes a supplemental document. A file
# without a customer is for the identification of one who is created next.
OF_ENTITY = "entity_supplemental_document"
OF_IDENTIFICATION = "identity_document"
_SUBMITTED = "submitted"
_KEYS = uuid.UUID("5d3b6c52-2a0f-5a27-9a0e-3f3f5c1f9d51")
"""The namespace of the keys of supplemental documents. It must never change."""

# "Create a file" names no media types. These are the ones of images and scans.
# https://increase.com/documentation/api/files
EXTENSIONS: Mapping[str, str] = {
    "application/pdf": "pdf",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
}


# "Create a file" names neither media types nor a largest size: both limits are anybank's.
@writes(
    NewKycDocument,
    FILES,
    {
        "media_type": required(
            read="never",
            pattern=r"image/(jpeg|png|heic)|application/pdf",
            pattern_note="image/jpeg, image/png, image/heic or application/pdf",
        )
    },
)
@frozen(kw_only=True)
class WireFile:
    """A file as Increase sends it, and as a form writes it.

    Source: https://increase.com/documentation/api/files
    """

    id: str
    # The caller chooses the description.
    description: str | None = neutral("kind", required(length=(1, 200)))
    file: bytes | None = neutral(
        "content",
        required(
            read="never",
            length=(1, 10_000_000),
            note="anybank's own limit, because Increase publishes none",
        ),
        write_only=True,
    )


@frozen(kw_only=True)
class WireDocument:
    """A supplemental document, which has no id of its own.

    Source: https://increase.com/documentation/api/supplemental-documents
    """

    file_id: str
    entity_id: str


def new_file(new: NewKycDocument, purpose: str) -> Form:
    """Write a file to upload."""
    file = FormFile(
        # A name of our own: that of the user's file may hold the person's name.
        filename=f"document.{EXTENSIONS[new.media_type]}",
        media_type=new.media_type,
        content=new.content,
    )
    return Form({"file": file, "purpose": purpose, "description": new.kind})


def new_document(entity_id: str, file_id: str) -> Json:
    """Write a supplemental document to create."""
    return {"entity_id": entity_id, "file_id": file_id}


def document_key(key: str) -> str:
    """Return the idempotency key of the document that goes with the key of its file."""
    # "Idempotency keys": a key is unique across Increase, and belongs to one object.
    return str(uuid.uuid5(_KEYS, key))


def uploaded(raw: Json, new: NewKycDocument) -> KycDocument:
    """Read the response to the upload of a file."""
    wire = read(raw, WireFile)
    kind = wire.description or new.kind
    return KycDocument(kind=kind, id=wire.id, status=_SUBMITTED)


def document(raw: Json) -> WireDocument:
    """Read the response to the create of a supplemental document."""
    return read(raw, WireDocument)


def submitted(wire: WireDocument) -> KycDocument:
    """Return a supplemental document of an entity; only its file says what it shows."""
    return KycDocument(kind=OF_ENTITY, id=wire.file_id, status=_SUBMITTED)
