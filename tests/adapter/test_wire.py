"""Requests and responses: their encoding, their checks and their reprs."""

from __future__ import annotations

import json
import pickle
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import InvalidInput, Request, Response, Sensitive, Ssn, UnexpectedResponse
from anybank.adapter.wire import (
    delete,
    get,
    is_path,
    patch,
    post,
    present,
    put,
    segment,
)
from anybank.sensitive import DocumentLocatorNumber

SSN = Ssn("333-52-7584")


def test_a_request_shows_method_and_path_alone() -> None:
    """The repr of a request has neither headers, query nor body."""
    request = post("/customers", {"ssn": "333527584"}, headers={"authorization": "tok"})
    assert repr(request) == "<Request POST /customers>"


def test_a_response_shows_its_status_alone() -> None:
    """The repr of a response has no content."""
    assert repr(Response(status=200, content=b"333527584")) == "<Response 200>"


@pytest.mark.parametrize("value", [get("/x"), Response(status=200)])
def test_neither_is_pickled(value: object) -> None:
    """Requests and responses cannot be pickled."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value)


def test_two_requests_are_equal_when_they_ask_the_same() -> None:
    """Requests are equal regardless of the case of header names and of None in a query."""
    one = get("/x", query={"page": 1, "filter": None}, headers={"Accept": "a"})
    assert one == get("/x", query={"page": "1"}, headers={"accept": "a"})
    assert one != get("/x", query={"page": 2}, headers={"accept": "a"})
    assert post("/x", {"ssn": SSN}) == post("/x", {"ssn": Ssn("333527584")})


@pytest.mark.parametrize("value", [Sensitive("s"), SSN, 1.5, [1], date(2024, 1, 1)])
def test_only_text_and_numbers_go_in_a_url(value: Any) -> None:
    """A Sensitive value in a query raises TypeError."""
    with pytest.raises(TypeError, match="query parameter q"):
        get("/x", query={"q": value})


@pytest.mark.parametrize(
    ("make", "method"), [(post, "POST"), (put, "PUT"), (patch, "PATCH")]
)
def test_three_methods_have_a_body(make: Any, method: str) -> None:
    """POST, PUT and PATCH have a body."""
    assert make("/x", {"a": 1}) == Request(method=method, path="/x", body={"a": 1})


def test_a_deletion_has_no_body() -> None:
    """DELETE has no body."""
    assert delete("/x").encoded() is None
    assert delete("/x").method == "DELETE"


def test_headers_are_added_by_name() -> None:
    """`with_headers` adds headers and writes an underscore as a dash."""
    request = get("/x", query={"a": 1}, headers={"Accept": "a"})
    more = request.with_headers(idempotency_key="k", authorization=Sensitive("t"))
    assert dict(more.headers) == {
        "accept": "a",
        "idempotency-key": "k",
        "authorization": Sensitive("t"),
    }
    assert more.query == (("a", "1"),)
    assert "authorization" not in request.headers


def test_a_body_is_revealed_only_when_it_is_encoded() -> None:
    """Sensitive values, dates and amounts are converted only when a body is encoded."""
    body = {
        "ssn": SSN.dashed(),
        "locator": DocumentLocatorNumber(5),
        "dob": date(1997, 12, 25),
        "amount": Decimal("1.5"),
        "name": "Zoë",
        "none": None,
    }
    encoded = post("/x", body).encoded()
    assert encoded is not None
    assert json.loads(encoded) == {
        "ssn": "333-52-7584",
        "locator": 5,
        "dob": "1997-12-25",
        "amount": 1.5,
        "name": "Zoë",
        "none": None,
    }
    assert "Zoë".encode() in encoded


def test_a_masked_number_is_never_encoded() -> None:
    """Encoding a body with a masked SSN raises InvalidInput."""
    with pytest.raises(InvalidInput, match="mask or a token"):
        post("/x", {"ssn": Ssn("XXX-XX-7584")}).encoded()


def test_bytes_are_a_body_already() -> None:
    """A body of bytes is sent unchanged."""
    assert post("/x", b"raw").encoded() == b"raw"


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"])
def test_a_value_without_json_is_refused_unshown(value: object) -> None:
    """The error for a value without JSON names the type and not the value."""
    with pytest.raises(TypeError, match=f"a {type(value).__name__} cannot"):
        post("/x", {"a": value}).encoded()


def test_every_sensitive_value_of_a_request_is_found() -> None:
    """`sensitive` yields the values of the headers and of the whole body."""
    token, deep, listed = Sensitive("t"), Sensitive("d"), Sensitive("l")
    body = {"a": [{"b": deep}, (listed,)], "c": "plain"}
    request = post("/x", body, headers={"authorization": token, "x": "plain"})
    assert set(request.sensitive()) == {token, deep, listed}


@pytest.mark.parametrize(
    ("status", "ok"),
    [(199, False), (200, True), (204, True), (299, True), (300, False)],
)
def test_a_success_is_a_2xx(status: int, *, ok: bool) -> None:
    """Only the statuses 200 to 299 are a success."""
    assert Response(status=status).ok is ok


def test_header_names_of_a_response_are_in_lower_case() -> None:
    """Header names are in lower case, however the vendor wrote them."""
    assert Response(status=200, headers={"Retry-After": "1"}).headers == {
        "retry-after": "1"
    }


def test_a_body_that_is_not_utf8_is_text_all_the_same() -> None:
    """Bytes that are not UTF-8 are replaced in `text`."""
    assert Response(status=200, content=b"a\xff").text == "a\ufffd"


def test_numbers_with_a_point_are_decimals() -> None:
    """Fractional numbers are read as Decimal, never as float."""
    response = Response(status=200, content=b'{"amount": 10.10, "count": 3}')
    assert response.json() == {"amount": Decimal("10.10"), "count": 3}
    assert isinstance(response.json()["amount"], Decimal)


UNREADABLE = [
    b"",
    b"{",
    b"<html>",
    b'{"ssn": 333527584,}',
    b"NaN",
    b"[Infinity]",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"1" * 5000,
]


@pytest.mark.parametrize("content", UNREADABLE, ids=lambda content: str(content[:9]))
def test_an_invalid_body_is_unexpected_and_not_quoted(content: bytes) -> None:
    """The error for invalid JSON has the position and nothing of the body."""
    response = Response(status=200, content=content)
    with pytest.raises(UnexpectedResponse) as caught:
        response.json()
    assert (caught.value.path, caught.value.status) == ("$", 200)
    assert "333" not in str(caught.value)
    assert "None" not in str(caught.value)
    assert caught.value.__context__ is None


@given(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda it: it.strip("."))
)
def test_an_id_is_one_segment(text: str) -> None:
    """Any id is quoted as one segment and can be read back."""
    quoted = segment(text)
    assert not set(quoted) & set("/?#")
    assert unquote(quoted) == text


@pytest.mark.parametrize("text", ["", ".", "..", "...", "\ud800"])
def test_an_id_that_addresses_something_else_is_refused(text: str) -> None:
    """An empty or dotted id, and one with an unpaired surrogate, is rejected."""
    with pytest.raises(InvalidInput, match="id"):
        segment(text)


def test_none_is_left_out() -> None:
    """`present` leaves out None, and keeps empty and zero values."""
    assert present(a=None, b="", c=0, d=[]) == {"b": "", "c": 0, "d": []}


@pytest.mark.parametrize("path", ["/", "/a", "/a/b:c", "/a//b", "/auth/key/%2F"])
def test_a_path_begins_with_one_slash(path: str) -> None:
    """A path below the base URL is accepted."""
    assert is_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//evil.example",
        "https://evil.example",
        "/a?x=1",
        "/a#x",
        "/a\\b",
        "/a b",
        "/a\nb",
        "/..",
        "/a/../b",
        "/a\n",
    ],
)
def test_a_path_to_another_place_is_refused(path: str) -> None:
    """A path with a host, query, fragment or `..` is rejected."""
    assert not is_path(path)


def test_a_request_opens_without_its_secrets() -> None:
    """`asdict` of a request leaves Sensitive values masked."""
    opened = attrs.asdict(post("/x", {"ssn": SSN}), recurse=False)
    assert "33352" not in str(opened)


@pytest.mark.parametrize("body", [{"a": "x\ud83d"}, ["\udc00"], {"\ud800": 1}])
def test_a_body_that_cannot_be_encoded_is_refused_without_being_shown(
    body: Any,
) -> None:
    """A body with an unpaired surrogate raises InvalidInput without the body."""
    with pytest.raises(
        InvalidInput, match="body: must not contain an unpaired"
    ) as refused:
        post("/x", body).encoded()
    assert refused.value.__context__ is None


def test_a_query_that_cannot_be_encoded_is_refused() -> None:
    """A query with an unpaired surrogate raises InvalidInput without the query."""
    with pytest.raises(InvalidInput, match="query: must not contain an unpaired"):
        get("/x", query={"a": "\ud83d"})
