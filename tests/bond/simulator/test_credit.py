"""Credit applications: create, update, submit, decide."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PERSON, PROGRAM, App

PATH = "/credit/applications"
FINANCES = {
    "employment_status": "employed",
    "total_annual_income": 6000000,
    "monthly_housing_payment": 90000,
}
NOT_FOUND = {
    "status": "ERROR_CODE_CREDIT_APPLICATION_GENERIC",
    "code": 3001,
    "message": "Not found.",
    "details": {},
}


def apply(app: App, customer_id: str | None = None, **finances: Any) -> dict[str, Any]:
    """Create an application, for a new customer if none is named."""
    customer_id = customer_id or app.customer()["customer_id"]
    applicant = {"customer_id": customer_id, **FINANCES, **finances}
    body = {"program_id": PROGRAM, "applicant": applicant}
    answer = app.call("POST", PATH, body)
    assert answer.status == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def submit(app: App, application: dict[str, Any]) -> dict[str, Any]:
    """Submit an application and return the response."""
    answer = app.call("POST", f"{PATH}/{application['application_id']}/submit")
    assert answer.status == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def read(app: App, application: dict[str, Any]) -> dict[str, Any]:
    """Read an application."""
    answer = app.call("GET", f"{PATH}/{application['application_id']}")
    assert answer.status == 200
    return answer.json()  # type: ignore[no-any-return]


def test_an_application_shows_the_customer(app: App) -> None:
    """An application is returned with the customer's data, under its own names."""
    created = apply(app)
    applicant = created["applicant"]
    assert created["application_status"] == "created"
    assert created["accounts"] == {"security_deposit_account_id": None}
    assert {name: applicant[name] for name in FINANCES} == FINANCES
    assert applicant["date_of_birth"] == PERSON["dob"]
    assert (applicant["street"], applicant["middle_name"]) == ("12 Invented Rd.", "")
    assert (applicant["terms_accepted"], applicant["currency"]) == (True, "USD")
    assert read(app, created) == created


def test_times_end_in_z(app: App) -> None:
    """The credit service writes its times with a Z."""
    created = apply(app)
    assert (
        created["date_created"]
        == created["date_updated"]
        == "2024-03-01T12:00:00.000000Z"
    )


def test_absent_finances_are_null(app: App) -> None:
    """Finances that were not sent yet are null."""
    body = {
        "program_id": PROGRAM,
        "applicant": {"customer_id": app.bond.seed_customer()},
    }
    applicant = app.call("POST", PATH, body).json()["applicant"]
    assert [applicant[name] for name in FINANCES] == [None] * 3
    assert "ssn" not in applicant


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"program_id": None}, {"program_id": ["Field may not be null."]}),
        (
            {"applicant": {}},
            {"applicant": {"customer_id": ["Missing data for required field."]}},
        ),
    ],
)
def test_a_bad_application_is_refused(
    app: App, change: dict[str, Any], message: dict[str, Any]
) -> None:
    """A bad body is refused in shape A."""
    good = {"program_id": PROGRAM, "applicant": {"customer_id": "7"}}
    refusal = app.call("POST", PATH, {**good, **change})
    assert (refusal.status, refusal.json()["Code"]) == (400, "input_error")
    assert refusal.json()["Message"] == message


def test_an_applicant_has_to_be_a_customer(app: App) -> None:
    """An application for an unknown customer is refused."""
    unknown = "aaaaaaaa-0000-4000-8000-000000000000"
    body = {"program_id": PROGRAM, "applicant": {"customer_id": unknown}}
    assert app.call("POST", PATH, body).json()["Code"] == "customer_dne"


@pytest.mark.parametrize(
    ("method", "tail"),
    [("GET", ""), ("PATCH", ""), ("POST", "/submit"), ("GET", "/adverse-actions")],
)
def test_an_unknown_application_is_not_found(app: App, method: str, tail: str) -> None:
    """The credit service's 404 is shape C, whose code is a number."""
    refusal = app.call(method, f"{PATH}/unknown{tail}", {})
    assert (refusal.status, refusal.json()) == (404, NOT_FOUND)


def test_another_brand_does_not_read_it(app: App) -> None:
    """An application of another brand is refused, and not listed."""
    created = apply(app)
    app.credentials = app.bond.seed_brand()
    assert app.call("GET", f"{PATH}/{created['application_id']}").status == 403
    assert app.call("GET", PATH).json() == {"has_more": False, "data": []}


def test_submitting_leads_to_approval(app: App) -> None:
    """KYC passes, the application is approved, and its deposit account is open."""
    created = apply(app)
    submit(app, created)
    approved = read(app, created)
    assert approved["application_status"] == "approved"
    account_id = approved["accounts"]["security_deposit_account_id"]
    account = app.call("GET", f"/accounts/{account_id}").json()
    assert (account["type"], account["customer_id"]) == (
        "security_deposit",
        created["applicant"]["customer_id"],
    )


def test_submitting_joins_a_check_that_is_under_way(app: App) -> None:
    """A check that was started before decides the application too."""
    customer_id = app.customer(ssn="000-00-0000")["customer_id"]
    created = apply(app, customer_id)
    app.start_kyc(customer_id)
    assert submit(app, created)["application_status"] == "kyc_started"
    app.bond.decide_kyc(customer_id, "passed")
    assert read(app, created)["application_status"] == "approved"


def test_a_review_leaves_an_application_open(app: App) -> None:
    """While KYC is reviewed the application keeps its status."""
    created = apply(app, app.customer(ssn="000-00-0000")["customer_id"])
    submit(app, created)
    assert read(app, created)["application_status"] == "kyc_started"


def test_an_incomplete_application_is_refused_on_submission(app: App) -> None:
    """All finances are required before the submit, and an SSN too."""
    customer_id = app.bond.seed_customer()
    body = {"program_id": PROGRAM, "applicant": {"customer_id": customer_id}}
    path = f"{PATH}/{app.call('POST', PATH, body).json()['application_id']}"
    refusal = app.call("POST", f"{path}/submit")
    assert refusal.status == 400
    assert set(refusal.json()["Message"]["applicant"]) == set(FINANCES)
    app.call("PATCH", path, {"applicant": FINANCES})
    refusal = app.call("POST", f"{path}/submit")
    assert refusal.json()["Code"] == "kyc_post_schema"


@pytest.mark.parametrize("ssn", ["000-00-0000", "123-45-6789", "999-99-0000"])
def test_a_submitted_application_is_closed(app: App, ssn: str) -> None:
    """After the submit an application cannot be changed or submitted again."""
    created = apply(app, app.customer(ssn=ssn)["customer_id"])
    path = f"{PATH}/{created['application_id']}"
    submit(app, created)
    for refusal in (
        app.call("PATCH", path, {"applicant": FINANCES}),
        app.call("POST", f"{path}/submit"),
    ):
        assert (refusal.status, refusal.json()["Code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        {"applicant": {"employment_status": "pirate"}},
        {"applicant": {"total_annual_income": "1"}},
    ],
)
def test_a_bad_change_is_refused(app: App, body: dict[str, Any]) -> None:
    """A bad change of the finances is refused."""
    path = f"{PATH}/{apply(app)['application_id']}"
    assert app.call("PATCH", path, body).json()["Code"] == "input_error"
    assert app.call("PATCH", path, {}).status == 200


def test_asking_again_opens_an_application(app: App) -> None:
    """After `reenter_information` an application can be changed and submitted again."""
    created = apply(app, app.customer(ssn="000-00-0000")["customer_id"])
    customer_id = created["applicant"]["customer_id"]
    submit(app, created)
    app.bond.ask_again(customer_id, "ssn")
    app.call("PATCH", f"/customers/{customer_id}", {"ssn": "123-45-6789"})
    submit(app, created)
    assert read(app, created)["application_status"] == "approved"


def test_denial_has_its_adverse_action(app: App) -> None:
    """A denied application has the reasons; any other gets 404."""
    created = apply(app, app.customer(ssn="999-99-0000")["customer_id"])
    path = f"{PATH}/{created['application_id']}/adverse-actions"
    assert app.call("GET", path).json() == NOT_FOUND
    submit(app, created)
    action = app.call("GET", path).json()
    assert action["application_id"] == created["application_id"]
    assert (action["service"], action["reasons"]) == (
        "kyc",
        ["Unable to verify identity"],
    )


def _ids(app: App, **query: Any) -> tuple[list[str], bool]:
    answer = app.call("GET", PATH, **query).json()
    return [one["application_id"] for one in answer["data"]], answer["has_more"]


def _applications(app: App, count: int) -> list[str]:
    customer_id = app.bond.seed_customer()
    ids = []
    for _ in range(count):
        ids.append(apply(app, customer_id)["application_id"])
        app.clock.advance(seconds=1)
    return ids


def test_pages_follow_a_cursor(app: App) -> None:
    """A page starts after one application or ends before one, and excludes it."""
    ids = _applications(app, 5)
    assert _ids(app, limit=2) == (ids[:2], True)
    assert _ids(app, limit=2, starting_after=ids[1]) == (ids[2:4], True)
    assert _ids(app, limit=2, starting_after=ids[3]) == (ids[4:], False)
    assert _ids(app, limit=2, ending_before=ids[4]) == (ids[2:4], True)
    assert _ids(app, limit=2, ending_before=ids[1]) == (ids[:1], False)


@pytest.mark.parametrize(
    "query",
    [
        {"starting_after": "a", "ending_before": "b"},
        {"starting_after": "unknown"},
        {"limit": 0},
        {"limit": "all"},
    ],
)
def test_bad_pages_are_refused(app: App, query: dict[str, Any]) -> None:
    """Two cursors, an unknown one and an invalid limit are refused."""
    refusal = app.call("GET", PATH, **query)
    assert (refusal.status, refusal.json()["Code"]) == (400, "invalid_parameter")


CREDIT_EVENTS: list[tuple[str, list[str]]] = [
    ("123-45-6789", ["created", "submitted", "approved"]),
    ("999-99-0000", ["created", "submitted", "adverse_action"]),
    ("888-88-8888", ["created", "submitted", "resubmit_required"]),
]


@pytest.mark.parametrize(("ssn", "names"), CREDIT_EVENTS)
def test_events_follow_an_application(app: App, ssn: str, names: list[str]) -> None:
    """Each step of an application has an event."""
    app.subscribe("credit.*")
    submit(app, apply(app, app.customer(ssn=ssn)["customer_id"]))
    emitted = [event["event"] for event in app.events()]
    assert emitted == [f"credit.application.{name}" for name in names]


def test_an_event_has_its_own_form_of_an_application(app: App) -> None:
    """In events the street is street1, the SSN is masked, and some fields are absent."""
    app.subscribe("credit.*")
    apply(app)
    (event,) = app.events()
    applicant = event["details"]["data"]["applicant"]
    assert event["details"]["resource"] == "credit.application"
    assert (applicant["street1"], applicant["ssn"]) == ("12 Invented Rd.", "XXXXX6789")
    assert applicant["phone"] == PERSON["phone"]
    assert (
        not {"street", "terms_accepted", "currency", "employment_status"}
        & applicant.keys()
    )


def test_a_body_without_an_applicant_is_refused(app: App) -> None:
    """The applicant is required."""
    refusal = app.call("POST", PATH, {"program_id": PROGRAM})
    assert list(refusal.json()["Message"]) == ["applicant"]
