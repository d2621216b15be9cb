"""Adapters and simulators that differ from the vendor's OpenAPI document."""

from __future__ import annotations

import json
from enum import Enum
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
from anybank.model.accounts import AccountStatus
from anybank.model.addresses import Address, AddressKind
from anybank.model.events import EventKind
from anybank.model.kyc import KycStatus
from anybank.model.transactions import TransactionKind
from anybank.testing.conformance import Subject

_REQUESTS = "requests_match_the_document"
_RESPONSES = "responses_match_the_document"
_VALUES = "document_values_are_declared"
_NAMES = "words_read_as_the_member_of_their_name"
_REFUSED = "refusals_read_as_no_success"
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


def _reading(**words: Enum) -> Subject:
    """Return a subject whose author declares a table of the vendor's words."""
    return subject_of(openapi_values={"vendor.word": words})


def _with_text(name: str, value: Any) -> Subject:
    return with_body("create_customer", lambda body: {**body, name: value})


BROKEN: Table = {
    "sends an SSN as the number of a passport": (
        "ssns_stand_beside_no_other_kind",
        lambda: with_body("create_customer", lambda body: {**body, "use": "PASSPORT"}),
    ),
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
    "exchanges two words of a table": (
        _NAMES,
        lambda: _reading(wire=TransactionKind.CARD, card_purchase=TransactionKind.WIRE),
    ),
    "excepts a word that reads as its name says": (
        _NAMES,
        lambda: evolve(
            _reading(wire=TransactionKind.WIRE),
            openapi_exceptions={"words wire": "an old reason"},
        ),
    ),
    "reads the word for a frozen account as open": (
        _REFUSED,
        lambda: _reading(Frozen=AccountStatus.OPEN),
    ),
    "reads the word for an event of a denial as passed": (
        _REFUSED,
        lambda: _reading(**{"application.denied": EventKind.KYC_PASSED}),
    ),
    "reads the word for an undecided person as verified": (
        _REFUSED,
        lambda: _reading(PendingReview=KycStatus.PASSED),
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
