"""The rows of sonder.md §12 that the simulator implements, and their switches."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .conftest import ADDRESS, PERSON, PHONE, App, refusal, without

FORBIDDEN = (
    "socialSecurityNumber",
    "dateOfBirth",
    "firstName",
    "middleName",
    "lastName",
    "documentLocatorNumber",
)
SAMPLE: dict[str, Any] = {
    "socialSecurityNumber": "123-45-6789",
    "dateOfBirth": "1990-01-01",
    "documentLocatorNumber": 123456789,
    "preferredName": "Sarah",
    "firstName": "Sarah",
    "middleName": "Jane",
    "lastName": "Smith",
    "emails": ["sarah@sonderlabs.io"],
    "phoneNumbers": [{"type": "MOBILE", "number": "555-555-5555"}],
    "addresses": [
        {
            "type": "HOME",
            "street": "123 Main St",
            "city": "Anytown",
            "state": "NY",
            "zip": "12345",
        }
    ],
}
"""The parameters of the create sample of "Customers", as JSON (rows 2 and 10)."""


def test_the_samples_of_the_page_work(app: App) -> None:
    """The update sample gets the response that the page shows (rows 4 and 17)."""
    path = app.customer(**SAMPLE)
    answer = app.data("PUT", path, {"chosen_name": "John"})
    secrets = ("socialSecurityNumber", "documentLocatorNumber")
    shown = {**without(SAMPLE, *secrets), "preferredName": "John"}
    assert without(answer, "customerId", "accountIds") == shown


def test_row_01_personal_data_in_a_url_is_not_read(app: App) -> None:
    """Parameters in the URL create no customer."""
    request_body = {name: str(value) for name, value in PERSON.items()}
    assert app.call("POST", "/customer", None, **request_body).status == 400
    assert app.call("GET", "/customer", None, **request_body).status == 405
    assert app.sonder.customer_ids == ()


def test_row_02_a_name_that_could_be_a_value_is_not_repeated() -> None:
    """A strict simulator names an unknown field unless its name contains digits."""
    app = App({"unknown_fields": "reject"})
    answer = app.call("POST", "/customer", {**PERSON, "900-55-0142": 1, "nick": 1})
    message = "nick is not a known field; one is not a known field"
    assert refusal(answer) == (400, message)


@pytest.mark.parametrize("name", FORBIDDEN)
def test_row_03_a_forbidden_field_is_refused(app: App, name: str) -> None:
    """A forbidden update is refused with the field's name, and changes nothing."""
    path = app.customer()
    body = {"preferredName": "Bea", name: PERSON[name]}
    answer = app.call("PUT", path, body)
    assert refusal(answer) == (400, f"{name} cannot be updated")
    assert app.data("GET", path)["preferredName"] == "Gracie"


def test_row_03_forbidden_fields_may_be_ignored() -> None:
    """By the switch a forbidden field has no effect, and the others are changed."""
    app = App({"forbidden_updates": "ignore", "unknown_fields": "reject"})
    path = app.customer()
    body = {"preferredName": "Bea", "lastName": "Other", "documentLocatorNumber": "x"}
    answer = app.data("PUT", path, body)
    assert (answer["preferredName"], answer["lastName"]) == ("Bea", "O'Sample")


def test_row_03_the_document_locator_number_may_be_updatable() -> None:
    """By the switch the list of optional parameters is followed."""
    app = App({"allow_document_locator_update": True})
    path = app.customer()
    assert app.call("PUT", path, {"documentLocatorNumber": "1"}).status == 400
    answer = app.data("PUT", path, {"documentLocatorNumber": 77})
    assert "documentLocatorNumber" not in answer
    stored = app.sonder.stored(answer["customerId"])
    assert stored.document_locator_number.reveal() == "77"


def test_row_04_the_right_name_wins(app: App) -> None:
    """If both names are sent, `preferredName` counts."""
    body = {"chosen_name": "John", "preferredName": "Bea"}
    assert app.data("PUT", app.customer(), body)["preferredName"] == "Bea"


def test_row_05_a_verb_may_be_the_wrong_one() -> None:
    """By the switch one of the two verbs is not allowed."""
    app = App({"update_verbs": ("PATCH",)})
    path = app.customer()
    assert refusal(app.call("PUT", path, {}))[0] == 405
    assert app.call("PATCH", path, {}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/customer", 405),
        ("DELETE", "/customer", 405),
        ("POST", "/customer/some-id", 405),
        ("DELETE", "/customer/", 404),
        ("GET", "/customers", 404),
    ],
)
def test_row_06_nothing_but_the_item_is_addressed(
    app: App, method: str, path: str, status: int
) -> None:
    """There is no list, and an empty id gets 404 or 405."""
    app.customer()
    assert refusal(app.call(method, path, {}))[0] == status


def test_row_06_the_id_may_be_in_the_body_too() -> None:
    """The id as a parameter of an update is ignored: the path decides."""
    app = App({"unknown_fields": "reject"})
    path = app.customer()
    answer = app.data("PUT", path, {"customerId": "other"})
    assert path == f"/customer/{answer['customerId']}"


def test_row_07_accounts_may_have_the_other_name() -> None:
    """By the switch the ids of accounts have the name in the list of properties."""
    app = App({"account_ids_name": "accounts"})
    path = app.customer()
    account = app.account(path)
    result = app.data("GET", path)
    assert result["accounts"] == [account.rpartition("/")[2]]
    assert "accountIds" not in result


def test_row_10_lists_as_text_are_refused(app: App) -> None:
    """A list inside a text is no list."""
    request_body = {**PERSON, "emails": json.dumps(PERSON["emails"])}
    assert refusal(app.call("POST", "/customer", request_body))[0] == 400


@pytest.mark.parametrize(("verdict", "status"), [("accept", 200), ("reject", 400)])
def test_row_12_an_empty_middle_name_is_a_switch(verdict: str, status: int) -> None:
    """By the switch an empty middle name is accepted or refused."""
    app = App({"empty_middle_name": verdict})
    assert app.call("POST", "/customer", {**PERSON, "middleName": ""}).status == status
    assert app.call("POST", "/customer", without(PERSON, "middleName")).status == 400


def test_row_14_a_locator_has_no_size_limit(app: App) -> None:
    """A number of 14 digits is stored completely."""
    path = app.customer(documentLocatorNumber=98765432101234)
    stored = app.sonder.stored(path.rpartition("/")[2])
    assert stored.document_locator_number.reveal() == "98765432101234"


@pytest.mark.parametrize("name", ["emails", "phoneNumbers", "addresses"])
@pytest.mark.parametrize(("verdict", "status"), [("accept", 200), ("reject", 400)])
def test_row_15_empty_lists_are_a_switch(name: str, verdict: str, status: int) -> None:
    """By the switch an empty list is refused or accepted, on create and on update."""
    app = App({"empty_lists": verdict})
    assert app.call("POST", "/customer", {**PERSON, name: []}).status == status
    assert app.call("PUT", app.customer(), {name: []}).status == status


def test_row_16_kinds_are_open(app: App) -> None:
    """A type that no sample shows is stored unchanged."""
    phones = [{"type": "SATELLITE", "number": "+44 20 7946 0000"}]
    path = app.customer(phoneNumbers=phones)
    assert app.data("GET", path)["phoneNumbers"] == phones


def test_row_18_a_second_line_is_lost(app: App) -> None:
    """Unknown members of an address are dropped; the strict switch refuses them."""
    addresses = [{**ADDRESS, "street2": "Apt 3", "country": "US"}]
    assert app.data("GET", app.customer(addresses=addresses))["addresses"] == [ADDRESS]
    strict = App({"unknown_fields": "reject"})
    answer = strict.call("POST", "/customer", {**PERSON, "addresses": addresses})
    assert "addresses[0].country is not a known field" in refusal(answer)[1]


def test_row_19_a_long_zip_is_stored(app: App) -> None:
    """A ZIP+4 is stored completely."""
    addresses = [{**ADDRESS, "zip": "89501-1234"}]
    result = app.data("GET", app.customer(addresses=addresses))
    assert result["addresses"] == addresses


def test_row_20_both_ids_of_a_response_are_one_new_uuid(app: App) -> None:
    """Every response has its own id under both names, in the order of the samples."""
    path = app.customer()
    answers = [app.call("GET", path).json(), app.call("GET", "/nothing").json()]
    for content in answers:
        assert list(content) == ["data", "success", "error", "requestId", "log_ref_id"]
        assert content["requestId"] == content["log_ref_id"]
        assert re.fullmatch(
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", content["log_ref_id"]
        )
    assert answers[0]["requestId"] != answers[1]["requestId"]


def test_an_undocumented_field_is_returned(app: App) -> None:
    """A seeded field such as restrictions is returned, also after an update."""
    path = f"/customer/{app.sonder.seed_customer(restrictions=['NO_DEBITS'])}"
    assert app.data("PUT", path, {})["restrictions"] == ["NO_DEBITS"]


@pytest.mark.parametrize("again", ["900-55-0142", "900550142"])
@pytest.mark.parametrize(("verdict", "status"), [("accept", 200), ("reject", 409)])
def test_a_second_number_is_a_switch(verdict: str, status: int, again: str) -> None:
    """By the switch an SSN in use is accepted, or refused without the first customer's id."""
    app = App({"duplicate_ssn": verdict})
    first = app.customer()
    answer = app.call("POST", "/customer", {**PERSON, "socialSecurityNumber": again})
    assert answer.status == status
    assert first.rpartition("/")[2] not in answer.text
    assert len(app.sonder.customer_ids) == (2 if answer.ok else 1)


def test_the_number_of_a_deleted_customer_is_free() -> None:
    """An SSN is in use while its customer exists."""
    app = App({"duplicate_ssn": "reject"})
    app.data("DELETE", app.customer())
    assert app.customer()


@pytest.mark.parametrize(
    ("form", "number", "status"),
    [
        ("digits", "900550142", 200),
        ("digits", "900-55-014", 400),
        ("dashed", "900-55-0142", 200),
        ("dashed", "900550142", 400),
        ("any", "XXX-XX-0142", 200),
        ("any", "", 400),
    ],
)
def test_the_form_of_a_number_is_a_switch(form: str, number: str, status: int) -> None:
    """The page shows dashes and states no pattern."""
    body = {**PERSON, "socialSecurityNumber": number}
    assert App({"ssn_format": form}).call("POST", "/customer", body).status == status


@pytest.mark.parametrize(
    ("switches", "error"),
    [({"duplicate_ssn": "maybe"}, ValueError), ({"no_such": True}, TypeError)],
)
def test_an_unknown_switch_is_refused(
    switches: dict[str, Any], error: type[Exception]
) -> None:
    """A misspelt switch raises."""
    with pytest.raises(error):
        App(switches)


def test_unknown_fields_are_dropped(app: App) -> None:
    """Fields that are not on the page are not returned either."""
    path = app.customer(nickname="G", accountIds=["abc12345"])
    result = app.data("PUT", path, {"nickname": "G", "phone": PHONE})
    assert result.keys() & {"nickname", "phone"} == set()
    assert result["accountIds"] == []
