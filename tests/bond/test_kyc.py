"""Bond's KYC: its statuses, and repeats that are refused instead of replayed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.bond.banks import body, bond, error
from tests.fakes import json_response

from anybank import (
    Conflict,
    InvalidInput,
    KycStatus,
    NotFound,
    OutcomeUnknown,
    Phone,
    Rejected,
    Ssn,
    StartKyc,
)

PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
CUSTOMER = "931e2341-c3eb-4681-97d4-f6e09d90da14"
START = StartKyc(program_id=PROGRAM, idempotency_key="attempt-1")
PATH = f"/api/v0.1/customers/{CUSTOMER}/verification-kyc"
REPEATED = {
    "type": "RESOURCE_CONFLICT",
    "code": "idempotency_key_exists",
    "message": "A request was made with this idempotency key in the past 24 hours",
}


def status(word: str, **more: Any) -> httpx.Response:
    return json_response(
        200, customer_id=CUSTOMER, brand_id="b", kyc_status=word, **more
    )


def test_start_is_written_as_the_page_shows() -> None:
    """The body, the path and the key are those of the KYC page, without an absent `ip`."""
    bank, script = bond(
        json_response(201, customer_id=CUSTOMER, kyc_status="submitted")
    )
    start = StartKyc(
        program_id=PROGRAM,
        idempotency_key="k",
        ssn=Ssn("000-00-0000"),
        phone=Phone("+15555555555"),
        email="james@example.com",
    )
    check = bank.kyc.start(CUSTOMER, start)
    assert (check.status, check.native_status) == (KycStatus.SUBMITTED, "submitted")
    assert script.request_lines == [f"POST {PATH}"]
    assert script.requests[0].headers["idempotency-key"] == "k"
    assert body(script) == {
        "program_id": PROGRAM,
        "ssn": "000-00-0000",
        "phone": "555-555-5555",
        "phone_country_code": "1",
        "email": "james@example.com",
    }


def test_a_key_is_drawn_if_the_caller_passes_none() -> None:
    """Two starts without a key carry two different keys."""
    answers = [json_response(201, customer_id=CUSTOMER, kyc_status="submitted")] * 2
    bank, script = bond(*answers)
    for _ in range(2):
        bank.kyc.start(CUSTOMER, StartKyc(program_id=PROGRAM))
    keys = [request.headers["idempotency-key"] for request in script.requests]
    assert len(set(keys)) == 2


@pytest.mark.parametrize("key", [None, "attempt-1"])
def test_a_start_that_stays_lost_is_repeated_under_its_key_alone(
    key: str | None,
) -> None:
    """Repeating the call without its key would start another check (row 12)."""
    bank, script = bond(httpx.ReadTimeout("no answer"), retries=0)
    with bank, pytest.raises(OutcomeUnknown) as lost:
        bank.kyc.start(CUSTOMER, StartKyc(program_id=PROGRAM, idempotency_key=key))
    assert lost.value.retryable is (key is not None)
    assert lost.value.idempotency_key == script.requests[0].headers["idempotency-key"]


def test_a_lost_start_is_repeated_with_its_key_and_then_read() -> None:
    """A retry uses the same key; its refusal means that the first request arrived."""
    lost = httpx.ReadTimeout("no answer")
    bank, script = bond(
        lost, httpx.Response(409, json=REPEATED), status("under_review"), retries=1
    )
    assert bank.kyc.start(CUSTOMER, START).status is KycStatus.UNDER_REVIEW
    keys = [request.headers.get("idempotency-key") for request in script.requests]
    assert keys == ["attempt-1", "attempt-1", None]
    assert script.requests[2].url.params["program_id"] == PROGRAM


def test_a_check_under_way_is_read() -> None:
    """A conflict says that the customer is being verified already."""
    bank, _ = bond(error(409, "resource_conflict", "in progress"), status("submitted"))
    assert bank.kyc.start(CUSTOMER, START).status is KycStatus.SUBMITTED


@pytest.mark.parametrize("code", [400, 403, 409])
def test_passed_already_is_a_success_with_the_time(code: int) -> None:
    """After a refused start the status decides, whatever the refusal."""
    passed = "KYC passed at 2021-02-02-00:50:58.484840+00:00"
    refusal = {"type": "RESOURCE_CONFLICT", "code": "x", "message": passed}
    bank, _ = bond(httpx.Response(code, json=refusal), status("passed"))
    check = bank.kyc.start(CUSTOMER, START)
    assert check.status is KycStatus.PASSED
    assert check.passed_at == datetime(2021, 2, 2, 0, 50, 58, 484840, UTC)


def test_no_more_attempts_is_a_refusal() -> None:
    """A refusal for too many attempts is not a check under way."""
    bank, _ = bond(error(403, "kyc_retries", "too many"), status("failed"))
    with pytest.raises(Conflict) as caught:
        bank.kyc.start(CUSTOMER, START)
    assert (caught.value.code, caught.value.outcome) == ("kyc_retries", "refused")


def test_a_missing_field_is_named_without_another_request() -> None:
    """The page's error is about the neutral field `ssn`, with either code."""
    missing = {"ssn": ["Missing data for required field."]}
    for code in ("kyc_post_schema", "create_kyc_schema"):
        bank, script = bond(error(400, code, missing))
        with pytest.raises(Rejected) as caught:
            bank.kyc.start(CUSTOMER, START)
        assert caught.value.field_errors == {
            "ssn": ("Missing data for required field.",)
        }
        assert len(script.requests) == 1


def test_a_refusal_without_a_readable_status_is_raised() -> None:
    """Where the status cannot be read, the first refusal is raised."""
    bank, _ = bond(error(409, "resource_conflict"), error(404, "kyc_dne"))
    with pytest.raises(Conflict):
        bank.kyc.start(CUSTOMER, START)
    bank, _ = bond(error(409, "resource_conflict"), error(500, "unknown_kyc_get"))
    with pytest.raises(Conflict):
        bank.kyc.start(CUSTOMER, START)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("submitted", KycStatus.SUBMITTED),
        ("passed", KycStatus.PASSED),
        ("failed", KycStatus.FAILED),
        ("document_required", KycStatus.DOCUMENTS_REQUIRED),
        ("document required", KycStatus.DOCUMENTS_REQUIRED),
        ("Under Review", KycStatus.UNDER_REVIEW),
        ("error", KycStatus.ERROR),
        ("expired", KycStatus.EXPIRED),
        ("on_the_moon", KycStatus.UNKNOWN),
    ],
)
def test_statuses(word: str, expected: KycStatus) -> None:
    """Each status has a neutral one; an unknown one is UNKNOWN with the vendor's word."""
    # After a verification that is over the customer is read for the attempts left.
    bank, _ = bond(status(word), json_response(customer_id=CUSTOMER))
    check = bank.kyc.get(CUSTOMER, program_id=PROGRAM)
    assert (check.status, check.native_status) == (expected, word)


def test_documents_are_read() -> None:
    """A required document has its link, which a repr does not show."""
    link = "https://verify.example.com/?inquiry-id=inq_example"
    requested = {"document_type": "government_id", "status": "required"}
    documents = [{**requested, "upload_link": link}]
    bank, _ = bond(status("document_required", documents=documents))
    check = bank.kyc.get(CUSTOMER, program_id=PROGRAM)
    assert [(item.kind, item.upload_link) for item in check.documents] == [
        ("government_id", link)
    ]
    assert link not in repr(check)


def test_no_check_for_the_program_is_not_started() -> None:
    """`kyc_dne` reads as NOT_STARTED; an unknown customer raises NotFound."""
    bank, _ = bond(error(404, "kyc_dne"), error(404, "customer_dne"))
    check = bank.kyc.get(CUSTOMER, program_id=PROGRAM)
    assert check.status is KycStatus.NOT_STARTED
    with pytest.raises(NotFound):
        bank.kyc.get(CUSTOMER, program_id=PROGRAM)


def test_get_needs_a_program() -> None:
    """Without a program nothing is sent: Bond verifies a customer for one."""
    bank, script = bond()
    with pytest.raises(InvalidInput) as caught:
        bank.kyc.get(CUSTOMER)
    assert [issue.field for issue in caught.value.issues] == ["program_id"]
    assert script.requests == []


def test_wait_reads_until_a_decision() -> None:
    """Waiting continues until a decision."""
    bank, script = bond(status("submitted"), status("under_review"), status("passed"))
    check = bank.kyc.wait(CUSTOMER, program_id=PROGRAM, timeout=60)
    assert (check.status, len(script.requests)) == (KycStatus.PASSED, 3)


def test_wait_stops_at_documents() -> None:
    """Waiting stops where the customer must act."""
    bank, script = bond(status("document_required"))
    check = bank.kyc.wait(CUSTOMER, program_id=PROGRAM)
    assert check.status is KycStatus.DOCUMENTS_REQUIRED
    assert len(script.requests) == 1


def test_wait_ends_at_its_deadline() -> None:
    """The pauses add up to the deadline, and the last status that was read is returned."""
    bank, script = bond(*[status("submitted")] * 4)
    check = bank.kyc.wait(CUSTOMER, program_id=PROGRAM, timeout=5)
    assert (check.status, len(script.requests)) == (KycStatus.SUBMITTED, 4)


@pytest.mark.parametrize("timeout", [-1, float("inf"), float("nan")])
def test_wait_refuses_an_endless_deadline(timeout: float) -> None:
    """A deadline is a finite number of seconds."""
    bank, _ = bond()
    with pytest.raises(InvalidInput):
        bank.kyc.wait(CUSTOMER, program_id=PROGRAM, timeout=timeout)
