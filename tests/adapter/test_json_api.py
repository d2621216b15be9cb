"""JSON:API: pages by offset, filters, the id of a response, and errors by pointers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import frozen

from anybank.adapter import Adapter
from anybank.adapter.converter import Reader, neutral
from anybank.adapter.json_api import (
    Resource,
    WireLink,
    WireLinks,
    document,
    link,
    problem,
    with_media_type,
)
from anybank.adapter.wire import Response, get, post
from anybank.declaration import Capabilities, field_rules, optional
from anybank.errors import Rejected, UnexpectedResponse
from anybank.model import operations as ask
from anybank.model.accounts import Account
from anybank.model.customers import NewCustomer


@frozen(kw_only=True)
class WireNamed:
    """The attributes of an account."""

    name: str | None = neutral("name")


@frozen(kw_only=True)
class WireOwners:
    """The owners of an account."""

    owner: WireLink | None = link("customer_ids")
    owners: WireLinks | None = neutral("customer_ids", read=lambda links: links.ids)


@frozen(kw_only=True)
class WireAccount:
    """An account."""

    id: str
    attributes: WireNamed | None = None
    relationships: WireOwners | None = None


ACCOUNTS = Resource("/accounts", Reader(WireAccount, Account), usual=2)


class Bank(Adapter):
    """A bank that speaks JSON:API."""

    capabilities = Capabilities(
        provider="acme",
        title="Acme",
        hosts={},
        errors={"odd": UnexpectedResponse},
        fields={NewCustomer: field_rules("Acme", {"emails": optional(items=(0, 1))})},
    )


def _response(body: Any, status: int = 200) -> Response:
    return Response(status=status, content=json.dumps(body).encode())


def _run(flow: Any, body: Any) -> tuple[Any, Any]:
    """Return the request of a flow, and its value after this response."""
    request = next(flow)
    try:
        flow.send(_response(body))
    except StopIteration as finished:
        return request, finished.value
    raise AssertionError(request)


def _row(id: str, **relationships: Any) -> dict[str, Any]:
    related = {name: {"data": data} for name, data in relationships.items()}
    return {"id": id, "attributes": {"name": "Ada"}, "relationships": related}


def test_a_resource_is_read_with_its_relationships() -> None:
    """A relationship to one or to several resources gives their ids."""
    request, account = _run(
        ACCOUNTS.get("1/2"), {"data": _row("1/2", owner={"id": "7"})}
    )
    assert (request.path, account.name) == ("/accounts/1%2F2", "Ada")
    assert account.customer_ids == ("7",)
    several = _row("1", owners=[{"id": "7"}, {"id": "8"}])
    assert _run(ACCOUNTS.get("1"), {"data": several})[1].customer_ids == ("7", "8")


@pytest.mark.parametrize(
    "flow",
    [
        lambda: ACCOUNTS.get("1"),
        lambda: ACCOUNTS.update("1", {}),
        lambda: ACCOUNTS.act("1", "freeze"),
    ],
)
def test_the_response_must_be_about_the_requested_resource(flow: Any) -> None:
    """Another id raises instead of being taken for the requested one."""
    with pytest.raises(UnexpectedResponse, match="another id"):
        _run(flow(), {"data": _row("2")})


@pytest.mark.parametrize(
    ("token", "size", "rows", "meta", "expected"),
    [
        (None, None, 2, {"pagination": {"total": 3, "offset": 0}}, ("2", None)),
        ("2", None, 1, {"pagination": {"total": 3, "offset": 2}}, (None, None)),
        (None, 2, 2, None, ("2", None)),
        ("2", 2, 1, None, (None, "3")),
        ("2", 2, 0, None, (None, None)),
    ],
)
def test_a_page_ends_by_the_total_or_by_its_length(
    token: str | None, size: int | None, rows: int, meta: Any, expected: Any
) -> None:
    """Without a total a short page counts as the last, which a caller may verify."""
    query = ask.ListAccounts(token=token, page_size=size)
    body = {"data": [_row(str(index)) for index in range(rows)], "meta": meta}
    request, page = _run(ACCOUNTS.list(query), body)
    assert dict(request.query) == {"page[limit]": "2", "page[offset]": token or "0"}
    assert (page.next_token, page.beyond) == expected
    assert len(page) == rows


def test_filters_are_parameters() -> None:
    """Lists and times have the form of JSON:API, and None is left out."""
    flow = ACCOUNTS.list(
        ask.ListAccounts(),
        sort="createdAt",
        since=datetime(2026, 1, 1, tzinfo=UTC),
        status=("Open", "Frozen"),
        owner=None,
    )
    assert dict(next(flow).query) == {
        "page[limit]": "2",
        "page[offset]": "0",
        "sort": "createdAt",
        "filter[since]": "2026-01-01T00:00:00+00:00",
        "filter[status][0]": "Open",
        "filter[status][1]": "Frozen",
    }


def test_requests_have_the_media_type() -> None:
    """A request with a body declares it; every request accepts it."""
    media = "application/vnd.api+json"
    assert with_media_type(get("/x")).headers == {"accept": media}
    headers = with_media_type(post("/x", document("x", {}, owner={"id": "1"}))).headers
    assert headers == {"accept": media, "content-type": media}


def test_errors_are_told_by_pointer_under_neutral_names() -> None:
    """Every error object counts; a pointer with another form than names is dropped."""
    names = {"attributes.email": "emails", "attributes.name.first": "first_name"}
    errors = [
        {"detail": "is odd", "source": {"pointer": "/data/attributes/email"}},
        {"title": "is empty", "source": {"pointer": "/data/attributes/name"}},
        {"title": "Bad", "source": {"pointer": "/data/attributes/333-52-7584 x"}},
        {"title": "Bad", "code": "odd", "source": {"pointer": 5}},
        "no object",
    ]
    result = problem(_response({"errors": errors}, 400), Bank(None), names)
    assert result is not None
    assert result.field_errors == {
        "emails[0]": ("is odd",),
        "first_name": ("is empty",),
    }
    assert result.message == "is odd; is empty; Bad"
    assert result.kind is Rejected


def test_a_declared_code_selects_the_class() -> None:
    """The code of the first error object is looked up in the declaration."""
    error = {"title": "No", "code": "odd", "id": "req-1"}
    result = problem(_response({"errors": [error]}, 400), Bank(None), {})
    assert result is not None
    assert (result.kind, result.code, result.request_id) == (
        UnexpectedResponse,
        "odd",
        "req-1",
    )
    assert problem(_response({"data": {}}), Bank(None), {}) is None
