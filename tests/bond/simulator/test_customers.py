"""Customers: create, read, update and delete, and every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ADDRESS, MAILING, PERSON, App, without

UNKNOWN = "aaaaaaaa-0000-4000-8000-000000000000"
MISSING = ["Missing data for required field."]
PATTERN = ["String does not match expected pattern."]


def test_create_returns_the_fields_that_were_sent(app: App) -> None:
    """A new customer is returned with its fields and those that Bond adds."""
    created = app.customer(middle_name="Brewster", brand_person_id="mine-1")
    for name in without(PERSON, "ssn", "addresses"):
        assert created[name] == PERSON[name]
    assert created["middle_name"] == "Brewster"
    assert created["brand_person_id"] == "mine-1"
    assert created["bond_brand_id"]


def test_create_returns_addresses_with_ids(app: App) -> None:
    """Each address is returned with an id, a time and its deliverability."""
    (address,) = app.customer()["addresses"]
    assert {name: address[name] for name in ADDRESS} == ADDRESS
    assert address["deliverability"] == "deliverable"
    assert {"address_id", "date_created"} < address.keys()


def test_get_finds_what_was_created(app: App) -> None:
    """A created customer is read back under its id."""
    created = app.customer()
    read = app.call("GET", f"/customers/{created['customer_id']}")
    assert read.status == 200
    assert read.json()["brand_person_id"] == created["brand_person_id"]


def test_brand_person_id_is_generated(app: App) -> None:
    """A customer created without a brand_person_id gets one."""
    first, second = app.customer(), app.customer()
    assert first["brand_person_id"] != second["brand_person_id"]


def test_ssn_key_is_left_out_when_none_is_stored(app: App) -> None:
    """A customer without an SSN has no member `ssn`."""
    created = app.call("POST", "/customers/", without(PERSON, "ssn")).json()
    assert "ssn" not in created


def test_attempts_are_on_reads_and_updates_only(app: App) -> None:
    """The response to a create omits `kyc_requests_available`; the others have 3."""
    created = app.customer()
    path = f"/customers/{created['customer_id']}"
    assert "kyc_requests_available" not in created
    assert app.call("GET", path).json()["kyc_requests_available"] == 3
    assert app.call("PATCH", path, {}).json()["kyc_requests_available"] == 3


BAD_FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"dob": "02/28/1991"}, {"dob": ["Not a valid date."]}),
    ({"dob": "19910228"}, {"dob": ["Not a valid date."]}),
    ({"dob": "1991-02-30"}, {"dob": ["Not a valid date."]}),
    ({"dob": 19910228}, {"dob": ["Not a valid string."]}),
    ({"first_name": None}, {"first_name": ["Field may not be null."]}),
    ({"first_name": "Anne-Marie"}, {"first_name": PATTERN}),
    ({"last_name": "'Sample"}, {"last_name": PATTERN}),
    ({"last_name": "S" * 51}, {"last_name": ["Length must be between 2 and 50."]}),
    ({"ssn": "12-345-6789"}, {"ssn": PATTERN}),
    ({"ssn": "XXX-XX-6789"}, {"ssn": PATTERN}),
    ({"phone": "(555) 010 3000"}, {"phone": PATTERN}),
    ({"phone_country_code": "+1"}, {"phone_country_code": PATTERN}),
    ({"phone_country_code": "1234"}, {"phone_country_code": PATTERN}),
    ({"email": "grace.example.com"}, {"email": ["Not a valid email address."]}),
    (
        {"account_holder_type": "third"},
        {"account_holder_type": ["Must be one of: primary, secondary."]},
    ),
    ({"account_holder_type": "secondary"}, {"primary_id": MISSING}),
    ({"addresses": []}, {"addresses": ["Shorter than minimum length 1."]}),
    ({"addresses": {}}, {"addresses": ["Not a valid list."]}),
    (
        {"addresses": [MAILING]},
        {"addresses": ["At least one primary address is required."]},
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD_FIELDS)
def test_create_refuses_a_bad_field(
    app: App, change: dict[str, Any], message: dict[str, Any]
) -> None:
    """A bad field is refused in shape A, with the fault under its name."""
    refusal = app.call("POST", "/customers/", {**PERSON, **change})
    assert refusal.status == 400
    assert refusal.json() == {
        "Message": message,
        "Status": 400,
        "Code": "create_customer_schema",
        "Type": "Request Error",
    }


BAD_ADDRESSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"zip_code": "8950"}, {"zip_code": PATTERN}),
    ({"state": "Nevada"}, {"state": PATTERN}),
    ({"country": "USA"}, {"country": PATTERN}),
    (
        {"country": "GB", "zip_code": "N"},
        {"zip_code": ["Length must be between 2 and 20."]},
    ),
    (
        {"country": "GB", "state": "S" * 21},
        {"state": ["Longer than maximum length 20."]},
    ),
    ({"street": "12 Invented Rd!"}, {"street": PATTERN}),
    ({"street": ""}, {"street": ["Length must be between 1 and 40."]}),
    ({"street2": "x" * 41}, {"street2": ["Longer than maximum length 40."]}),
    ({"city": "R"}, {"city": ["Length must be between 2 and 40."]}),
    ({"is_primary": "true"}, {"is_primary": ["Not a valid boolean."]}),
    (
        {"address_type": "HOME"},
        {"address_type": ["Must be one of: MAILING, PHYSICAL."]},
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD_ADDRESSES)
def test_create_refuses_a_bad_address(
    app: App, change: dict[str, Any], message: dict[str, Any]
) -> None:
    """A bad address is refused under its index in the list."""
    bad = {**MAILING, **change}
    refusal = app.call("POST", "/customers/", {**PERSON, "addresses": [ADDRESS, bad]})
    assert refusal.json()["Message"] == {"addresses": {"1": message}}


@pytest.mark.parametrize("name", ["dob", "first_name", "last_name", "addresses"])
def test_create_refuses_a_missing_field(app: App, name: str) -> None:
    """A missing field has the words of the vendor's sample."""
    refusal = app.call("POST", "/customers/", without(PERSON, name))
    assert refusal.json()["Message"] == {name: MISSING}


def test_all_faults_are_in_one_response(app: App) -> None:
    """All bad fields of a body are in one response."""
    body = {**PERSON, "dob": "?", "addresses": ["?"]}
    assert app.call("POST", "/customers/", body).json()["Message"] == {
        "dob": ["Not a valid date."],
        "addresses": {"0": {"_schema": ["Invalid input type."]}},
    }


@pytest.mark.parametrize("body", [None, [], "text"])
def test_a_body_that_is_not_an_object_is_a_schema_error(app: App, body: Any) -> None:
    """Any JSON in place of an object is refused and crashes nothing."""
    refusal = app.call("POST", "/customers/", body)
    assert refusal.json()["Message"] == {"_schema": ["Invalid input type."]}


def test_a_body_that_is_not_json_is_refused(app: App) -> None:
    """Bytes that are not JSON are a bad request."""
    refusal = app.call("POST", "/customers/", b"{")
    assert (refusal.status, refusal.json()["Code"]) == (400, "invalid_request")


def test_a_foreign_address_is_accepted(app: App) -> None:
    """Outside the US the state and postal code are freer."""
    foreign = {**ADDRESS, "country": "GB", "state": "Kent", "zip_code": "ME1 1AA"}
    (address,) = app.customer(addresses=[foreign])["addresses"]
    assert (address["state"], address["zip_code"]) == ("Kent", "ME1 1AA")


def test_an_absent_second_line_is_returned_empty(app: App) -> None:
    """`street2` that was not sent is returned as an empty string."""
    created = app.customer(addresses=[without(ADDRESS, "street2")])
    assert created["addresses"][0]["street2"] == ""


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("customer_id", "status", "code"),
    [
        (UNKNOWN, 404, "customer_dne"),
        ("7", 400, "customer_invalid_uuid4"),
        ("aaaaaaaa-0000-1000-8000-000000000000", 400, "customer_invalid_uuid4"),
    ],
)
def test_an_unknown_customer_is_refused(
    app: App, method: str, customer_id: str, status: int, code: str
) -> None:
    """An unknown id gets 404, and an id that is not a UUID4 gets 400."""
    refusal = app.call(method, f"/customers/{customer_id}", {})
    assert (refusal.status, refusal.json()["Code"]) == (status, code)


def test_delete_is_final(app: App) -> None:
    """A deleted customer cannot be read, listed or deleted again, and its reference is free."""
    created = app.customer(brand_person_id="mine-1")
    path = f"/customers/{created['customer_id']}"
    app.call("DELETE", path)
    assert app.call("GET", path).status == 404
    assert app.call("DELETE", path).json()["Code"] == "customer_dne"
    assert app.call("GET", "/customers").json() == []
    assert app.customer(brand_person_id="mine-1")


def test_list_pages_in_order_of_creation(app: App) -> None:
    """Pages follow each other without gap or repeat, and end in an empty one."""
    ids = [app.customer()["customer_id"] for _ in range(7)]
    pages = [
        [
            one["customer_id"]
            for one in app.call("GET", "/customers", page=p, per_page=5).json()
        ]
        for p in (1, 2, 3)
    ]
    assert pages == [ids[:5], ids[5:], []]


def test_list_gives_twenty_from_the_first_by_default(app: App) -> None:
    """Without parameters the first twenty are listed."""
    ids = [app.bond.seed_customer() for _ in range(21)]
    app.call("DELETE", f"/customers/{ids[3]}")
    listed = app.call("GET", "/customers").json()
    assert [one["customer_id"] for one in listed] == ids[:3] + ids[4:]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"per_page": 100}, "per_page"),
        ({"per_page": 3}, "per_page"),
        ({"page": 0}, "page"),
        ({"page": "two"}, "page"),
        ({"page": 2**31}, "page"),
        ({"page": "9" * 5000}, "page"),
        ({"page": "\u0661"}, "page"),
    ],
)
def test_list_refuses_other_pages(app: App, query: dict[str, Any], name: str) -> None:
    """A page or size that is not offered is a schema error."""
    refusal = app.call("GET", "/customers", **query)
    assert (refusal.status, refusal.json()["Code"]) == (400, "get_customer_schema")
    assert list(refusal.json()["Message"]) == [name]


@pytest.mark.parametrize("page", [2, 2**31 - 1, "02147483647"])
def test_past_the_end_is_an_empty_page(app: App, page: int | str) -> None:
    """A page number is an int32, and a page past the last is empty."""
    app.bond.seed_customer()
    answer = app.call("GET", "/customers", page=page)
    assert (answer.status, answer.json()) == (200, [])


def test_update_changes_only_what_is_sent(app: App) -> None:
    """A PATCH keeps the members that it does not name."""
    created = app.customer()
    path = f"/customers/{created['customer_id']}"
    app.call("PATCH", path, {"first_name": "Hope", "ssn": "987654321"})
    read = app.call("GET", path).json()
    assert (read["first_name"], read["last_name"]) == ("Hope", "O'Sample")
    assert read["ssn"] == "XXX-XX-4321"


def test_update_replaces_addresses_and_keeps_the_ids_of_equal_ones(app: App) -> None:
    """Addresses are replaced as a whole; one that did not change keeps its id."""
    created = app.customer(addresses=[ADDRESS, MAILING])
    old = [address["address_id"] for address in created["addresses"]]
    new = {**MAILING, "city": "Sparks"}
    path = f"/customers/{created['customer_id']}"
    answer = app.call("PATCH", path, {"addresses": [new, ADDRESS]}).json()
    changed, unchanged = (address["address_id"] for address in answer["addresses"])
    assert unchanged == old[0]
    assert changed not in old


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"first_name": "A"}, {"first_name": ["Length must be between 2 and 50."]}),
        ({"addresses": []}, {"addresses": ["Shorter than minimum length 1."]}),
        (
            {"addresses": [MAILING]},
            {"addresses": ["At least one primary address is required."]},
        ),
    ],
)
def test_update_refuses_bad_fields(
    app: App, body: dict[str, Any], message: dict[str, Any]
) -> None:
    """A bad PATCH is a schema error of its own code and changes nothing."""
    created = app.customer()
    refusal = app.call("PATCH", f"/customers/{created['customer_id']}", body)
    assert (refusal.status, refusal.json()["Code"]) == (400, "edit_customer_schema")
    assert refusal.json()["Message"] == message


def test_unknown_fields_are_ignored_unless_the_switch_refuses_them() -> None:
    """No page describes unknown fields, so the switch offers both."""
    body = {**PERSON, "shoe_size": 9}
    assert App().call("POST", "/customers/", body).status == 201
    strict = App(switches={"refuse_unknown_fields": True})
    refusal = strict.call("POST", "/customers/", body)
    assert refusal.json()["Message"] == {"shoe_size": ["Unknown field."]}


def test_a_seeded_customer_can_be_read(app: App) -> None:
    """A customer who was created without a request is read like any other."""
    customer_id = app.bond.seed_customer(first_name="Rosalind", ssn="987-65-4321")
    read = app.call("GET", f"/customers/{customer_id}").json()
    assert (read["first_name"], read["ssn"]) == ("Rosalind", "XXX-XX-4321")
