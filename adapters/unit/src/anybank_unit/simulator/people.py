"""Applications, the documents that they need, and the customers that they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from attrs import define, field

from anybank.adapter.wire import Request, Response

from .filters import chosen, has_tags, has_words, one_of
from .tables import (
    Refused,
    Row,
    Table,
    answer,
    answer_row,
    data_of,
    reference,
)
from .validation import require_valid

# "Simulating Application Statuses": these SSNs decide about an application.
# https://unit.co/docs/api/applications/simulations/
DENIED, REVIEWED = "000000001", "000000004"
DOCUMENTS: Mapping[str, str] = {
    "000000002": "AddressVerification",
    "000000003": "IdDocument",
    "000000006": "SocialSecurityCard",
}
_BY_SSN = {
    DENIED: "Denied",
    REVIEWED: "PendingReview",
    **dict.fromkeys(DOCUMENTS, "AwaitingDocuments"),
}
_EVENTS = {
    "AwaitingDocuments": "application.awaitingDocuments",
    "PendingReview": "application.pendingReview",
    "Denied": "application.denied",
    "Canceled": "application.canceled",
}
_OPEN = ("AwaitingDocuments", "PendingReview", "Pending")
# Members of a request that no response has. Source: the schemas IndividualApplication
# and IndividualCustomer.
_NEVER_SHOWN = ("idempotencyKey", "deviceFingerprints", "jwtSubject")
_INHERITED = ("fullName", "dateOfBirth", "email", "phone", "address", "tags")
_NUMBERS = ("ssn", "passport")
_TYPES = ("application/pdf", "image/png", "image/jpeg")
_FILTERS = {
    "status": one_of("status"),
    "email": one_of("email"),
    "query": has_words("fullName", "email", "phone"),
    "tags": has_tags,
}


@define(repr=False, eq=False)
class People:
    """The applications, their documents, and the customers."""

    applications: Table
    customers: Table
    documents: Table
    emit: Callable[..., None]
    replay: Callable[[str, Row, Callable[[], Row]], Row]
    shows_numbers: bool = False
    chosen: str | None = None
    """The status of the next applications, where their SSN does not decide."""
    files: dict[str, bytes] = field(factory=dict)
    needed: dict[str, list[str]] = field(factory=dict)
    """The ids of the documents of each application."""

    def apply(self, request: Request) -> Response:
        """Answer `POST /applications`."""
        data = data_of(request)
        require_valid(data, "individualApplication")
        row = self.replay("application", data, lambda: self.add(data["attributes"]))
        return answer_row(row, 201)

    def add(self, attributes: Mapping[str, Any]) -> Row:
        """Store an application and decide about it."""
        number = attributes.get("ssn") or ""
        status = _BY_SSN.get(number) or self.chosen or "Approved"
        stored = {
            name: value
            for name, value in attributes.items()
            if name not in (*_NEVER_SHOWN, *_NUMBERS) and value is not None
        }
        shown = {"tags": {}, **stored, **self._numbers(attributes), "status": "Pending"}
        row = self.applications.add("individualApplication", shown)
        self.emit("application.created", application=row)
        if status == "AwaitingDocuments":
            self._require(row, DOCUMENTS.get(number, "IdDocument"))
        self.decide(row, status)
        return row

    def _numbers(self, attributes: Mapping[str, Any]) -> Row:
        """Return the SSN or passport as the token may see it."""
        shown: Row = {}
        for name, masked in (("ssn", "maskedSSN"), ("passport", "maskedPassport")):
            number = attributes.get(name)
            if number and self.shows_numbers:
                shown[name] = number
            elif number:
                shown[masked] = f"*****{number[-4:]}"
        return shown

    def _require(self, row: Row, kind: str) -> None:
        details = {"documentType": kind, "status": "Required", "description": kind}
        document = self.documents.add("document", details)
        # A document of the schema ApplicationDocument has neither of the two.
        del document["attributes"]["createdAt"], document["relationships"]
        self.needed.setdefault(row["id"], []).append(document["id"])

    def decide(self, row: Row, status: str) -> None:
        """Set the status of an application; an approved one becomes a customer."""
        row["attributes"]["status"] = status
        row["attributes"]["message"] = f"The application is {status}."
        if status == "Approved":
            customer = self._customer(row)
            self.emit("application.approved", application=row, customer=customer)
            self.emit("customer.created", application=row, customer=customer)
        elif status in _EVENTS:
            self.emit(_EVENTS[status], application=row)

    def _customer(self, application: Row) -> Row:
        attributes = application["attributes"]
        names = (*_INHERITED, "ssn", "passport", "maskedSSN", "maskedPassport")
        copied = {
            name: attributes[name]
            for name in (*names, "nationality")
            if name in attributes
        }
        customer = self.customers.add(
            "individualCustomer",
            {**copied, "status": "Active"},
            application=reference(application),
        )
        related = {"data": reference(customer, "customer")}
        application["relationships"]["customer"] = related
        return customer

    def get_application(self, request: Request, number: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /applications/{id}`."""
        return answer_row(self.applications.find(number))

    def list_applications(self, request: Request) -> Response:
        """Answer `GET /applications`."""
        return self.applications.page(request, chosen(request, _FILTERS))

    def update_application(self, request: Request, number: str) -> Response:
        """Answer `PATCH /applications/{id}`, whose answers are no part of a response."""
        row, data = self.applications.find(number), data_of(request)
        require_valid(data, "individualApplication", "change")
        row["attributes"] |= {
            name: value for name, value in data["attributes"].items() if name == "tags"
        }
        return answer_row(row)

    def cancel(self, request: Request, number: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `POST /applications/{id}/cancel`."""
        row = self.applications.find(number)
        if row["attributes"]["status"] not in _OPEN:
            raise Refused(409, "the application is decided")
        self.decide(row, "Canceled")
        return answer_row(row, 201)

    def list_documents(self, request: Request, number: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /applications/{id}/documents`."""
        self.applications.find(number)
        ids = self.needed.get(number, [])
        return answer(200, {"data": [self.documents.find(item) for item in ids]})

    def upload(self, request: Request, number: str, document: str) -> Response:
        """Answer `PUT /applications/{id}/documents/{id}/multipart`."""
        parts = _parts(request)
        kind = parts.get("fileType", b"").decode(errors="replace")
        return self._receive(number, document, kind, parts.get("file"))

    def upload_file(self, request: Request, number: str, document: str) -> Response:
        """Answer `PUT /applications/{id}/documents/{id}`, whose body is the file.

        The OpenAPI document lacks it; Unit's own clients upload this way.
        """
        kind = str(request.headers.get("content-type", ""))
        return self._receive(number, document, kind, request.encoded())

    def _receive(
        self, number: str, document: str, kind: str, content: bytes | None
    ) -> Response:
        row = self.applications.find(number)
        if document not in self.needed.get(number, []):
            raise Refused(404, "Not Found")
        if kind not in _TYPES or not content:
            raise Refused(400, "a file and its type are required")
        self.files[document] = content
        uploaded = self.documents.find(document)
        uploaded["attributes"]["status"] = "PendingReview"
        wanting = [
            item
            for item in self.needed[number]
            if self.documents.find(item)["attributes"]["status"] == "Required"
        ]
        if not wanting and row["attributes"]["status"] == "AwaitingDocuments":
            self.decide(row, "PendingReview")
        return answer_row(uploaded)

    def get_customer(self, request: Request, customer: str) -> Response:  # noqa: ARG002  # a handler's signature
        """Answer `GET /customers/{id}`, of archived ones too."""
        return answer_row(self.customers.find(customer))

    def list_customers(self, request: Request) -> Response:
        """Answer `GET /customers`."""
        return self.customers.page(request, chosen(request, _FILTERS))

    def update(self, request: Request, customer: str) -> Response:
        """Answer `PATCH /customers/{id}`."""
        row, data = self.customers.find(customer), data_of(request)
        require_valid(data, "individualCustomer", "change")
        if row["attributes"]["status"] != "Active":
            raise Refused(409, "the customer is archived")
        changed = data["attributes"].items()
        row["attributes"] |= {
            name: value for name, value in changed if name not in _NEVER_SHOWN
        }
        self.emit("customer.updated", customer=row)
        return answer_row(row)

    def archive(self, request: Request, customer: str) -> Response:
        """Answer `POST /customers/{id}/archive`."""
        row, data = self.customers.find(customer), data_of(request)
        if data.get("type") != "archiveCustomer":
            raise Refused(400, "Bad Request", [("/data/type", "is not valid")])
        if row["attributes"]["status"] != "Active":
            raise Refused(409, "the customer is archived")
        row["attributes"]["status"] = "Archived"
        self.emit("customer.archived", customer=row)
        return answer_row(row)


def _parts(request: Request) -> dict[str, bytes]:
    """Return the parts of a form by name, parsed as the standard library parses e-mail."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message: Message = BytesParser(policy=HTTP).parsebytes(
        head + (request.encoded() or b"")
    )
    parts: dict[str, bytes] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            parts[name] = payload
    return parts
