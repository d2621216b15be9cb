"""Bond's error responses: every shape, code and field name (bond.md §8)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.bond.banks import bond, error
from tests.fakes import james

from anybank import (
    AlreadyExists,
    AuthenticationFailed,
    Conflict,
    CustomerChanges,
    FieldNotUpdatable,
    NotFound,
    Outcome,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)

HTML = {"content-type": "text/html"}


def refused(answer: httpx.Response) -> ProviderError:
    """Create a customer and return the error of the response."""
    bank, _ = bond(answer)
    with bank, pytest.raises(ProviderError) as no:
        bank.customers.create(james())
    return no.value


NOT_SHOWN = "the response is JSON that does not have the form of the vendor's errors"
RECORD = {"first_name": "James", "dob": "1997-12-25", "account_ids": ["a1"]}
SHAPES: dict[str, tuple[int, Any, type[ProviderError], str | None, str, str | None]] = {
    "A": (
        404,
        {"Message": "gone", "Status": 404, "Code": "customer_dne", "Type": "Request"},
        NotFound,
        "customer_dne",
        "gone",
        "Request",
    ),
    "B": (
        409,
        {"type": "RESOURCE_CONFLICT", "code": "resource_conflict", "message": "no"},
        Conflict,
        "resource_conflict",
        "no",
        "RESOURCE_CONFLICT",
    ),
    "C": (
        404,
        {"status": "ERROR_X", "code": 3001, "message": "Not found.", "details": {}},
        NotFound,
        "3001",
        "Not found.",
        "ERROR_X",
    ),
    "E": (400, {"Error": "related"}, Rejected, None, "related", None),
    "F": (404, {"message": "no such URL"}, NotFound, None, "no such URL", None),
    "G": (
        400,
        {"error": "bad", "error_code": "invalid_date", "details": ""},
        Rejected,
        "invalid_date",
        "bad",
        None,
    ),
    "an empty object": (400, {}, Rejected, None, NOT_SHOWN, None),
    "a list": (400, ["bad"], Rejected, None, NOT_SHOWN, None),
    "a text": (400, "bad", Rejected, None, NOT_SHOWN, None),
    "a record": (409, RECORD, Conflict, None, NOT_SHOWN, None),
    "a record in the message": (409, {"Message": RECORD}, Conflict, None, "", None),
    "nothing": (500, None, ProviderUnavailable, None, "", None),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_read(name: str) -> None:
    """Class, code, message and type are read from keys in either case."""
    status, body, kind, code, message, type_ = SHAPES[name]
    result = refused(httpx.Response(status, json=body))
    assert type(result) is kind
    assert (result.code, result.message, result.type) == (code, message, type_)
    assert result.status == status


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (
            {"dob": ["Not a valid date."], "names": {"first_name": ["short"]}},
            {"date_of_birth": ("Not a valid date.",), "first_name": ("short",)},
        ),
        ({"Message": {"ssn": ["bad"]}, "Status": 400}, {"ssn": ("bad",)}),
        ({"message": {"email": ["bad"]}}, {"emails[0]": ("bad",)}),
        ({"Message": {"phone": ["bad"]}}, {"phones[0]": ("bad",)}),
        ({"Message": {"phone_country_code": ["bad"]}}, {"phones[0]": ("bad",)}),
        (
            {"Message": {"phone": ["a"], "phone_country_code": ["b"]}},
            {"phones[0]": ("a", "b")},
        ),
        (
            {"Message": {"addresses": {"1": {"street2": ["long"]}}}},
            {"addresses[1].line2": ("long",)},
        ),
        ({"Message": {"addresses": ["none"]}}, {"addresses": ("none",)}),
        ({"Message": {"unheard_of": ["bad"]}}, {"unheard_of": ("bad",)}),
    ],
)
def test_field_errors_have_our_names(body: Any, fields: Any) -> None:
    """A map of fields, bare or inside the envelope, becomes ours."""
    result = refused(httpx.Response(400, json=body))
    assert type(result) is Rejected
    assert result.field_errors == fields
    assert result.message == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UnexpectedResponse),
        (404, UnexpectedResponse),
        (502, ProviderUnavailable),
        (429, RateLimited),
    ],
)
def test_a_page_of_html_is_a_proxys(status: int, kind: type) -> None:
    """A 404 page in HTML does not mean that a customer does not exist."""
    result = refused(httpx.Response(status, text="<html>x</html>", headers=HTML))
    assert type(result) is kind
    assert "HTML" in result.message


def test_html_under_a_200_is_unexpected() -> None:
    """A create whose response is an HTML page has an unknown outcome."""
    result = refused(httpx.Response(200, text="<html>x</html>", headers=HTML))
    assert type(result) is UnexpectedResponse
    assert result.outcome is Outcome.UNKNOWN
    assert not result.retryable


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "whatever", AuthenticationFailed),
        (403, "auth_err", AuthenticationFailed),
        (403, "kyc_retries", Conflict),
        (403, "unheard_of", AuthenticationFailed),
        (400, "customer_dne", NotFound),
        (400, "person_id_dup", AlreadyExists),
        (400, "create_customer_schema", Rejected),
        (409, "idempotency_key_exists", Conflict),
        (424, "service_disabled", ProviderUnavailable),
        (500, "create_customer_schema", ProviderUnavailable),
        (503, "unheard_of", ProviderUnavailable),
        (429, "customer_dne", RateLimited),
    ],
)
def test_the_code_decides_but_not_against_the_status(
    status: int, code: str, kind: type
) -> None:
    """A code decides the class of a 4xx, but not of a 5xx, a 401 and a 429."""
    assert type(refused(error(status, code, "no"))) is kind


@pytest.mark.parametrize("status", [400, 409])
def test_a_complaint_about_the_reference_alone_means_it_is_taken(status: int) -> None:
    """A 400 about `brand_person_id` alone is AlreadyExists (row 11)."""
    body = {"brand_person_id": ["exists"]}
    result = refused(error(status, "create_customer_schema", body))
    assert isinstance(result, AlreadyExists if status == 400 else Rejected)


CHANGED = CustomerChanges(first_name="Eve", emails=["e@example.com"])


@pytest.mark.parametrize("message", ["no", {"first_name": ["fixed"]}])
def test_a_refusal_after_kyc_names_our_fields(message: Any) -> None:
    """`kyc_customer` becomes FieldNotUpdatable, for Bond's fields or the changed ones."""
    bank, _ = bond(error(403, "kyc_customer", message))
    with bank, pytest.raises(FieldNotUpdatable) as no:
        bank.customers.update("c1", CHANGED)
    assert [item.field for item in no.value.issues] == ["first_name"]
    assert no.value.outcome is Outcome.REFUSED
    assert no.value.provider == "bond"
    assert no.value.issues[0].source


def test_a_refusal_of_a_permitted_change_names_the_fields() -> None:
    """A refused e-mail is named too, as a strict Bond would refuse it."""
    bank, _ = bond(error(400, "kyc_customer", "no"))
    with bank, pytest.raises(FieldNotUpdatable, match="emails") as no:
        bank.customers.update("c1", CustomerChanges(emails=["e@example.com"]))
    assert [item.field for item in no.value.issues] == ["emails"]


def test_another_refusal_of_an_update_keeps_its_class() -> None:
    """Only `kyc_customer` is about KYC."""
    bank, _ = bond(error(400, "edit_customer_schema", {"dob": ["bad"]}))
    with bank, pytest.raises(Rejected) as no:
        bank.customers.update("c1", CHANGED)
    assert no.value.field_errors == {"date_of_birth": ("bad",)}
