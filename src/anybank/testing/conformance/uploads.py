"""Checks of uploads, and of the later writes of operations that send several."""

from __future__ import annotations

from typing import Any

from ...adapter.wire import Request, Response
from ...errors import AnybankError
from ...model.features import Feature
from ...model.kyc import NewKycDocument
from ...sandbox.simulator import answer_json
from .operations import OPERATIONS
from .recorder import NotApplicable, body_of, outcome_of, require
from .registry import check
from .scenarios import Scenario
from .subject import Subject

UPLOAD = "kyc.upload_document"


@check(UPLOAD)
def uploads_have_their_media_type(subject: Subject) -> None:
    """A file is sent whole, with the media type of the document."""
    operation = OPERATIONS[Feature.KYC_UPLOAD_DOCUMENT]
    documents = subject.values(NewKycDocument)
    for document in documents:
        scenario = Scenario.of(subject)
        operation.prepare(scenario)
        bank, applicant = scenario.bank, scenario.applicant()
        scenario.recorder.forget()
        try:
            bank.kyc.upload_document(applicant, document)
        except AnybankError:  # other checks judge the rejection
            continue
        bodies = [request.encoded() or b"" for request in scenario.recorder.writes]
        kind, content = document.media_type.encode(), document.content.reveal()
        require(
            any(kind in body and content in body for body in bodies),
            f"{UPLOAD} sends a file of the type {document.media_type} as another one, or "
            "another content. Write the document's `media_type` and its whole `content`.",
        )


@check(UPLOAD, "customers.create")
def uploads_name_their_customer(subject: Subject) -> None:
    """An upload for one customer sends other requests than one for another customer."""
    scenario = Scenario.of(subject)
    sent = [_requests_of_an_upload(scenario, index) for index in range(2)]
    require(
        sent[0] != sent[1],
        f"{UPLOAD} sends the same for two customers. Add the file to the customer whose "
        "id the query has, in the path or in a second request.",
    )


def _requests_of_an_upload(scenario: Scenario, index: int) -> list[str]:
    """Upload a document for a new customer; return the requests."""
    scenario.ids.clear()
    _upload(scenario, index)
    return [body_of(request) for request in scenario.recorder.writes]


def _upload(scenario: Scenario, index: int = 0) -> Any:
    """Upload a document for a customer, where nobody waits for one a new customer."""
    applicant = scenario.applicant() or scenario.create("customer", index)
    scenario.recorder.forget()
    return outcome_of(
        lambda: scenario.bank.kyc.upload_document(applicant, scenario.document)
    )


@check(UPLOAD, "customers.create")
def uploads_that_are_not_added_raise(subject: Subject) -> None:
    """An upload whose file is stored and not added to the customer raises the error."""
    scenario = Scenario.of(subject)
    _upload(scenario)
    count = len(scenario.recorder.writes)
    if count < _SEVERAL:
        raise NotApplicable("an upload is one request")
    scenario = Scenario.of(subject)
    recorder = scenario.recorder
    customer = scenario.applicant() or scenario.id("customer")
    recorder.forget()

    def rewrite(request: Request, response: Response) -> Response:
        is_last = request.method != "GET" and len(recorder.writes) == count
        return answer_json(400, {}) if is_last else response

    recorder.rewrite = rewrite
    outcome = outcome_of(
        lambda: scenario.bank.kyc.upload_document(customer, scenario.document)
    )
    require(
        isinstance(outcome, AnybankError),
        f"{UPLOAD} sends {count} requests, and returned a document although the last one "
        "was refused. Let the error reach the caller.",
    )


_SEVERAL = 2
