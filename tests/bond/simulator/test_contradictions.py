"""One test for each contradiction between Bond's pages that the simulator settles."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from anybank.adapter.wire import Response

from .conftest import ADDRESS, MAILING, PERSON, PROGRAM, App, without

NAIVE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"


@pytest.mark.parametrize(
    ("method", "form"),
    [("POST", NAIVE + r"\+00:00"), ("GET", NAIVE), ("PATCH", NAIVE + r"\+00:00")],
)
def test_row_01_each_endpoint_has_its_own_timestamps(
    app: App, method: str, form: str
) -> None:
    """Customers are read with naive times and written with an offset."""
    created = app.customer()
    answer = (
        created
        if method == "POST"
        else app.call(method, f"/customers/{created['customer_id']}", {}).json()
    )
    assert re.fullmatch(form, answer["date_created"])
    assert re.fullmatch(form, answer["addresses"][0]["date_created"])


def test_row_03_business_id_is_the_text_null_on_create_only(app: App) -> None:
    """`business_id` is "null" on create and absent everywhere else."""
    created = app.customer()
    path = f"/customers/{created['customer_id']}"
    assert created["business_id"] == "null"
    for method in ("GET", "PATCH"):
        assert "business_id" not in app.call(method, path, {}).json()
    assert "business_id" not in app.call("GET", "/customers").json()[0]


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ("absent", {}),
        ("empty", {"middle_name": ""}),
        ("null", {"middle_name": None}),
        ("text", {"middle_name": "null"}),
    ],
)
def test_row_03_no_middle_name_is_shown_by_the_switch(
    choice: str, shown: dict[str, Any]
) -> None:
    """An absent middle name takes each of the forms that samples have."""
    created = App(switches={"absent_middle_name": choice}).customer()
    assert {k: v for k, v in created.items() if k == "middle_name"} == shown


def test_row_04_delete_answers_plain_text(app: App) -> None:
    """DELETE answers 200 and a text that is not JSON."""
    answer = app.call("DELETE", f"/customers/{app.bond.seed_customer()}")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "Customer resource deleted"


def test_row_11_a_used_brand_person_id_is_a_duplicate(app: App) -> None:
    """A second customer with one brand_person_id is refused as in the schema error."""
    app.customer(brand_person_id="mine-1")
    refusal = app.call("POST", "/customers/", {**PERSON, "brand_person_id": "mine-1"})
    assert (refusal.status, refusal.json()["Code"]) == (400, "person_id_dup")
    assert list(refusal.json()["Message"]) == ["brand_person_id"]


def test_row_16_update_answers_the_true_customer(app: App) -> None:
    """A PATCH answers the merged customer, and nobody else."""
    created = app.customer()
    answer = app.call(
        "PATCH", f"/customers/{created['customer_id']}", {"first_name": "Hope"}
    ).json()
    assert answer["first_name"] == "Hope"
    assert answer["customer_id"] == created["customer_id"]
    assert answer["phone_country_code"] == "1"
    assert answer["addresses"] == created["addresses"]


def test_row_17_the_mask_keeps_the_true_last_four(app: App) -> None:
    """The SSN is answered as a mask with its own last four digits."""
    created = app.customer(ssn="123456789")
    assert created["ssn"] == "XXX-XX-6789"


MASKS = ["XXX-XX-6789", "xxx-xx-6789", "***-**-6789", "XXXXX6789"]


@pytest.mark.parametrize("mask", MASKS)
def test_row_18_a_masked_ssn_is_refused(app: App, mask: str) -> None:
    """A mask sent back as an SSN is a schema error."""
    created = app.customer()
    refusal = app.call("PATCH", f"/customers/{created['customer_id']}", {"ssn": mask})
    assert (refusal.status, refusal.json()["Code"]) == (400, "edit_customer_schema")
    assert "6789" not in refusal.text


@pytest.mark.parametrize("mask", MASKS)
def test_row_18_a_masked_ssn_is_ignored_by_the_switch(mask: str) -> None:
    """The switch drops a mask and takes the rest of the PATCH."""
    app = App(switches={"ignore_masked_ssn": True})
    created = app.customer()
    path = f"/customers/{created['customer_id']}"
    answer = app.call("PATCH", path, {"ssn": mask, "first_name": "Hope"}).json()
    assert (answer["first_name"], answer["ssn"]) == ("Hope", "XXX-XX-6789")
    assert app.call("PATCH", path, {"ssn": "12"}).status == 400
    assert app.call("PATCH", path, []).status == 400


def test_row_20_a_middle_name_may_have_one_letter(app: App) -> None:
    """The table asks for two letters, and the page's own sample has one."""
    assert app.customer(middle_name="J")["middle_name"] == "J"
    for name in ("first_name", "last_name"):
        refusal = app.call("POST", "/customers/", {**PERSON, name: "J"})
        assert list(refusal.json()["Message"]) == [name]


def test_row_21_names_are_letters_spaces_and_apostrophes(app: App) -> None:
    """A hyphen or digit is refused; an accented letter counts as one."""
    assert app.customer(last_name="de la Núñez O'Sample")
    for name in ("Smith-Sample", "Sample 3"):
        refusal = app.call("POST", "/customers/", {**PERSON, "last_name": name})
        assert list(refusal.json()["Message"]) == ["last_name"]


@pytest.mark.parametrize(
    ("choice", "code", "shown"),
    [
        ("foreign", "1", False),
        ("foreign", "44", True),
        ("always", "1", True),
        ("never", "44", False),
    ],
)
def test_row_22_the_country_code_is_read_by_the_switch(
    choice: str, code: str, shown: object
) -> None:
    """Reads leave out the country code as the switch says; writes answer it."""
    app = App(switches={"country_code_on_read": choice})
    created = app.customer(phone_country_code=code)
    read = app.call("GET", f"/customers/{created['customer_id']}").json()
    (listed,) = app.call("GET", "/customers").json()
    assert created["phone_country_code"] == code
    assert ("phone_country_code" in read) is shown
    assert ("phone_country_code" in listed) is shown


def test_row_23_a_phone_is_required_by_the_switch(app: App) -> None:
    """A customer without a phone is taken, unless the switch refuses it."""
    body = without(PERSON, "phone", "phone_country_code")
    assert "phone" not in app.call("POST", "/customers/", body).json()
    strict = App(switches={"require_phone": True})
    refusal = strict.call("POST", "/customers/", body)
    assert list(refusal.json()["Message"]) == ["phone"]


def test_row_24_a_last_name_is_required(app: App) -> None:
    """The sample error of the vendor's page comes out byte for byte in its fields."""
    refusal = app.call("POST", "/customers/", without(PERSON, "last_name"))
    assert refusal.json() == {
        "Message": {"last_name": ["Missing data for required field."]},
        "Status": 400,
        "Code": "create_customer_schema",
        "Type": "Request Error",
    }


def test_row_25_a_foreign_postal_code_is_free_text(app: App) -> None:
    """Outside the US a postal code has 2 to 20 characters."""
    foreign = {**ADDRESS, "country": "NL", "zip_code": "1012 AB", "state": "NH"}
    assert app.customer(addresses=[foreign])


@pytest.mark.parametrize("path", ["/customers", "/customers/"])
def test_row_31_the_slash_is_accepted_and_not_required(app: App, path: str) -> None:
    """Both paths answer themselves, without a redirect."""
    assert app.call("POST", path, PERSON).status == 201
    assert app.call("GET", path).status == 200


def test_row_56_an_ssn_is_unique_by_the_switch_only(app: App) -> None:
    """Two customers may share an SSN and an e-mail, unless the switch refuses it."""
    assert app.customer()["ssn"] == app.customer()["ssn"]
    strict = App(switches={"unique_ssn": True})
    strict.customer()
    other = strict.customer(ssn="987-65-4321")
    path = f"/customers/{other['customer_id']}"
    for refusal in (
        strict.call("POST", "/customers/", PERSON),
        strict.call("PATCH", path, {"ssn": PERSON["ssn"]}),
    ):
        assert refusal.json()["Message"] == {"ssn": ["Already exists."]}


def test_row_02_kyc_events_may_have_a_dash_for_the_t() -> None:
    """The switch writes KYC events' times as the vendor's sample prints them."""
    app = App(switches={"dash_timestamps": True})
    app.subscribe("kyc.*", "customer.*")
    customer_id = app.customer()["customer_id"]
    app.start_kyc(customer_id)
    app.call("PATCH", f"/customers/{customer_id}", {"phone": "555-010-4000"})
    success, updated = app.events()
    assert success["occurred_at"] == "2024-03-01-12:00:00.000000+00:00"
    assert updated["occurred_at"] == "2024-03-01T12:00:00.000000+00:00"


AFTER_KYC: list[tuple[dict[str, Any], list[str]]] = [
    ({"email": "new@example.com"}, []),
    ({"phone": "555-010-4000", "phone_country_code": "44"}, []),
    ({"addresses": [ADDRESS, {**MAILING, "city": "Sparks"}]}, []),
    ({"addresses": [ADDRESS]}, []),
    ({**PERSON, "email": "new@example.com"}, []),
    ({"first_name": "Hope"}, ["first_name"]),
    ({"ssn": "987-65-4321", "dob": "1980-01-01"}, ["dob", "ssn"]),
    ({"addresses": [{**ADDRESS, "city": "Sparks"}]}, ["addresses"]),
    ({"middle_name": "Mae", "email": "new@example.com"}, ["middle_name"]),
]


@pytest.mark.parametrize(("body", "names"), AFTER_KYC)
def test_row_05_kyc_locks_most_fields(
    app: App, body: dict[str, Any], names: list[str]
) -> None:
    """After KYC only e-mail, phone and secondary addresses really change."""
    created = app.customer(addresses=[ADDRESS, MAILING])
    path = f"/customers/{created['customer_id']}"
    app.start_kyc(created["customer_id"])
    before = app.call("GET", path).json()
    answer = app.call("PATCH", path, body)
    if names:
        assert (answer.status, answer.json()["Code"]) == (403, "kyc_customer")
        assert list(answer.json()["Message"]) == names
        assert app.call("GET", path).json() == before
    else:
        assert answer.status == 200


def test_row_05_kyc_locks_everything_by_the_switch() -> None:
    """With the switch no PATCH is taken once KYC has passed."""
    app = App(switches={"strict_kyc": True})
    customer_id = app.bond.seed_customer(kyc="passed")
    path = f"/customers/{customer_id}"
    refusal = app.call("PATCH", path, {"email": "new@example.com"})
    assert (refusal.status, refusal.json()["Code"]) == (403, "kyc_customer")
    refusal = app.call("POST", f"{path}/addresses", MAILING)
    assert list(refusal.json()["Message"]) == ["addresses"]


def test_row_05_kyc_locks_the_primary_address_as_a_resource(app: App) -> None:
    """The rule is the same where an address is called by its own id."""
    created = app.customer(addresses=[ADDRESS, MAILING])
    primary, secondary = (one["address_id"] for one in created["addresses"])
    app.start_kyc(created["customer_id"])
    path = f"/customers/{created['customer_id']}/addresses"
    change = {"city": "Sparks"}
    assert app.call("PATCH", f"{path}/{primary}", change).status == 403
    assert app.call("PATCH", f"{path}/{secondary}", change).status == 200


def test_row_07_each_part_has_its_own_error_shape(app: App) -> None:
    """Shape A is the rule, B an idempotency clash, C a credit 404."""
    customer_id = app.bond.seed_customer(ssn="999-99-0000")
    path = f"/customers/{customer_id}/verification-kyc"
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        clash = app.call("POST", path, {"program_id": PROGRAM}, headers=key)
    assert set(app.call("POST", "/customers/", {}).json()) == {
        *("Message", "Status", "Code", "Type")
    }
    assert set(clash.json()) == {"type", "code", "message"}
    credit = app.call("GET", "/credit/applications/unknown")
    assert set(credit.json()) == {"status", "code", "message", "details"}


def test_row_09_a_message_is_a_text_or_a_field_map(app: App) -> None:
    """The message about a missing customer is a text, that about a bad one a map of fields."""
    assert isinstance(app.call("GET", "/customers/7").json()["Message"], str)
    assert isinstance(app.call("POST", "/customers/", {}).json()["Message"], dict)


def test_row_10_a_bad_start_has_the_code_of_the_page(app: App) -> None:
    """Starting KYC without an SSN comes out as in the vendor's sample."""
    refusal = app.start_kyc(app.bond.seed_customer())
    assert refusal.json() == {
        "Message": {"ssn": ["Missing data for required field."]},
        "Status": 400,
        "Code": "kyc_post_schema",
        "Type": "Request Error",
    }


def test_row_12_an_idempotency_key_is_refused_for_a_day(app: App) -> None:
    """A key is refused for 24 hours from its first use, and not replayed."""
    customer_id = app.bond.seed_customer(ssn="999-99-0000")
    path = f"/customers/{customer_id}/verification-kyc"

    def start() -> Response:
        body, key = {"program_id": PROGRAM}, {"Idempotency-Key": "once"}
        return app.call("POST", path, body, headers=key)

    assert start().status == 201
    app.clock.advance(hours=23, minutes=59)
    clash = start()
    assert clash.status == 409
    assert clash.json()["type"] == "RESOURCE_CONFLICT"
    assert clash.json()["code"] == "idempotency_key_exists"
    app.clock.advance(minutes=1)
    assert start().status == 201


@pytest.mark.parametrize("expected", ["*", "kyc.*", "kyc.verification.success"])
def test_row_13_submitted_is_an_answer_and_an_event(app: App, expected: str) -> None:
    """The page posts the answer to the callback URL, too, before there is an outcome."""
    app.subscribe(expected)
    customer_id = app.bond.seed_customer(ssn="123-45-6789")
    answer = app.start_kyc(customer_id)
    submitted, success = app.delivered()
    assert submitted == answer.json()
    assert submitted == {"customer_id": customer_id, "kyc_status": "submitted"}
    assert success["event"] == "kyc.verification.success"


def test_row_13_submitted_goes_to_subscribers_of_kyc() -> None:
    """Another subscription does not get it, and a switch turns it off."""
    app = App()
    app.subscribe("customer.updated")
    app.start_kyc(app.bond.seed_customer(ssn="123-45-6789"))
    assert app.delivered() == []
    silent = App(switches={"submitted_event": False})
    silent.subscribe("kyc.*")
    silent.start_kyc(silent.bond.seed_customer(ssn="123-45-6789"))
    assert len(silent.delivered()) == 1


def test_row_19_each_place_has_its_own_ssn(app: App) -> None:
    """An SSN is a mask on customers, a token on applications, a mask in events."""
    app.subscribe("*")
    created = app.customer()
    body = {
        "program_id": PROGRAM,
        "applicant": {"customer_id": created["customer_id"]},
    }
    application = app.call("POST", "/credit/applications", body).json()
    (event,) = app.events()
    assert created["ssn"] == "XXX-XX-6789"
    assert re.fullmatch(r"tok_sandbox_[A-Za-z0-9]{22}", application["applicant"]["ssn"])
    assert event["details"]["data"]["applicant"]["ssn"] == "XXXXX6789"


def _apply(app: App, customer_id: str) -> str:
    applicant = {
        "customer_id": customer_id,
        "employment_status": "other",
        "total_annual_income": 4300000,
        "monthly_housing_payment": 36500,
    }
    body = {"program_id": PROGRAM, "applicant": applicant}
    application = app.call("POST", "/credit/applications", body).json()
    return f"/credit/applications/{application['application_id']}"


@pytest.mark.parametrize(
    ("switches", "status"), [({}, 200), ({"strict_limit": True}, 400)]
)
def test_row_26_a_limit_above_fifty_is_clamped(
    switches: dict[str, Any], status: int
) -> None:
    """The limit of every sample is above the maximum: clamped, or refused."""
    app = App(switches=switches)
    customer_id = app.bond.seed_customer()
    for _ in range(51):
        _apply(app, customer_id)
    answer = app.call("GET", "/credit/applications", limit=100)
    assert answer.status == status
    assert len(app.call("GET", "/credit/applications", limit=50).json()["data"]) == 50
    if answer.ok:
        assert len(answer.json()["data"]) == 50
        assert answer.json()["has_more"] is True


def test_row_27_applications_are_filtered_by_customer(app: App) -> None:
    """A list of one customer's applications is ordered, and has no one else's."""
    mine, other = app.bond.seed_customer(), app.bond.seed_customer()
    expected = sorted(_apply(app, mine).rpartition("/")[2] for _ in range(3))
    _apply(app, other)
    answer = app.call("GET", "/credit/applications", customer_id=mine).json()
    assert [one["application_id"] for one in answer["data"]] == expected


def test_row_28_a_changed_application_answers_the_new_values(app: App) -> None:
    """A PATCH answers what it changed, with its time."""
    path = _apply(app, app.bond.seed_customer())
    app.clock.advance(minutes=1)
    body = {"applicant": {"employment_status": "self_employed"}}
    answer = app.call("PATCH", path, body).json()
    assert answer["applicant"]["employment_status"] == "self_employed"
    assert answer["date_updated"] > answer["date_created"]


def test_row_35_submitting_starts_kyc_unless_it_has_passed(app: App) -> None:
    """A customer who passed before is approved straight away."""
    path = _apply(app, app.bond.seed_customer(ssn="123-45-6789"))
    answer = app.call("POST", f"{path}/submit").json()
    assert answer["application_status"] == "kyc_started"
    path = _apply(app, app.bond.seed_customer(ssn="123-45-6789", kyc="passed"))
    answer = app.call("POST", f"{path}/submit").json()
    assert answer["application_status"] == "approved"


def test_row_36_the_answer_says_kyc_started_and_the_event_submitted(app: App) -> None:
    """One submission has two names."""
    app.subscribe("credit.application.submitted")
    path = _apply(app, app.bond.seed_customer(ssn="000-00-0000"))
    answer = app.call("POST", f"{path}/submit").json()
    (event,) = app.events()
    assert answer["application_status"] == "kyc_started"
    assert event["details"]["data"]["application_status"] == "submitted"


@pytest.mark.parametrize(
    ("status", "application_status"),
    [
        ("failed", "denied"),
        ("expired", "resubmit_required"),
        ("error", "resubmit_required"),
    ],
)
def test_row_37_a_failure_denies_and_a_timeout_asks_again(
    app: App, status: str, application_status: str
) -> None:
    """A failed check denies for good; one that came to nothing is submitted again."""
    customer_id = app.bond.seed_customer(ssn="000-00-0000")
    path = _apply(app, customer_id)
    app.call("POST", f"{path}/submit")
    app.bond.decide_kyc(customer_id, status)
    assert app.call("GET", path).json()["application_status"] == application_status
    again = app.call("POST", f"{path}/submit")
    assert again.status == (400 if status == "failed" else 201)


def test_row_39_statuses_are_written_with_an_underscore(app: App) -> None:
    """A status has no space in it."""
    customer_id = app.bond.seed_customer(kyc="document_required")
    assert app.kyc(customer_id).json()["kyc_status"] == "document_required"


@pytest.mark.parametrize("days", [30, 14, 28])
def test_row_40_documents_have_a_window(days: int) -> None:
    """A check that wants documents expires when its window is over."""
    app = App(switches={"document_window": timedelta(days=days)})
    app.subscribe("kyc.verification.timeout")
    customer_id = app.bond.seed_customer(kyc="document_required")
    app.clock.advance(days=days, seconds=-1)
    assert app.kyc(customer_id).json()["kyc_status"] == "document_required"
    app.clock.advance(seconds=1)
    assert app.kyc(customer_id).json()["kyc_status"] == "expired"
    assert len(app.events()) == 1


@pytest.mark.parametrize("ssn", ["000-00-0000", "333-33-3333"])
def test_row_42_a_check_under_way_is_not_started_again(app: App, ssn: str) -> None:
    """A second start is a 409, until information is asked for again."""
    customer_id = app.bond.seed_customer(ssn=ssn)
    app.start_kyc(customer_id)
    refusal = app.start_kyc(customer_id)
    assert (refusal.status, refusal.json()["Code"]) == (409, "resource_conflict")
    app.bond.ask_again(customer_id, "ssn")
    assert app.start_kyc(customer_id, ssn="123-45-6789").status == 201
    app.clock.advance(days=31)
    assert app.kyc(customer_id).json()["kyc_status"] == "passed"


def test_row_43_kyc_that_has_passed_is_not_started_again(app: App) -> None:
    """The refusal has shape B and the time of the pass."""
    customer_id = app.bond.seed_customer(ssn="123-45-6789")
    app.start_kyc(customer_id)
    app.clock.advance(days=1)
    refusal = app.start_kyc(customer_id)
    assert (refusal.status, refusal.json()["code"]) == (409, "resource_conflict")
    assert "2024-03-01T12:00:00.000000+00:00" in refusal.json()["message"]


def test_row_44_an_adverse_event_has_a_sent_time(app: App) -> None:
    """Only the adverse event has a `sent_time` without an offset, and it has the action."""
    app.subscribe("credit.application.adverse_action")
    path = _apply(app, app.bond.seed_customer(ssn="999-99-0000"))
    app.call("POST", f"{path}/submit")
    (event,) = app.events()
    assert event["sent_time"] == "2024-03-01T12:00:00.000000"
    assert "occurred_at" not in event
    action = app.call("GET", f"{path}/adverse-actions").json()
    assert event["details"]["data"]["adverse_action"] == action


@pytest.mark.parametrize("wildcard", ["card*", "card.*"])
def test_row_46_both_wildcards_are_expanded(app: App, wildcard: str) -> None:
    """A wildcard in either form is answered as the names that it stands for."""
    events = app.subscribe(wildcard)["events"]
    assert "card.created" in events
    assert "card.status.active" in events
    assert all(name.startswith("card.") for name in events)


def test_row_50_the_pages_own_sample_is_the_review_trigger(app: App) -> None:
    """The SSN of the vendor's KYC sample does not pass."""
    customer_id = app.bond.seed_customer()
    app.start_kyc(customer_id, ssn="000-00-0000", ip="", email="grace@example.com")
    assert app.kyc(customer_id).json()["kyc_status"] == "under_review"


def test_row_53_no_content_type_is_needed(app: App) -> None:
    """DELETE and the submission without a body need no Content-Type."""
    customer_id = app.bond.seed_customer(ssn="123-45-6789")
    assert app.call("POST", f"{_apply(app, customer_id)}/submit").status == 201
    assert app.call("DELETE", f"/customers/{customer_id}").status == 200


def test_row_54_an_empty_ip_is_an_absent_one(app: App) -> None:
    """`ip` may be empty, though it has to be an IPv4 address."""
    customer_id = app.bond.seed_customer(ssn="999-99-0000")
    assert app.start_kyc(customer_id, ip="").status == 201
    assert app.start_kyc(customer_id, ip="192.0.2.1").status == 201
