"""Increase's errors: every type, their fields, and responses from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes import Script

from anybank import (
    AccountKind,
    AlreadyExists,
    AuthenticationFailed,
    Bank,
    Conflict,
    NewAccount,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from anybank_increase import Increase

from .banks import KEY, ada
from .document import DOCUMENT

PROBLEMS = [
    (404, "api_method_not_found_error", UnexpectedResponse),
    (403, "environment_mismatch_error", AuthenticationFailed),
    (409, "idempotency_key_already_used_error", AlreadyExists),
    (403, "insufficient_permissions_error", AuthenticationFailed),
    (500, "internal_server_error", ProviderUnavailable),
    (401, "invalid_api_key_error", AuthenticationFailed),
    (409, "invalid_operation_error", Conflict),
    (400, "invalid_parameters_error", Rejected),
    (400, "malformed_request_error", Rejected),
    (404, "object_not_found_error", NotFound),
    (403, "private_feature_error", AuthenticationFailed),
    (429, "rate_limited_error", RateLimited),
    (409, "one_that_is_new", Conflict),
]


def raised(answer: httpx.Response) -> ProviderError:
    bank = Bank("increase", transport=Script(answer), api_key=KEY, retries=0)
    with bank, pytest.raises(ProviderError) as caught:
        bank.customers.create(ada())
    return caught.value


def error_of(status: int, kind: str, **more: Any) -> ProviderError:
    problem = {"type": kind, "title": "No.", "status": status, "detail": "Not so."}
    return raised(httpx.Response(status, json={**problem, **more}))


@pytest.mark.parametrize(("status", "kind", "error"), PROBLEMS)
def test_each_type_has_its_class(
    status: int, kind: str, error: type[ProviderError]
) -> None:
    """Each type has a class; a new type is classified by its status."""
    result = error_of(status, kind)
    assert type(result) is error
    assert (result.code, result.message, result.status) == (kind, "Not so.", status)


def test_the_table_is_the_documents() -> None:
    """The table has the types of the OpenAPI document and no others."""
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not here: ../shared is absent")
    read = json.loads(Path(DOCUMENT).read_text())
    kinds = read["components"]["schemas"]["error"]["anyOf"]
    types = {word for kind in kinds for word in kind["properties"]["type"]["enum"]}
    assert set(Increase.capabilities.errors) == types


def test_the_title_is_used_without_a_detail() -> None:
    """The detail may be null."""
    assert error_of(400, "malformed_request_error", detail=None).message == "No."


@pytest.mark.parametrize(
    ("complaint", "field"),
    [
        ({"field": "natural_person.address.zip"}, "addresses[0].postal_code"),
        ({"path": ["natural_person", "address", "line1"]}, "addresses[0].line1"),
        ({"field": "natural_person.identification.number"}, "ssn"),
        ({"field": "natural_person.name"}, "full_name"),
        ({"field": "structure"}, "structure"),
    ],
)
def test_field_errors_have_our_names(complaint: Any, field: str) -> None:
    """A field error is read from any form of its path."""
    errors = [{**complaint, "message": "is odd"}]
    result = error_of(400, "invalid_parameters_error", errors=errors)
    assert result.field_errors == {field: ("is odd",)}


@pytest.mark.parametrize("errors", [None, "x", ["x"], [{}], [{"field": "name"}]])
def test_errors_without_a_path_are_not_about_a_field(errors: Any) -> None:
    """An error without a readable path is not about a field."""
    result = error_of(400, "invalid_parameters_error", errors=errors)
    assert result.field_errors == {}


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [({}, 7, 7.0), ({"retry-after": "3"}, 7, 3.0), ({}, None, None), ({}, "9", None)],
)
def test_the_pause_is_read_from_the_body_too(
    headers: dict[str, str], body: Any, seconds: float | None
) -> None:
    """The header decides over the body, and a text is not a number."""
    problem = {"type": "rate_limited_error", "title": "Slow", "retry_after": body}
    result = raised(httpx.Response(429, json=problem, headers=headers))
    assert result.retry_after == seconds


@pytest.mark.parametrize("body", ["<html>", "[]", '{"message": "x"}'])
def test_a_foreign_response_is_classified_by_its_status(body: str) -> None:
    """A page of a gateway with status 502 leaves the outcome unknown."""
    result = raised(httpx.Response(502, content=body))
    assert isinstance(result, ProviderUnavailable)


def test_a_record_under_an_error_is_not_repeated() -> None:
    """A record with a `type` and no `title` is not read as an error."""
    record = {"type": "entity", "natural_person": {"name": "Ada Sample"}, "status": "a"}
    result = raised(httpx.Response(409, json=record))
    assert isinstance(result, Conflict)
    assert result.code is None
    assert "Ada" not in f"{result} {vars(result)}"


def test_an_object_as_the_detail_is_not_repeated() -> None:
    """A `detail` that is not a text is not quoted."""
    result = error_of(400, "malformed_request_error", detail={"name": "Ada Sample"})
    assert result.message == "No."


def test_a_field_of_an_account_has_the_name_of_an_account() -> None:
    """An error about `entity_id` is one about the customers of the new account."""
    problem = {"type": "invalid_parameters_error", "title": "No.", "status": 400}
    errors = [{"field": "entity_id", "message": "is unknown"}]
    answer = httpx.Response(400, json={**problem, "errors": errors})
    bank = Bank("increase", transport=Script(answer), api_key=KEY, retries=0)
    new = NewAccount(
        customer_ids=["entity_1"],
        kind=AccountKind.DEPOSIT,
        name="Savings",
        program_id="program_1",
    )
    with bank, pytest.raises(Rejected) as caught:
        bank.accounts.create(new)
    assert caught.value.field_errors == {"customer_ids[0]": ("is unknown",)}
