"""KYC: the states of a check, by trigger SSN, by clock and by request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from .conftest import PERSON, PROGRAM, App, without

OTHER_PROGRAM = "77777777-7777-4777-8777-777777777777"
ID = "government_id"
HOME = "proof_of_address"
CARD = "social_security_card"
MISSING = ["Missing data for required field."]


@pytest.fixture
def customer_id(app: App) -> str:
    """Return a customer whose SSN triggers nothing."""
    return str(app.customer()["customer_id"])


TRIGGERS: list[tuple[str, str, str]] = [
    ("000-00-0000", "under_review", "under_review"),
    ("111-11-1111", "document_required", "document_required"),
    ("222-22-2222", "document_required", "document_required"),
    ("333-33-3333", "document_required", "document_required"),
    ("444-44-4444", "document_required", "document_required"),
    ("333332222", "document_required", "document_required"),
    ("777-77-7777", "document_required", "document_required"),
    ("888-88-8888", "expired", "timeout"),
    ("999-99-0000", "failed", "failure"),
    ("999-99-1111", "failed", "failure"),
    ("999992222", "failed", "failure"),
    ("123-45-6789", "passed", "success"),
    ("987-65-4321", "passed", "success"),
]


@pytest.mark.parametrize(("ssn", "status", "event"), TRIGGERS)
def test_a_trigger_ssn_decides_a_check(
    app: App, ssn: str, status: str, event: str
) -> None:
    """The SSN of a customer decides the check, and a webhook reports it."""
    app.subscribe("kyc.*")
    customer_id = app.customer(ssn=ssn)["customer_id"]
    started = app.start_kyc(customer_id)
    assert started.status == 201
    assert started.json() == {"customer_id": customer_id, "kyc_status": "submitted"}
    assert app.kyc(customer_id).json()["kyc_status"] == status
    assert [item["event"] for item in app.events()] == [f"kyc.verification.{event}"]


DOCUMENTS: list[tuple[str, list[str]]] = [
    ("111-11-1111", [CARD, ID]),
    ("222-22-2222", [ID, HOME]),
    ("333-33-3333", [ID]),
    ("444-44-4444", [CARD, ID, HOME]),
    ("333-33-2222", [ID, HOME]),
    ("777-77-7777", [ID, HOME, CARD]),
]


@pytest.mark.parametrize(("ssn", "requested"), DOCUMENTS)
def test_a_check_names_the_required_documents(
    app: App, ssn: str, requested: list[str]
) -> None:
    """The required documents are in the status and in the event."""
    app.subscribe("kyc.*")
    customer_id = app.customer(ssn=ssn)["customer_id"]
    app.start_kyc(customer_id)
    shown = app.kyc(customer_id).json()["documents"]
    (event,) = app.events()
    assert [document["document_type"] for document in shown] == requested
    assert event["documents"] == shown
    assert event["inquiry_id"] in shown[0]["upload_link"]


@pytest.mark.parametrize(
    ("ssn", "failed"),
    [
        ("999-99-0000", {"bureau"}),
        ("999-99-1111", {"ofac"}),
        ("999-99-2222", {"bureau", "ofac"}),
    ],
)
def test_a_failed_check_has_reasons(app: App, ssn: str, failed: set[str]) -> None:
    """A failure by a trigger SSN names the checks that failed."""
    customer_id = app.customer(ssn=ssn)["customer_id"]
    app.start_kyc(customer_id)
    reasons = app.kyc(customer_id).json()["reasons"]
    assert {name for name in reasons if reasons[name] == "failed"} == failed


def test_the_status_names_the_brand(app: App, customer_id: str) -> None:
    """The status calls the customer's bond_brand_id a brand_id."""
    app.start_kyc(customer_id)
    assert app.kyc(customer_id).json() == {
        "customer_id": customer_id,
        "brand_id": app.bond.brand_id,
        "kyc_status": "passed",
    }


def test_an_ssn_in_the_request_replaces_the_stored_one(
    app: App, customer_id: str
) -> None:
    """The SSN of the request decides, and is stored."""
    app.start_kyc(customer_id, ssn="000-00-0000")
    assert app.kyc(customer_id).json()["kyc_status"] == "under_review"
    read = app.call("GET", f"/customers/{customer_id}").json()
    assert read["ssn"] == "XXX-XX-0000"


def test_the_ssn_of_a_passed_customer_stays(app: App, customer_id: str) -> None:
    """KYC for another program does not change a customer who has passed."""
    app.start_kyc(customer_id)
    app.start_kyc(customer_id, program_id=OTHER_PROGRAM, ssn="000-00-0000")
    read = app.call("GET", f"/customers/{customer_id}").json()
    assert read["ssn"] == "XXX-XX-6789"


def test_a_check_is_decided_after_its_delay() -> None:
    """A check stays submitted until the clock has advanced by the delay."""
    app = App(switches={"decision_delay": timedelta(minutes=2)})
    customer_id = app.customer()["customer_id"]
    app.start_kyc(customer_id)
    assert app.kyc(customer_id).json()["kyc_status"] == "submitted"
    app.clock.advance(minutes=1, seconds=59)
    assert app.start_kyc(customer_id).status == 409
    app.clock.advance(seconds=1)
    assert app.kyc(customer_id).json()["kyc_status"] == "passed"


def test_an_event_has_the_time_of_its_decision() -> None:
    """An event that is read late has the time of its own decision."""
    app = App(switches={"decision_delay": timedelta(minutes=2)})
    app.subscribe("kyc.*")
    app.start_kyc(app.customer()["customer_id"])
    app.clock.advance(days=1)
    (event,) = app.events()
    assert event["occurred_at"] == "2024-03-01T12:02:00.000000+00:00"


BAD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"program_id": "seven"}, {"program_id": ["Not a valid UUID."]}),
    ({"ssn": "XXX-XX-6789"}, {"ssn": ["String does not match expected pattern."]}),
    ({"ip": "::1"}, {"ip": ["Not a valid IPv4 address."]}),
    ({"email": "?"}, {"email": ["Not a valid email address."]}),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_a_bad_start_is_refused(
    app: App, customer_id: str, fields: dict[str, Any], message: dict[str, Any]
) -> None:
    """A bad field of a start is a schema error and uses no attempt."""
    refusal = app.start_kyc(customer_id, **fields)
    assert (refusal.status, refusal.json()["Code"]) == (400, "kyc_post_schema")
    assert refusal.json()["Message"] == message
    read = app.call("GET", f"/customers/{customer_id}").json()
    assert read["kyc_requests_available"] == 3


@pytest.mark.parametrize("body", [{}, None])
def test_a_program_and_an_ssn_are_needed(app: App, body: Any) -> None:
    """A customer without an SSN has to send one."""
    created = app.call("POST", "/customers/", without(PERSON, "ssn")).json()
    path = f"/customers/{created['customer_id']}/verification-kyc"
    message = app.call("POST", path, body).json()["Message"]
    assert message["ssn"] == MISSING


def test_the_status_needs_a_program(app: App, customer_id: str) -> None:
    """Reading KYC without a program is a schema error, without a check a 404."""
    path = f"/customers/{customer_id}/verification-kyc"
    assert app.call("GET", path).json()["Code"] == "get_kyc_schema"
    refusal = app.kyc(customer_id)
    assert (refusal.status, refusal.json()["Code"]) == (404, "kyc_dne")


def test_three_attempts_are_all(app: App) -> None:
    """The fourth attempt is refused, and each one is counted on the customer."""
    customer_id = app.customer(ssn="999-99-0000")["customer_id"]
    assert [app.start_kyc(customer_id).status for _ in range(3)] == [201] * 3
    refusal = app.start_kyc(customer_id)
    assert (refusal.status, refusal.json()["Code"]) == (403, "kyc_retries")
    read = app.call("GET", f"/customers/{customer_id}").json()
    assert read["kyc_requests_available"] == 0


@pytest.mark.parametrize("status", ["failed", "error", "expired"])
def test_an_ended_attempt_may_be_repeated(
    app: App, customer_id: str, status: str
) -> None:
    """After a failure, an error or an expiry KYC can be started again."""
    app.bond.decide_kyc(customer_id, status)
    assert app.kyc(customer_id).json()["kyc_status"] == status
    assert app.start_kyc(customer_id).status == 201


def test_programs_are_separate(app: App, customer_id: str) -> None:
    """A check belongs to a customer and a program."""
    app.start_kyc(customer_id)
    assert app.start_kyc(customer_id, program_id=OTHER_PROGRAM).status == 201


def test_unknown_programs_are_refused_by_the_switch() -> None:
    """If the switch names programs, any other is refused."""
    app = App(switches={"programs": frozenset({PROGRAM})})
    customer_id = app.customer()["customer_id"]
    refusal = app.start_kyc(customer_id, program_id=OTHER_PROGRAM)
    assert (refusal.status, refusal.json()["Code"]) == (400, "invalid_program")
    assert app.start_kyc(customer_id).status == 201


@pytest.mark.parametrize(
    ("name", "status", "event"),
    [("pass", "passed", "success"), ("fail", "failed", "failure")],
)
def test_an_outcome_is_simulated(
    app: App, customer_id: str, name: str, status: str, event: str
) -> None:
    """The simulation calls decide a check, and webhooks report it."""
    app.subscribe("kyc.*")
    body = {"customer_id": customer_id, "program_id": PROGRAM}
    answer = app.call("POST", f"/simulate/kyc-{name}", body)
    assert answer.json() == {"customer_id": customer_id, "kyc_status": status}
    assert app.kyc(customer_id).json()["kyc_status"] == status
    assert [item["event"] for item in app.events()] == [f"kyc.verification.{event}"]


def test_a_review_ends_by_simulation(app: App) -> None:
    """A check under review passes by a simulation call."""
    customer_id = app.customer(ssn="000-00-0000")["customer_id"]
    app.start_kyc(customer_id)
    body = {"customer_id": customer_id, "program_id": PROGRAM}
    assert app.call("POST", "/simulate/kyc-pass", body).ok
    assert app.kyc(customer_id).json()["kyc_status"] == "passed"


def test_a_bad_simulation_is_refused(app: App, customer_id: str) -> None:
    """A simulation without its fields, or of a passed check, is refused."""
    assert app.call("POST", "/simulate/kyc-pass", {}).json()["Code"] == "input_error"
    app.start_kyc(customer_id)
    body = {"customer_id": customer_id, "program_id": PROGRAM}
    assert app.call("POST", "/simulate/kyc-fail", body).status == 409


IMAGE = {"file_name": "invented.png", "image": "aW52ZW50ZWQ="}
ID_FILE = {"type": "passport", "country": "US", "front_image": IMAGE}
HOME_FILE = {"type": "utility_bill", **IMAGE}


def _wants_documents(app: App) -> str:
    customer_id: str = app.customer(ssn="222-22-2222")["customer_id"]
    app.start_kyc(customer_id)
    return f"/customers/{customer_id}/verification-kyc"


def test_documents_lead_to_a_review(app: App) -> None:
    """After the last document the check is under review."""
    path = _wants_documents(app)
    answer = app.call("POST", f"{path}/documents", {ID: ID_FILE})
    assert answer.json()["num_documents_submitted"] == 1
    shown = app.call("GET", path, program_id=PROGRAM).json()["documents"]
    assert [document["status"] for document in shown] == ["submitted", "required"]
    app.call("POST", f"{path}/documents", {HOME: HOME_FILE})
    status = app.call("GET", path, program_id=PROGRAM).json()
    assert status["kyc_status"] == "under_review"
    assert "documents" not in status


def test_documents_pass_by_the_switch() -> None:
    """With the switch, documents pass a check without a review."""
    app = App(switches={"documents_pass": True})
    path = _wants_documents(app)
    app.call("POST", f"{path}/documents", {ID: ID_FILE, HOME: HOME_FILE})
    assert app.call("GET", path, program_id=PROGRAM).json()["kyc_status"] == "passed"


@pytest.mark.parametrize(
    "body", [{CARD: IMAGE}, {ID: {"type": "diary"}}, {"diary": IMAGE}, []]
)
def test_other_documents_are_refused(app: App, body: Any) -> None:
    """A document that is not required or of an unknown kind is refused."""
    path = _wants_documents(app)
    refusal = app.call("POST", f"{path}/documents", body)
    assert (refusal.status, refusal.json()["Code"]) == (400, "input_error")


def test_documents_need_a_check_that_requires_them(app: App, customer_id: str) -> None:
    """Documents are refused if no check requires any."""
    app.start_kyc(customer_id)
    path = f"/customers/{customer_id}/verification-kyc/documents"
    refusal = app.call("POST", path, {ID: ID_FILE})
    assert (refusal.status, refusal.json()["Code"]) == (404, "kyc_dne")


def test_asking_again_names_the_fields(app: App, customer_id: str) -> None:
    """`reenter_information` names the fields, and has no time, as in its sample."""
    app.subscribe("kyc.*")
    app.bond.ask_again(customer_id, "ssn", "dob")
    (event,) = app.events()
    assert event["event"] == "kyc.verification.reenter_information"
    assert event["fields"] == ["ssn", "dob"]
    assert "occurred_at" not in event


def test_a_deleted_customer_is_not_decided() -> None:
    """The check of a deleted customer has no outcome."""
    app = App(switches={"decision_delay": timedelta(minutes=2)})
    app.subscribe("kyc.*")
    customer_id = app.customer()["customer_id"]
    app.start_kyc(customer_id)
    app.call("DELETE", f"/customers/{customer_id}")
    app.clock.advance(minutes=2)
    assert app.events() == []


def test_an_unknown_customer_cannot_be_decided(app: App) -> None:
    """Deciding about an unknown customer raises KeyError."""
    with pytest.raises(KeyError):
        app.bond.decide_kyc("nobody", "passed")


def test_a_customer_is_seeded_with_its_kyc(app: App) -> None:
    """A customer can be created as passed, without an event."""
    app.subscribe("*")
    customer_id = app.bond.seed_customer(kyc="passed")
    assert app.kyc(customer_id).json()["kyc_status"] == "passed"
    assert app.events() == []
