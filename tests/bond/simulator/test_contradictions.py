"""One test for each contradiction between Bond's pages that the simulator settles."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import ADDRESS, PERSON, App, without

NAIVE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"


@pytest.mark.parametrize(
    ("method", "form"),
    [("POST", NAIVE + r"\+00:00"), ("GET", NAIVE), ("PATCH", NAIVE + r"\+00:00")],
)
def test_row_01_each_endpoint_has_its_own_timestamps(
    app: App, method: str, form: str
) -> None:
    """Customers are read with naive times and written with an offset."""
    made = app.customer()
    answer = (
        made
        if method == "POST"
        else app.call(method, f"/customers/{made['customer_id']}", {}).json()
    )
    assert re.fullmatch(form, answer["date_created"])
    assert re.fullmatch(form, answer["addresses"][0]["date_created"])


def test_row_03_business_id_is_the_text_null_on_create_only(app: App) -> None:
    """`business_id` is "null" on create and absent everywhere else."""
    made = app.customer()
    path = f"/customers/{made['customer_id']}"
    assert made["business_id"] == "null"
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
    made = App(switches={"absent_middle_name": choice}).customer()
    assert {k: v for k, v in made.items() if k == "middle_name"} == shown


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
    made = app.customer()
    answer = app.call(
        "PATCH", f"/customers/{made['customer_id']}", {"first_name": "Hope"}
    ).json()
    assert answer["first_name"] == "Hope"
    assert answer["customer_id"] == made["customer_id"]
    assert answer["phone_country_code"] == "1"
    assert answer["addresses"] == made["addresses"]


def test_row_17_the_mask_keeps_the_true_last_four(app: App) -> None:
    """The SSN is answered as a mask with its own last four digits."""
    made = app.customer(ssn="123456789")
    assert made["ssn"] == "XXX-XX-6789"


MASKS = ["XXX-XX-6789", "xxx-xx-6789", "***-**-6789", "XXXXX6789"]


@pytest.mark.parametrize("mask", MASKS)
def test_row_18_a_masked_ssn_is_refused(app: App, mask: str) -> None:
    """A mask sent back as an SSN is a schema error."""
    made = app.customer()
    refusal = app.call("PATCH", f"/customers/{made['customer_id']}", {"ssn": mask})
    assert (refusal.status, refusal.json()["Code"]) == (400, "edit_customer_schema")
    assert "6789" not in refusal.text


@pytest.mark.parametrize("mask", MASKS)
def test_row_18_a_masked_ssn_is_ignored_by_the_switch(mask: str) -> None:
    """The switch drops a mask and takes the rest of the PATCH."""
    app = App(switches={"ignore_masked_ssn": True})
    made = app.customer()
    path = f"/customers/{made['customer_id']}"
    answer = app.call("PATCH", path, {"ssn": mask, "first_name": "Hope"}).json()
    assert (answer["first_name"], answer["ssn"]) == ("Hope", "XXX-XX-6789")
    assert app.call("PATCH", path, {"ssn": "12"}).status == 400
    assert app.call("PATCH", path, []).status == 400


def test_row_20_a_short_middle_name_is_answered_but_not_taken(app: App) -> None:
    """One letter is a middle name on the way out, not on the way in."""
    customer_id = app.bond.seed_customer(middle_name="J")
    assert app.call("GET", f"/customers/{customer_id}").json()["middle_name"] == "J"
    refusal = app.call("POST", "/customers/", {**PERSON, "middle_name": "J"})
    assert list(refusal.json()["Message"]) == ["middle_name"]


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
    made = app.customer(phone_country_code=code)
    read = app.call("GET", f"/customers/{made['customer_id']}").json()
    (listed,) = app.call("GET", "/customers").json()
    assert made["phone_country_code"] == code
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
