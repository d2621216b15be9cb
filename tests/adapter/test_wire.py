"""Requests and responses, and what of them is shown."""

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
    """Neither headers, nor query, nor body are in a repr."""
    request = post("/customers", {"ssn": "333527584"}, headers={"authorization": "tok"})
    assert repr(request) == "<Request POST /customers>"


def test_a_response_shows_its_status_alone() -> None:
    """What a vendor sent is not shown."""
    assert repr(Response(status=200, content=b"333527584")) == "<Response 200>"


@pytest.mark.parametrize("value", [get("/x"), Response(status=200)])
def test_neither_is_pickled(value: object) -> None:
    """Both hold personal data."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value)


def test_two_requests_are_equal_when_they_ask_the_same() -> None:
    """Header names are in lower case, and a query leaves out what is None."""
    one = get("/x", query={"page": 1, "filter": None}, headers={"Accept": "a"})
    assert one == get("/x", query={"page": "1"}, headers={"accept": "a"})
    assert one != get("/x", query={"page": 2}, headers={"accept": "a"})
    assert post("/x", {"ssn": SSN}) == post("/x", {"ssn": Ssn("333527584")})


@pytest.mark.parametrize("value", [Sensitive("s"), SSN, 1.5, [1], date(2024, 1, 1)])
def test_only_text_and_numbers_go_in_a_url(value: Any) -> None:
    """A Sensitive value cannot be put into a URL by mistake."""
    with pytest.raises(TypeError, match="query parameter q"):
        get("/x", query={"q": value})


@pytest.mark.parametrize(
    ("make", "method"), [(post, "POST"), (put, "PUT"), (patch, "PATCH")]
)
def test_what_writes_has_a_body(make: Any, method: str) -> None:
    """Three verbs take a body."""
    assert make("/x", {"a": 1}) == Request(method=method, path="/x", body={"a": 1})


def test_a_deletion_has_no_body() -> None:
    """DELETE is sent without one."""
    assert delete("/x").encoded() is None
    assert delete("/x").method == "DELETE"


def test_headers_are_added_by_name() -> None:
    """An underscore stands for a dash; what was there stays."""
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
    """Until then it holds Sensitive values, dates and amounts as they are."""
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
    """A mask is refused at the last gate, too."""
    with pytest.raises(InvalidInput, match="mask or a token"):
        post("/x", {"ssn": Ssn("XXX-XX-7584")}).encoded()


def test_bytes_are_a_body_already() -> None:
    """What is encoded is sent as it is."""
    assert post("/x", b"raw").encoded() == b"raw"


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"])
def test_what_json_has_no_word_for_is_refused_unshown(value: object) -> None:
    """The error names the type, not the value."""
    with pytest.raises(TypeError, match=f"a {type(value).__name__} cannot"):
        post("/x", {"a": value}).encoded()


def test_every_sensitive_value_of_a_request_is_found() -> None:
    """In the headers and anywhere in the body."""
    token, deep, listed = Sensitive("t"), Sensitive("d"), Sensitive("l")
    body = {"a": [{"b": deep}, (listed,)], "c": "plain"}
    request = post("/x", body, headers={"authorization": token, "x": "plain"})
    assert set(request.sensitive()) == {token, deep, listed}


@pytest.mark.parametrize(
    ("status", "ok"),
    [(199, False), (200, True), (204, True), (299, True), (300, False)],
)
def test_a_success_is_a_2xx(status: int, *, ok: bool) -> None:
    """No other status is one."""
    assert Response(status=status).ok is ok


def test_header_names_of_a_response_are_in_lower_case() -> None:
    """A header is found however the vendor wrote it."""
    assert Response(status=200, headers={"Retry-After": "1"}).headers == {
        "retry-after": "1"
    }


def test_a_body_that_is_not_utf8_is_text_all_the_same() -> None:
    """What cannot be decoded is replaced."""
    assert Response(status=200, content=b"a\xff").text == "a\ufffd"


def test_numbers_with_a_point_are_decimals() -> None:
    """Money is never read through a float."""
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
def test_what_is_not_json_is_unexpected_and_not_repeated(content: bytes) -> None:
    """The error says where reading stopped and nothing of the body."""
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
    """Whatever an id holds, it stays inside its segment and is read back."""
    quoted = segment(text)
    assert not set(quoted) & set("/?#")
    assert unquote(quoted) == text


@pytest.mark.parametrize("text", ["", ".", "..", "...", "\ud800"])
def test_an_id_that_addresses_something_else_is_refused(text: str) -> None:
    """An empty id is the collection, two dots its parent, half a character nothing."""
    with pytest.raises(InvalidInput, match="id"):
        segment(text)


def test_what_a_person_lacks_is_not_written() -> None:
    """None is left out; empty and zero are values."""
    assert present(a=None, b="", c=0, d=[]) == {"b": "", "c": 0, "d": []}


@pytest.mark.parametrize("path", ["/", "/a", "/a/b:c", "/a//b", "/auth/key/%2F"])
def test_a_path_begins_with_one_slash(path: str) -> None:
    """A path lies below the base URL."""
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
def test_what_leads_elsewhere_is_no_path(path: str) -> None:
    """No host, no query, no fragment, no way up."""
    assert not is_path(path)


def test_a_request_opens_without_its_secrets() -> None:
    """Asdict leaves Sensitive values masked."""
    opened = attrs.asdict(post("/x", {"ssn": SSN}), recurse=False)
    assert "33352" not in str(opened)


@pytest.mark.parametrize("body", [{"a": "x\ud83d"}, ["\udc00"], {"\ud800": 1}])
def test_a_body_that_cannot_be_encoded_is_refused_without_being_shown(
    body: Any,
) -> None:
    """Half of a surrogate pair: Python's own error would hold the whole body."""
    with pytest.raises(
        InvalidInput, match="body: must not contain an unpaired"
    ) as refused:
        post("/x", body).encoded()
    assert refused.value.__context__ is None


def test_a_query_that_cannot_be_encoded_is_refused() -> None:
    """It is not shown either."""
    with pytest.raises(InvalidInput, match="query: must not contain an unpaired"):
        get("/x", query={"a": "\ud83d"})
