"""Adapters and simulators that differ from the vendor's OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve
from tests.testing.conformance.acme.seeds import DOCUMENT
from tests.testing.conformance.acme.simulator import AcmeSimulator
from tests.testing.conformance.broken.making import (
    Table,
    subject_of,
    with_body,
    with_changed_rule,
    with_request,
)

from anybank.adapter.wire import Request, Response
from anybank.model.addresses import Address, AddressKind
from anybank.testing.conformance import Subject

_REQUESTS = "requests_match_the_document"
_RESPONSES = "responses_match_the_document"
_VALUES = "document_values_are_declared"
_EXCEPTIONS = "document_exceptions_are_needed"


class _WithoutTime(AcmeSimulator):
    """Returns people without the time that the document requires."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        body = json.loads(response.content)
        body.pop("made", None)
        return evolve(response, content=json.dumps(body).encode())


class _WithLists(AcmeSimulator):
    """Returns a list where the document has an object."""

    def __call__(self, request: Request) -> Response:
        response = super().__call__(request)
        is_read = request.method == "GET" and response.ok
        return evolve(response, content=b"[]") if is_read else response


def _judged(subject: Subject, **exceptions: str) -> Subject:
    """Return a subject whose exchanges are compared with Acme's document."""
    return evolve(subject, openapi=DOCUMENT, openapi_exceptions=exceptions)


def _with_text(name: str, value: Any) -> Subject:
    return with_body("create_customer", lambda body: {**body, name: value})


BROKEN: Table = {
    "sends null where the document has a text": (
        _REQUESTS,
        lambda: _judged(_with_text("nick", None)),
    ),
    "sends a member that the document does not have": (
        _REQUESTS,
        lambda: _judged(_with_text("nickname", "Ada")),
    ),
    "sends a parameter that the document does not have": (
        _REQUESTS,
        lambda: _judged(
            with_request(
                "list_customers",
                lambda _, it: evolve(it, query={**dict(it.query), "cursor": "1"}),
            )
        ),
    ),
    "has a simulator that omits a member that the document requires": (
        _RESPONSES,
        lambda: _judged(subject_of(simulator=_WithoutTime)),
    ),
    "has a simulator that returns a list for an object": (
        _RESPONSES,
        lambda: _judged(subject_of(simulator=_WithLists)),
    ),
    "declares a word that the document does not have": (
        _VALUES,
        lambda: _judged(
            with_changed_rule(
                Address,
                "kind",
                values={
                    AddressKind.HOME: "HOME",
                    AddressKind.MAILING: "MAIL",
                    AddressKind.WORK: "WORK",
                },
            )
        ),
    ),
    "does not declare a word that the document has": (
        _VALUES,
        lambda: _judged(
            with_changed_rule(Address, "kind", values={AddressKind.HOME: "HOME"})
        ),
    ),
    "reads words that the document does not have": (
        _VALUES,
        lambda: evolve(
            _judged(subject_of()), openapi_values={"phone.use": ("CELL", "LAND", "FAX")}
        ),
    ),
    "excepts a place at which nothing differs": (
        _EXCEPTIONS,
        lambda: _judged(subject_of(), POST="the document is old"),
    ),
    "excepts a place without a reason": (
        _EXCEPTIONS,
        lambda: _judged(_with_text("nick", None), POST=" "),
    ),
}
