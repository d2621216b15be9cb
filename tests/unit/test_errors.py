"""Unit's errors: every one of a response, under our field names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anybank import (
    AnybankError,
    AuthenticationFailed,
    Bank,
    NotFound,
    ProviderUnavailable,
    RateLimited,
    Rejected,
)
from anybank.adapter.wire import Request, Response

from .banks import ada, unit

_EVERYTHING: dict[str, Any] = {
    "fullName": {"first": "", "last": ""},
    "dateOfBirth": "yesterday",
    "ssn": "12",
    "email": "nobody",
    "phone": {"countryCode": "x", "number": ""},
    "address": {"street": "", "city": "", "state": "", "postalCode": "1", "country": 4},
    "tags": {"externalId": ""},
}


def test_all_errors_are_told_under_our_names(bank: Bank) -> None:
    """An application with a mistake in each attribute gives an error for each field."""
    body = {"data": {"type": "individualApplication", "attributes": _EVERYTHING}}
    with pytest.raises(Rejected) as caught:
        bank.request("POST", "/applications", json=body)
    assert set(caught.value.field_errors) == {
        *("first_name", "last_name", "date_of_birth", "ssn", "emails[0]"),
        *("phones[0].number", "external_id", "addresses[0].line1"),
        *("addresses[0].city", "addresses[0].state", "addresses[0].postal_code"),
        "addresses[0].country",
    }
    assert len(caught.value.field_errors["phones[0].number"]) == 2


@pytest.mark.parametrize(
    ("pointer", "ours"),
    [
        ("/data/attributes/passport", "government_ids[0].number"),
        ("/data/attributes/nationality", "government_ids[0].country"),
        ("/data/attributes/address", "addresses[0]"),
        ("/data/attributes/ssn", "ssn"),
    ],
)
def test_a_pointer_is_our_field(pointer: str, ours: str) -> None:
    """A JSON pointer becomes the path of our field."""
    errors = [{"title": "Bad", "detail": "is odd", "source": {"pointer": pointer}}]
    with pytest.raises(Rejected) as caught:
        _answer(400, {"errors": errors})
    assert caught.value.field_errors == {ours: ("is odd",)}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationFailed),
        (404, NotFound),
        (429, RateLimited),
        (500, ProviderUnavailable),
    ],
)
def test_the_status_decides(status: int, kind: type[AnybankError]) -> None:
    """The class of an error follows its HTTP status."""
    with pytest.raises(kind) as caught:
        _answer(status, {"errors": [{"title": "No", "meta": {"supportId": "s-1"}}]})
    assert getattr(caught.value, "request_id", None) == "s-1"


@pytest.mark.parametrize(
    "body", [{}, [], {"errors": {}}, {"errors": [1]}, {"data": {"title": "x"}}]
)
def test_another_form_is_described_and_not_quoted(body: Any) -> None:
    """A body of another form is an error without its text."""
    with pytest.raises(Rejected) as caught:
        _answer(400, body)
    assert "does not have the form" in str(caught.value)


def test_a_wrong_token_is_refused(simulator: Any) -> None:
    """A token that Unit does not know raises AuthenticationFailed."""
    with unit(simulator, token="wrong") as bank, pytest.raises(AuthenticationFailed):
        bank.customers.create(ada())


def _answer(status: int, body: Any) -> None:
    def simulator(_: Request) -> Response:
        return Response(status=status, content=json.dumps(body).encode())

    with unit(simulator, retries=0) as bank:
        bank.customers.create(ada())


@pytest.mark.parametrize("name", ["filter", "filter[]", "filter[unknown]", "page"])
def test_an_unknown_parameter_of_a_listing_is_refused(bank: Bank, name: str) -> None:
    """The simulator answers 400, as for every request that it does not understand."""
    with pytest.raises(Rejected) as caught:
        bank.request("GET", "/customers", query={name: "x"})
    assert caught.value.status == 400
