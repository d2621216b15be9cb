"""Customers: create, retrieve, update and delete as "Customers" describes them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from anybank.sensitive import Sensitive

from .conftest import ADDRESS, PERSON, PHONE, App, refusal, without

SECRETS = ("socialSecurityNumber", "documentLocatorNumber")


def test_a_create_returns_the_id_only(app: App) -> None:
    """The response to a create has an id of 32 letters and digits."""
    created = app.data("POST", "/customer", PERSON)
    assert list(created) == ["customerId"]
    assert re.fullmatch("[A-Za-z0-9]{32}", created["customerId"])


def test_a_customer_is_read_in_the_order_of_the_samples(app: App) -> None:
    """A read has the fields that were sent without the two secrets, and no accounts yet."""
    path = app.customer()
    result = app.data("GET", path)
    head = {"customerId": path.rpartition("/")[2], "accountIds": []}
    assert result == {**head, **without(PERSON, *SECRETS)}
    assert list(result) == [*head, *sorted(without(PERSON, *SECRETS))]


@pytest.mark.parametrize("name", PERSON)
def test_every_field_is_required(app: App, name: str) -> None:
    """A field that is missing or null is refused by name."""
    for body in (without(PERSON, name), {**PERSON, name: None}):
        answer = app.call("POST", "/customer", body)
        assert refusal(answer) == (400, f"{name} is required")
    assert app.sonder.customer_ids == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("documentLocatorNumber", "204518838"),
        ("documentLocatorNumber", True),
        ("documentLocatorNumber", 1.0),
        ("dateOfBirth", "1991-02-29"),
        ("dateOfBirth", "19910228"),
        ("dateOfBirth", 19910228),
        ("firstName", 1),
        ("firstName", ""),
        ("socialSecurityNumber", 900550142),
        ("socialSecurityNumber", "XXX-XX-0142"),
        ("emails", {"0": "grace@example.com"}),
        ("emails", '["grace@example.com"]'),
    ],
)
def test_a_wrong_value_is_refused(app: App, name: str, value: Any) -> None:
    """A value of the wrong type or form is refused by name, and not repeated."""
    answer = app.call("POST", "/customer", {**PERSON, name: value})
    assert refusal(answer)[0] == 400
    assert refusal(answer)[1].startswith(name)
    assert "0142" not in answer.text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"emails": [None]}, "emails[0] is required"),
        ({"emails": ["a@example.com", 1]}, "emails[1] must be a string"),
        ({"phoneNumbers": ["212"]}, "phoneNumbers[0] must be an object"),
        (
            {"phoneNumbers": [without(PHONE, "type")]},
            "phoneNumbers[0].type is required",
        ),
        (
            {"addresses": [ADDRESS, without(ADDRESS, "zip")]},
            "addresses[1].zip is required",
        ),
    ],
)
def test_items_are_validated(app: App, fields: dict[str, Any], message: str) -> None:
    """A fault inside a list is named with its index."""
    answer = app.call("POST", "/customer", {**PERSON, **fields})
    assert refusal(answer) == (400, message)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"socialSecurityNumber": 1'])
def test_a_body_that_is_not_json_is_refused(app: App, body: bytes) -> None:
    """A body that is not JSON gets 400."""
    assert refusal(app.call("POST", "/customer", body)) == (400, "the body is not JSON")


@pytest.mark.parametrize("body", [None, b"[]", b'"text"', b"1"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_that_is_not_an_object_is_refused(
    app: App, method: str, body: Any
) -> None:
    """JSON that is not an object gets 400, on create and on update."""
    path = "/customer" if method == "POST" else app.customer()
    answer = app.call(method, path, body)
    assert refusal(answer) == (400, "the body must be an object")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_unknown_id_is_not_found(app: App, method: str) -> None:
    """An unknown customer gets 404, and the id is not repeated."""
    answer = app.call(method, "/customer/nobody", {})
    assert refusal(answer) == (404, "no such customer")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_the_fields_that_are_sent(app: App, method: str) -> None:
    """An update returns the whole customer; lists are replaced, other fields stay."""
    path = app.customer()
    before = app.data("GET", path)
    changes = {"preferredName": "Bea", "emails": ["bea@example.com"]}
    assert app.data(method, path, changes) == before | changes
    assert app.data("GET", path) == before | changes


def test_an_empty_update_changes_nothing(app: App) -> None:
    """An update without fields is a success."""
    path = app.customer()
    assert app.data("PUT", path, {}) == app.data("GET", path)


@pytest.mark.parametrize(
    "changes", [{"emails": []}, {"preferredName": None}, {"addresses": [{}]}]
)
def test_an_update_is_validated_like_a_create(
    app: App, changes: dict[str, Any]
) -> None:
    """An update with one bad field changes nothing."""
    path = app.customer()
    before = app.data("GET", path)
    answer = app.call("PUT", path, {"preferredName": "Bea", **changes})
    assert refusal(answer)[0] == 400
    assert app.data("GET", path) == before


def test_a_query_changes_nothing(app: App) -> None:
    """The request that `curl -G` sends for the update sample is a read."""
    path = app.customer()
    before = app.data("GET", path)
    assert app.call("GET", path, chosen_name="John").json()["data"] == before


def test_a_deleted_customer_is_gone(app: App) -> None:
    """A delete returns an empty object, and later requests get 404."""
    path = app.customer()
    assert app.data("DELETE", path) == {}
    for method in ("GET", "PUT", "DELETE"):
        assert app.call(method, path, {}).status == 404


def test_a_customer_with_accounts_is_not_deleted(app: App) -> None:
    """A customer can be deleted only after the accounts."""
    path = app.customer()
    account = app.account(path)
    assert refusal(app.call("DELETE", path))[0] == 409
    assert app.data("GET", path)["accountIds"] == [account.rpartition("/")[2]]
    app.data("DELETE", account)
    assert app.data("DELETE", path) == {}


def test_the_secrets_are_stored_and_never_returned(app: App) -> None:
    """SSN and locator number are stored, and are in no response and no repr."""
    path = app.customer()
    stored = app.sonder.stored(path.rpartition("/")[2])
    assert stored.ssn == Sensitive("900-55-0142")
    assert stored.document_locator_number.reveal() == "204518838"
    shown = repr((stored, app.sonder, vars(app.sonder), app.sonder.world.ssns))
    answered = app.call("GET", path).text + app.call("PUT", path, {}).text
    assert not re.search("900-?55-?0142|204518838", shown + answered)
    assert "Grace" not in shown


def test_a_seeded_customer_is_stored() -> None:
    """A customer can be created by the vendor's fields, without sharing the caller's lists."""
    app, emails = App(), ["ada@example.com"]
    path = f"/customer/{app.sonder.seed_customer(firstName='Ada', emails=emails)}"
    emails.append("later@example.com")
    result = app.data("GET", path)
    assert (result["firstName"], result["emails"]) == ("Ada", ["ada@example.com"])


def test_ids_come_from_the_seed() -> None:
    """Simulators with one seed draw equal ids, and another seed draws others (row 30)."""
    first, second = App(), App()
    assert first.customer() == second.customer()
    assert App({"seed": 1}).customer() != first.customer()
