"""Addresses as a resource of their own."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ADDRESS, MAILING, App


@pytest.fixture
def path(app: App) -> str:
    """Return the path of the addresses of a customer with two."""
    created = app.customer(addresses=[ADDRESS, MAILING])
    return f"/customers/{created['customer_id']}/addresses"


def _ids(app: App, path: str) -> list[str]:
    return [address["address_id"] for address in app.call("GET", path).json()]


def test_an_address_is_added(app: App, path: str) -> None:
    """A new address is returned with its id, and is listed last."""
    created = app.call("POST", path, {**MAILING, "city": "Sparks"})
    assert created.status == 201
    assert _ids(app, path)[2] == created.json()["address_id"]
    assert created.json()["date_created"].endswith("+00:00")


def test_an_address_is_read(app: App, path: str) -> None:
    """One address is read by its id, with a time without an offset."""
    address_id = _ids(app, path)[1]
    answer = app.call("GET", f"{path}/{address_id}")
    assert answer.json()["address_type"] == "MAILING"
    assert answer.json()["date_created"] == "2024-03-01T12:00:00.000000"


def test_an_address_is_changed_in_part(app: App, path: str) -> None:
    """A PATCH of an address keeps its id and the members that it does not name."""
    address_id = _ids(app, path)[1]
    answer = app.call("PATCH", f"{path}/{address_id}", {"city": "Sparks"}).json()
    assert (answer["address_id"], answer["city"]) == (address_id, "Sparks")
    assert answer["street"] == MAILING["street"]
    assert app.call("GET", f"{path}/{address_id}").json()["city"] == "Sparks"


def test_an_address_is_deleted(app: App, path: str) -> None:
    """A deleted address can no longer be read."""
    first, second = _ids(app, path)
    assert app.call("DELETE", f"{path}/{second}").status == 200
    assert _ids(app, path) == [first]
    assert app.call("GET", f"{path}/{second}").status == 404


def test_the_last_primary_address_stays(app: App, path: str) -> None:
    """A customer always has a primary address."""
    address_id = _ids(app, path)[0]
    for answer in (
        app.call("DELETE", f"{path}/{address_id}"),
        app.call("PATCH", f"{path}/{address_id}", {"is_primary": False}),
    ):
        assert (answer.status, answer.json()["Code"]) == (400, "edit_customer_schema")


@pytest.mark.parametrize("body", [{"city": "R"}, {"zip_code": "1"}, []])
def test_a_bad_address_is_refused(app: App, path: str, body: Any) -> None:
    """A bad address changes nothing."""
    address_id = _ids(app, path)[1]
    refusal = app.call("PATCH", f"{path}/{address_id}", body)
    assert (refusal.status, refusal.json()["Code"]) == (400, "edit_customer_schema")
