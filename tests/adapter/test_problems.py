"""Translation of a vendor's error responses into our terms."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anybank import (
    Address,
    AuthenticationFailed,
    Capabilities,
    Conflict,
    FieldRule,
    NewCustomer,
    NotFound,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    Response,
    UnexpectedResponse,
)
from anybank.adapter.problems import (
    by_status,
    field_errors,
    path_errors,
    pointer_errors,
    retry_after,
    server_time,
    token,
    unreadable,
    words,
    written_type,
)
from anybank.adapter.wire import Request
from anybank.model import operations as ask
from anybank.model.features import Feature
from anybank.model.questions import CreateQuestion

DECLARED = Capabilities(
    provider="toy",
    title="Toy",
    hosts={},
    fields={
        NewCustomer: {
            "last_name": FieldRule(native="family"),
            "first_name": FieldRule(),
            "emails": FieldRule(native="mail", items=(0, 1)),
            "addresses": FieldRule(native="homes"),
        },
        Address: {"postal_code": FieldRule(native="zip"), "line2": FieldRule()},
    },
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, AuthenticationFailed),
        (403, AuthenticationFailed),
        (404, NotFound),
        (405, Rejected),
        (408, ProviderUnavailable),
        (409, Conflict),
        (410, NotFound),
        (422, Rejected),
        (424, ProviderUnavailable),
        (429, RateLimited),
        (500, ProviderUnavailable),
        (502, ProviderUnavailable),
        (503, ProviderUnavailable),
        (504, ProviderUnavailable),
        (599, ProviderUnavailable),
        (200, UnexpectedResponse),
        (302, UnexpectedResponse),
        (101, UnexpectedResponse),
    ],
)
def test_a_status_stands_for_a_class(status: int, kind: type) -> None:
    """The status decides the class of an unreadable error response."""
    assert by_status(status) is kind


def page(status: int, content: bytes, kind: str = "text/html") -> Response:
    return Response(status=status, content=content, headers={"content-type": kind})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, UnexpectedResponse),
        (403, UnexpectedResponse),
        (400, UnexpectedResponse),
        (502, ProviderUnavailable),
        (429, RateLimited),
    ],
)
def test_a_page_of_html_is_not_the_vendors(status: int, kind: type) -> None:
    """An HTML page with the status 404 is not NotFound."""
    returned = unreadable(page(status, b"<html>secret</html>"))
    assert returned.kind is kind
    assert "HTML" in returned.message
    assert "secret" not in returned.message


def test_html_is_known_by_its_first_sign_too() -> None:
    """HTML is recognised without a content type."""
    returned = unreadable(page(404, b"  <!doctype html>", ""))
    assert returned.kind is UnexpectedResponse


@pytest.mark.parametrize(
    "content",
    [b" gone for James \n", b'{"first_name": "James"}', b'["James"]', b"James Bond"],
)
def test_a_body_is_described_and_never_quoted(content: bytes) -> None:
    """The message describes an unreadable body and never quotes it."""
    returned = unreadable(page(404, content, "text/plain"))
    assert returned.kind is NotFound
    assert "does not have the form" in returned.message
    assert not re.search("gone|James|first_name", returned.message)


@pytest.mark.parametrize("content", [b"Not Found", b'"Not found."', b"NOT FOUND\n"])
def test_the_phrase_of_a_status_is_repeated(content: bytes) -> None:
    """The standard phrase of an HTTP status is quoted."""
    assert unreadable(page(404, content, "text/plain")).message == "Not Found"


def test_an_empty_answer_has_no_message() -> None:
    """An empty body has an empty message."""
    assert unreadable(page(500, b" ", "")).message == ""


@pytest.mark.parametrize(
    ("value", "sentence", "code"),
    [
        ("no such id", "no such id", "no such id"),
        (3001, "3001", "3001"),
        (True, None, None),
        (None, None, None),
        ({"a": 1}, None, None),
        (["a"], None, None),
        ('{"a": 1}', '{"a": 1}', None),
        ("x" * 101, "x" * 101, None),
    ],
)
def test_a_member_is_read_as_words_or_as_a_token(
    value: object, sentence: str | None, code: str | None
) -> None:
    """An object is never converted to text, and a code has a maximum length."""
    assert (words(value), token(value)) == (sentence, code)


@pytest.mark.parametrize("name", ["James Bond", "a@b.c", "333-52-7584", "x" * 65, ""])
def test_a_key_that_is_no_field_name_is_left_out(name: str) -> None:
    """A key without the form of a name is left out, because it may be a value."""
    assert field_errors(DECLARED, NewCustomer, {name: ["bad"]}) == {}


def test_field_errors_end() -> None:
    """The number and the depth of field errors are limited."""
    wide = {f"field_{index}": ["bad"] for index in range(1000)}
    assert len(field_errors(DECLARED, NewCustomer, wide)) == 50
    deep: Any = ["bad"]
    for _ in range(900):
        deep = {"below": deep}
    assert field_errors(DECLARED, NewCustomer, {"below": deep}) == {}


@pytest.mark.parametrize(
    ("messages", "ours"),
    [
        ({"family": ["bad"]}, {"last_name": ("bad",)}),
        ({"family": "bad"}, {"last_name": ("bad",)}),
        ({"family": ["bad", "worse"]}, {"last_name": ("bad", "worse")}),
        ({"first_name": ["bad"]}, {"first_name": ("bad",)}),
        ({"mail": ["bad"]}, {"emails[0]": ("bad",)}),
        ({"mail": {"0": ["bad"]}}, {"emails[0]": ("bad",)}),
        ({"strange": ["bad"]}, {"strange": ("bad",)}),
        ({"homes": ["none"]}, {"addresses": ("none",)}),
        ({"homes": {"0": {"zip": ["bad"]}}}, {"addresses[0].postal_code": ("bad",)}),
        ({"homes": {"1": {"line2": ["bad"]}}}, {"addresses[1].line2": ("bad",)}),
        ({"homes": {"1": ["bad"]}}, {"addresses[1]": ("bad",)}),
        (
            {"homes": {"0": {"zip": ["a"]}, "2": {"zip": ["b"]}}},
            {"addresses[0].postal_code": ("a",), "addresses[2].postal_code": ("b",)},
        ),
        ({"homes": [{}, {"zip": ["bad"]}]}, {"addresses[1].postal_code": ("bad",)}),
        ({"family": {"deep": ["bad"]}}, {"deep": ("bad",)}),
        ({"family": 5}, {"last_name": ()}),
        ({}, {}),
    ],
)
def test_field_errors_have_our_names(messages: Any, ours: Any) -> None:
    """A vendor's name at any depth becomes the path of our field."""
    assert field_errors(DECLARED, NewCustomer, messages) == ours


@pytest.mark.parametrize(
    ("pointers", "ours"),
    [
        (["/data/attributes/family"], {"last_name": ("bad",)}),
        (["/data/attributes/names/family"], {"last_name": ("bad",)}),
        (["/data/attributes/family"] * 2, {"last_name": ("bad", "bad")}),
        (["/data/attributes/homes/1/zip"], {"addresses[1].postal_code": ("bad",)}),
        (
            ["/data/attributes/homes", "/data/attributes/homes/0/zip"],
            {"addresses": ("bad",), "addresses[0].postal_code": ("bad",)},
        ),
        (["/data/attributes/odd~1name"], {}),
        (["/data/type", "/data/attributes", "family", ""], {}),
    ],
)
def test_pointers_have_our_names(pointers: list[str], ours: Any) -> None:
    """Each JSON pointer below the attributes becomes our field, with all its messages."""
    errors = [(pointer, "bad") for pointer in pointers]
    assert pointer_errors(DECLARED, NewCustomer, errors) == ours


@pytest.mark.parametrize(
    ("paths", "ours"),
    [
        (["family"], {"last_name": ("bad",)}),
        (["person.names.family"], {"last_name": ("bad",)}),
        (["person.homes[1].zip"], {"addresses[1].postal_code": ("bad",)}),
        (["homes.1.zip"], {"addresses[1].postal_code": ("bad",)}),
        (["mail", "mail"], {"emails[0]": ("bad", "bad")}),
        (["odd name", "", "a/b", "x" * 600, "[0]"], {}),
    ],
)
def test_paths_have_our_names(paths: list[str], ours: Any) -> None:
    """Each path of a list of invalid fields becomes our field, with all its messages."""
    errors = [(path, "bad") for path in paths]
    assert path_errors(DECLARED, NewCustomer, errors) == ours


def pause_of(after: str | None, now: float = 1000.0) -> float | None:
    headers = {} if after is None else {"retry-after": after}
    return retry_after(Response(status=429, headers=headers), now)


@given(st.integers(0, 10**9))
def test_seconds_are_read(seconds: int) -> None:
    """A Retry-After with a number is in seconds."""
    assert pause_of(str(seconds)) == float(seconds)


@given(st.integers(0, 4 * 10**9), st.integers(0, 4 * 10**9))
def test_a_date_is_read_as_the_time_until_then(now: int, then: int) -> None:
    """A Retry-After with a date is the time until then, and 0 for a past date."""
    assert pause_of(formatdate(then, usegmt=True), now) == max(0.0, then - now)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000",
    ],
)
def test_a_date_without_a_zone_is_gmt(
    text: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A date without a zone is GMT, whatever the local zone is."""
    import time  # noqa: PLC0415

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    pause = pause_of(text, 784111777 - 30)
    monkeypatch.undo()
    time.tzset()
    assert pause == 30


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "  ", "soon", "-5", "1.5", "²", "1e3", "9" * 400, "9" * 5000),
        *("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "(" * 100_000),
        "Sun, 06 Nov 1994 08:49:37 +99999999999",
    ],
)
def test_an_unreadable_retry_after_is_ignored(text: str | None) -> None:
    """A Retry-After that cannot be read is ignored."""
    assert pause_of(text) is None


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 8),
        ("Sun, 06 Nov 99999999999999 08:49:37 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_vendors_clock_is_read_from_its_date(date: str, hour: int | None) -> None:
    """The Date header is read as an aware time, or as None."""
    moment = server_time(Response(status=200, headers={"date": date}))
    assert (moment and moment.hour) == hour
    assert moment is None or moment.tzinfo is not None


@pytest.mark.parametrize(
    "question",
    [it for it in ask.QUESTIONS.values() if issubclass(it, CreateQuestion)],
    ids=str,
)
def test_the_type_of_each_create_is_known(question: type[Any]) -> None:
    """The type whose fields a create writes is that of its question."""
    base = next(it for it in question.__orig_bases__ if hasattr(it, "__args__"))
    request = Request(method="POST", path="/x", feature=question.feature)
    assert written_type(request) is base.__args__[0]


def test_an_unknown_request_is_about_a_customer() -> None:
    """Without a request, and for a raw one, the names are those of a customer."""
    assert written_type(None) is NewCustomer
    assert written_type(Request(method="POST", path="/x")) is NewCustomer
    update = Request(method="PATCH", path="/x", feature=Feature.CUSTOMERS_UPDATE)
    assert written_type(update) is NewCustomer
