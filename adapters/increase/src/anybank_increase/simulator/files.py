"""Files, and the documents of an entity that they become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from attrs import define, field

from anybank.adapter.wire import Request, Response
from anybank.sandbox.simulator import answer_json
from anybank.sensitive import Sensitive

from .entities import Entities
from .problems import Refused, invalid
from .tables import Row, Table, body_of, equals, is_in, require
from .validation import Shape, text

_PURPOSES = (
    "identity_document",
    "entity_supplemental_document",
    "document_request",
    "other",
)
_DOCUMENT = Shape(
    {"entity_id": text(), "file_id": text()}, required=("entity_id", "file_id")
)


@define(repr=False, eq=False)
class Files:
    """The uploaded files. Their contents are stored masked."""

    table: Table
    documents: Table
    entities: Entities
    emit: Callable[[str, Row], None]
    contents: dict[str, Sensitive] = field(factory=dict)

    def create(self, request: Request) -> Response:
        """Answer `POST /files`, whose body is multipart/form-data."""
        parts = dict(_parts(request))
        file, purpose = parts.get("file"), parts.get("purpose")
        complaints = [
            (name, "is required") for name in ("file", "purpose") if name not in parts
        ]
        if file is not None and not _bytes(file):
            complaints.append(("file", "must not be empty"))
        if purpose is not None and _text(purpose) not in _PURPOSES:
            complaints.append(("purpose", f"must be one of {', '.join(_PURPOSES)}"))
        if complaints or file is None or purpose is None:
            raise invalid(complaints)
        content = _bytes(file)
        description = parts.get("description")

        def store(key: str | None) -> Row:
            row = self.table.add(
                description=_text(description) if description is not None else None,
                direction="to_increase",
                filename=file.get_filename(),
                idempotency_key=key,
                mime_type=file.get_content_type(),
                purpose=_text(purpose),
            )
            # Latin-1 maps every byte to one character, so any content survives the
            # round trip.
            self.contents[row["id"]] = Sensitive(content.decode("latin-1"))
            self.emit("file.created", row)
            return row

        return self.table.create(request, [content.hex(), _text(purpose)], store)

    def get(self, request: Request, file_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /files/{id}`."""
        return answer_json(200, self.table.find(file_id))

    def download(self, request: Request, file_id: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /files/{id}/contents`, without the redirect that Increase sends."""
        row = self.table.find(file_id)
        return Response(
            status=200,
            headers={"content-type": row["mime_type"]},
            content=str(self.contents[file_id].reveal()).encode("latin-1"),
        )

    def list(self, request: Request) -> Response:
        """Answer `GET /files`."""
        return self.table.list(
            request,
            purpose__in=is_in("purpose"),
            idempotency_key=equals("idempotency_key"),
        )

    def attach(self, request: Request) -> Response:
        """Answer `POST /entity_supplemental_documents`."""
        body = body_of(request)
        require(_DOCUMENT("", body))
        self.table.find(body["file_id"])
        entity = self.entities.find(body["entity_id"])

        def store(key: str | None) -> Row:
            row = self.documents.add(**body, idempotency_key=key)
            entity.record["supplemental_documents"].append(self.documents.shown(row))
            self.emit("entity.updated", entity.record)
            return row

        return self.documents.create(request, body, store)

    def list_documents(self, request: Request) -> Response:
        """Answer `GET /entity_supplemental_documents`."""
        return self.documents.list(
            request,
            entity_id=equals("entity_id"),
            idempotency_key=equals("idempotency_key"),
        )


def _parts(request: Request) -> Iterator[tuple[str, Message]]:
    kind = str(request.headers.get("content-type", ""))
    if not kind.startswith("multipart/form-data"):
        raise Refused("malformed_request_error")
    # The standard library parses multipart bodies as e-mail: the header of the request
    # goes in front of the body.
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + (request.encoded() or b""))
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            yield name, part


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    return _bytes(part).decode("utf-8", "replace")
