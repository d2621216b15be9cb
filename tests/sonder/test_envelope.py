"""Sonder's envelope and its four shapes of error (sonder.md §4, §5)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.sonder.banks import ID, sarah, sonder, stored, wrapped

from anybank import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    Outcome,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)

BAD = {"type": "invalid_request", "message": "no", "documentation_url": "https://x"}
DOWN = {"type": "api_error", "message": "no", "documentation_url": "https://x"}
IDS = {"requestId": "r1", "log_ref_id": "l1"}


def failed(answer: httpx.Response, operation: str = "get") -> ProviderError:
    """Call an operation and return the error that the response raises."""
    bank, _ = sonder(answer)
    argument = sarah() if operation == "create" else ID
    with bank, pytest.raises(ProviderError) as no:
        getattr(bank.customers, operation)(argument)
    return no.value


def enveloped(error: Any, *, success: Any = False) -> dict[str, Any]:
    return {"data": None, "success": success, "error": error, **IDS}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, AuthenticationFailed),
        (403, AuthenticationFailed),
        (404, NotFound),
        (409, Conflict),
        (422, Rejected),
        (429, RateLimited),
        (500, ProviderUnavailable),
    ],
)
@pytest.mark.parametrize(
    "body",
    [enveloped(BAD), BAD, enveloped("invalid_request"), enveloped(BAD, success=True)],
    ids=["A", "B", "C", "contradicting"],
)
def test_the_status_classes_every_shape(
    status: int, kind: type, body: dict[str, Any]
) -> None:
    """The status decides the class of every shape, and the error has the type."""
    result = failed(httpx.Response(status, json=body))
    assert type(result) is kind
    assert result.type == "invalid_request"
    assert result.status == status


def test_the_envelopes_ids_are_read() -> None:
    """The request id and the log reference are separate."""
    result = failed(httpx.Response(400, json=enveloped(BAD)))
    assert (result.request_id, result.log_reference) == ("r1", "l1")
    assert result.message == "no"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (enveloped(BAD), Rejected),
        (enveloped(DOWN), ProviderUnavailable),
        (enveloped(None), Rejected),
        (enveloped("api_error"), ProviderUnavailable),
        (enveloped("unheard_of"), Rejected),
        (enveloped(BAD, success=True), UnexpectedResponse),
        (BAD, Rejected),
        (DOWN, ProviderUnavailable),
        ({"success": False}, Rejected),
        ({"data": {"customerId": ID}, "success": False}, Rejected),
    ],
)
def test_a_failure_under_a_200_is_a_failure(body: Any, kind: type) -> None:
    """`success: false` is never a success, whatever the status says."""
    assert type(failed(httpx.Response(200, json=body))) is kind


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (enveloped(BAD), Outcome.REFUSED),
        (enveloped(DOWN), Outcome.UNKNOWN),
        (enveloped(BAD, success=True), Outcome.UNKNOWN),
    ],
)
def test_the_outcome_of_a_create_follows_from_the_error(
    body: Any, outcome: Outcome
) -> None:
    """A rejection is REFUSED; a server error or a contradiction is UNKNOWN."""
    assert failed(httpx.Response(200, json=body), "create").outcome is outcome


NOT_THE_VENDORS = [
    httpx.Response(
        200, text="<html>Sign in</html>", headers={"content-type": "text/html"}
    ),
    httpx.Response(200, text="OK"),
    httpx.Response(200, json=[]),
    httpx.Response(200, json={"customerId": ID}),
    httpx.Response(200, json={"data": None, "success": True, "error": None}),
    httpx.Response(200, json={"data": {}, "success": "true", "error": None}),
]


@pytest.mark.parametrize("answer", NOT_THE_VENDORS, ids=lambda answer: answer.text[:30])
@pytest.mark.parametrize("operation", ["get", "create", "delete"])
def test_a_success_without_the_envelope_is_unexpected(
    answer: httpx.Response, operation: str
) -> None:
    """A page of a gateway with status 200 leaves the outcome unknown."""
    again = httpx.Response(200, content=answer.content, headers=answer.headers)
    result = failed(again, operation)
    assert type(result) is UnexpectedResponse
    assert result.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("data", [{}, {"customerId": ID}], ids=str)
def test_a_deletion_is_done_with_the_envelope(data: dict[str, Any]) -> None:
    """Empty data is the success of a delete."""
    bank, _ = sonder(wrapped(data))
    bank.customers.delete(ID)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(204),
        httpx.Response(200),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"deleted": True}),
        wrapped({"customerId": "another"}),
    ],
)
def test_another_response_to_a_deletion_is_unexpected(answer: httpx.Response) -> None:
    """The page shows the envelope: any other response leaves the outcome unknown."""
    bank, _ = sonder(answer)
    with pytest.raises(UnexpectedResponse) as caught:
        bank.customers.delete(ID)
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, UnexpectedResponse), (403, UnexpectedResponse), (502, ProviderUnavailable)],
)
def test_a_gateways_page_is_not_a_refusal(status: int, kind: type) -> None:
    """HTML from a bank's gateway does not mean that a customer does not exist (shape D)."""
    page = httpx.Response(status, text="<html>x</html>")
    assert type(failed(page)) is kind


def test_plain_text_is_classed_by_its_status() -> None:
    """Plain text is classified by its status and never quoted."""
    result = failed(httpx.Response(503, text="maintenance for James"))
    assert type(result) is ProviderUnavailable
    assert "James" not in str(result)


@pytest.mark.parametrize("status", [303, 409, 423, 500])
@pytest.mark.parametrize("record", [stored(), wrapped(stored()).json()])
def test_a_record_under_an_error_is_not_repeated(status: int, record: Any) -> None:
    """The error of a response that contains the customer shows nothing of the customer."""
    result = failed(httpx.Response(status, json=record))
    person = stored()
    shown = f"{result} {result!r} {vars(result)}"
    assert person["firstName"] not in shown
    assert person["dateOfBirth"] not in shown


def test_an_error_of_another_type_is_classified_by_the_status() -> None:
    """A number in place of an error is classified by the status."""
    result = failed(httpx.Response(400, json=enveloped(5)))
    assert type(result) is Rejected


def test_a_success_is_read() -> None:
    """The data inside the envelope is the customer."""
    bank, _ = sonder(wrapped(stored()))
    assert bank.customers.get(ID).preferred_name == "James"
