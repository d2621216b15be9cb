"""Whatever exception follows the sending of a request, the outcome is never "not sent"."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import httpx
import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FakeTime, Script, Toy, json_response, run

from anybank import (
    AnybankError,
    AsyncBank,
    Bank,
    Customer,
    CustomerChanges,
    FieldNotUpdatable,
    InvalidInput,
    Issue,
    Money,
    NewCustomer,
    Outcome,
    ProviderError,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from anybank.adapter import Adapter
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Flow, Request, Response, get, post
from anybank.declaration import Feature
from anybank.errors import Effect
from anybank.model import operations as ask
from anybank.model.pages import Page

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
NEW = NewCustomer(first_name="Ada", last_name="Sample")
_NOT_OURS = (
    "/tests/",
    "/_engine/drivers.py",
    "/_engine/resources.py",
    "/_engine/aio_resources.py",
    "/client.py",
    "/sensitive.py",
)
"""Files whose lines are not counted: the tests', and those outside the driver's guard."""


class Single(Toy):
    """A toy vendor whose create is a single request."""

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        response = yield post("/customers", {"given": query.new.first_name})
        return Customer(id=response.json()["id"], provider="toy")


@define
class Lines:
    """Counts the library's lines that run after the vendor has acted; raises at one."""

    raise_at: int | None = None
    error: type[BaseException] = OverflowError
    count: int = 0
    acted: bool = False
    where: str = field(init=False, default="")

    # A trace function sees every line that runs, so that the test needs no list of the
    # places where something could raise: a new line of the engine is covered as well.
    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        name = frame.f_code.co_filename
        ours = "/anybank/" in name and not any(path in name for path in _NOT_OURS)
        if ours and event == "line" and self.acted:
            self.count += 1
            if self.count == self.raise_at:
                self.where = f"{name}:{frame.f_lineno}"
                raise self.error("333-52-7584")
        return self.trace if ours else None

    @contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self.trace)
        try:
            yield
        finally:
            sys.settrace(before)


class Acting(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A vendor that performs the request; after that `Lines` counts every line."""

    def __init__(self, lines: Lines, answer: Callable[[], httpx.Response]) -> None:
        self.lines = lines
        self.answer = answer
        self.acted = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.acted += 1
        self.lines.acted = True
        return self.answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def outcome_of(
    lines: Lines, answer: Callable[[], httpx.Response], *, sync: bool
) -> BaseException | Customer:
    """Create a customer, and return the result or the exception."""
    options: Any = {
        "token": "t",
        "retries": 1,
        "timing": FakeTime().timing(),
        "transport": Acting(lines, answer),
    }

    async def main() -> Customer:
        bank = AsyncBank(Single, **options)
        with lines.watching():
            return await bank.customers.create(NEW)

    try:
        if not sync:
            return asyncio.run(main())
        bank = Bank(Single, **options)
        with lines.watching():
            return bank.customers.create(NEW)
    except BaseException as error:  # noqa: BLE001  # whatever it is, is looked at
        return error


ANSWERS: dict[str, Callable[[], httpx.Response]] = {
    "created": lambda: json_response(201, id="c1"),
    "unreadable": lambda: httpx.Response(200, text="<html>"),
    "busy": lambda: httpx.Response(503, headers={"retry-after": "1"}, text="busy"),
    "moved": lambda: httpx.Response(302),
}
ERRORS = (OverflowError, MemoryError, RecursionError, InvalidInput, KeyError)


@given(
    at=st.integers(1, 500),
    answer=st.sampled_from(sorted(ANSWERS)),
    error=st.sampled_from(ERRORS),
    sync=st.booleans(),
)
def test_whatever_raises_after_sending_leaves_the_outcome_unknown(
    at: int, answer: str, error: type[Exception], *, sync: bool
) -> None:
    """Any exception at any line after sending leaves the outcome unknown."""
    complete = Lines()
    outcome_of(complete, ANSWERS[answer], sync=sync)
    lines = Lines(raise_at=1 + at % complete.count, error=error)
    result = outcome_of(lines, ANSWERS[answer], sync=sync)
    if isinstance(result, Customer):
        assert answer == "created"
        return
    assert isinstance(result, AnybankError), (lines.where, result)
    assert result.outcome in (Outcome.UNKNOWN, Outcome.DONE), (lines.where, result)
    assert not result.retryable, lines.where
    assert "333" not in str(result)


@BOTH
@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interrupted_call_adds_a_note_about_its_outcome(
    error: type[BaseException], *, sync: bool
) -> None:
    """An interruption is raised unchanged, with a note about the outcome of a write."""

    class Cut(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise error

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise error

    with pytest.raises(error) as caught:
        run(lambda bank: bank.customers.create(NEW), sync=sync, transport=Cut())
    (note,) = caught.value.__notes__
    assert note.startswith("toy customers.create was interrupted")
    assert "the outcome is unknown. Call `resolve` with this exception" in note
    with pytest.raises(error) as caught:
        run(lambda bank: bank.customers.get("c1"), sync=sync, transport=Cut())
    assert not hasattr(caught.value, "__notes__")


class FailingFilter(logging.Filter):
    """A logging filter of a user that raises."""

    def filter(self, record: logging.LogRecord) -> bool:
        raise KeyError("a filter of the user's")


@BOTH
def test_a_failing_log_filter_does_not_change_the_result(*, sync: bool) -> None:
    """A logging filter that raises does not change the result of a call."""
    logger, failing = logging.getLogger("anybank"), FailingFilter()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addFilter(failing)
    try:
        result = run(
            lambda bank: bank.customers.create(NEW),
            json_response(201, id="c1"),
            sync=sync,
            adapter=Single,
        )
    finally:
        logger.removeFilter(failing)
        logger.setLevel(level)
    assert result.error is None
    assert result.value.id == "c1"


class Raw(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of a caller that returns None after it has sent the request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return None  # type: ignore[return-value] # that is the breach

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return None  # type: ignore[return-value] # that is the breach


@BOTH
def test_a_transport_that_breaks_its_contract_may_have_sent(*, sync: bool) -> None:
    """An unforeseen exception of a transport leaves the outcome unknown."""
    result = run(lambda bank: bank.customers.create(NEW), sync=sync, transport=Raw())
    assert result.error is not None
    assert result.error.outcome is Outcome.UNKNOWN


class Reads(Toy):
    """A toy vendor whose responses break the rules of our values."""

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        answer = (yield get("/customers")).json()
        Money(1, answer["currency"])
        raise AssertionError("a currency that is none was read")

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        answer = (yield post("/customers", {})).json()
        Money(1, answer["currency"])
        raise AssertionError("a currency that is none was read")

    def list_customers(self, query: ask.ListCustomers) -> Flow[Page[Customer]]:
        answer = (yield get("/customers", query={"token": query.token})).json()
        return Page([Customer(id="c1", provider="toy")], answer["next"])

    def update_customer(self, query: ask.UpdateCustomer) -> Flow[Customer]:
        yield get("/customers", feature=Feature.CUSTOMERS_GET)
        issue = Issue("emails", Effect.BLOCKED, "rule", "the vendor's page", "no")
        raise InvalidInput([issue])

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        yield get("/customers", feature=Feature.CUSTOMERS_GET)
        issue = Issue("id", Effect.BLOCKED, "rule", "anybank", "no")
        raise FieldNotUpdatable([issue], outcome=Outcome.REFUSED)


@BOTH
def test_a_response_that_breaks_our_rules_is_unexpected(*, sync: bool) -> None:
    """A response that breaks a rule of our values is no invalid input of the caller."""
    answer = json_response(currency="XYZ")
    read = run(lambda b: b.customers.get("c1"), answer, sync=sync, adapter=Reads).error
    assert isinstance(read, UnexpectedResponse)
    assert (read.path, read.retryable) == ("$..currency", True)
    assert "currency" in str(read)
    assert "look before" not in str(read)
    answer = json_response(currency="XYZ")
    built = run(lambda b: b.customers.create(NEW), answer, sync=sync, adapter=Reads)
    assert isinstance(built.error, UnexpectedResponse)
    assert (built.error.outcome, built.error.retryable) == (Outcome.UNKNOWN, False)


@BOTH
@pytest.mark.parametrize("cursor", ["\ud83d", "x" * 9_000, 7, ["a"]])
def test_a_cursor_that_no_url_can_carry_is_unexpected(
    cursor: object, *, sync: bool
) -> None:
    """A page whose next cursor no request can carry raises UnexpectedResponse."""

    async def all_of(bank: Any) -> Any:
        return [customer async for customer in bank.customers.list()]

    result = run(
        (lambda bank: list(bank.customers.list())) if sync else all_of,
        httpx.Response(200, text=json.dumps({"next": cursor})),
        sync=sync,
        adapter=Reads,
    )
    assert isinstance(result.error, UnexpectedResponse)
    assert (result.error.path, result.error.retryable) == ("$", True)


@BOTH
def test_a_refusal_that_a_flow_raises_on_purpose_stays(*, sync: bool) -> None:
    """A flow that reads before it writes may reject the caller's input."""
    changes = CustomerChanges(first_name="Eve")
    refused = run(
        lambda bank: bank.customers.update("c1", changes),
        json_response(),
        sync=sync,
        adapter=Reads,
    ).error
    assert type(refused) is InvalidInput
    fixed = run(
        lambda bank: bank.customers.delete("c1"),
        json_response(),
        sync=sync,
        adapter=Reads,
    ).error
    assert isinstance(fixed, FieldNotUpdatable)
    assert fixed.outcome is Outcome.REFUSED


@BOTH
@pytest.mark.parametrize("status", [301, 302, 304, 307, 404, 502])
def test_a_failed_read_may_be_repeated(status: int, *, sync: bool) -> None:
    """A failed read is retryable, and its message does not advise a look-up."""
    page = {"status_code": status, "text": "<html>a portal's page</html>"}
    result = run(
        lambda bank: bank.customers.get("c1"),
        httpx.Response(**page),  # type: ignore[arg-type] # by keyword
        sync=sync,
        retries=0,
    )
    assert result.error is not None
    assert result.error.retryable
    assert "look before" not in str(result.error)


@pytest.mark.parametrize(
    "after",
    ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "9" * 400, "²", "-1", "x"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_no_clock_can_hold_does_not_change_the_outcome(
    after: str, status: int
) -> None:
    """An unusable Retry-After does not change the outcome."""
    headers = [(b"retry-after", after.encode())]
    answer = httpx.Response(status, headers=headers)
    error = run(
        lambda bank: bank.customers.create(NEW), answer, adapter=Single, retries=0
    ).error
    assert error is not None
    expected = Outcome.REFUSED if status == 429 else Outcome.UNKNOWN
    assert error.outcome is expected


@pytest.mark.parametrize("depth", [600, 5_000])
def test_a_nested_answer_does_not_change_the_outcome(depth: int) -> None:
    """A deeply nested error response is judged by its status."""
    deep = httpx.Response(503, text="[" * depth + "]" * depth)
    error = run(
        lambda bank: bank.customers.create(NEW), deep, adapter=Single, retries=0
    ).error
    assert error is not None
    assert error.outcome is Outcome.UNKNOWN


def test_a_nested_body_does_not_change_the_outcome() -> None:
    """If a body is too deep to be scrubbed, the error has no text of the vendor."""
    body: Any = "leaf"
    for _ in range(600):
        body = [body]
    script = Script(json_response(503, message="down"))
    result = run(
        lambda bank: bank.request("POST", "/x", json=body), transport=script, retries=0
    )
    assert result.error is not None
    assert result.error.outcome is Outcome.UNKNOWN


class Fickle(Toy):
    """An adapter whose `problem` raises InvalidInput."""

    def problem(self, response: Any, request: Any = None) -> Any:
        raise InvalidInput


@BOTH
def test_an_adapter_cannot_call_an_answer_unsent(*, sync: bool) -> None:
    """If an adapter's `problem` raises, the HTTP status decides the outcome."""
    error = run(
        lambda bank: bank.customers.create(NEW),
        json_response(503),
        sync=sync,
        adapter=Fickle,
        retries=0,
    ).error
    assert error is not None
    assert error.outcome is Outcome.UNKNOWN


class WritesHeader(Toy):
    """An adapter that writes a header which HTTP cannot carry."""

    def authenticate(self, request: Request, credentials: Any) -> Request:
        return request.with_headers(x_name="333-52-7584\nx: y")


@BOTH
def test_an_invalid_header_is_not_sent(*, sync: bool) -> None:
    """A header with a line break is rejected by its name, and nothing is sent."""
    adapter: type[Adapter] = WritesHeader
    result = run(lambda bank: bank.customers.get("c1"), sync=sync, adapter=adapter)
    assert isinstance(result.error, InvalidInput)
    assert result.error.outcome is Outcome.NOT_SENT
    assert "x-name" in str(result.error)
    assert "333" not in str(result.error)


class Coded(Toy):
    """A vendor whose error codes mean a refusal under every HTTP status."""

    kind: type[ProviderError] = Rejected

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        return None if response.ok else Problem(kind=self.kind, code="no")


class Limited(Coded):
    """A vendor whose error code means "too many requests" under every HTTP status."""

    kind = RateLimited


@BOTH
@pytest.mark.parametrize("adapter", [Coded, Limited])
@pytest.mark.parametrize("status", [302, 307, 500, 503, 599])
def test_a_code_refuses_nothing_under_another_status(
    status: int, adapter: type[Adapter], *, sync: bool
) -> None:
    """A code for a refusal does not count in a 3xx or 5xx response to a create."""
    error = run(
        lambda bank: bank.customers.create(NEW),
        json_response(status),
        sync=sync,
        adapter=adapter,
        retries=0,
    ).error
    assert error is not None
    assert (error.outcome, error.retryable) == (Outcome.UNKNOWN, False)


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        {"text": "<html>blocked</html>"},
        {
            "stream": httpx.ByteStream(b"no gzip"),
            "headers": {"content-encoding": "gzip"},
        },
    ],
    ids=["a page", "not decompressed"],
)
@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_an_answer_of_something_between_refuses_nothing(
    status: int, answer: dict[str, Any], *, sync: bool
) -> None:
    """An HTML page or an undecodable body leaves the outcome of a create unknown."""
    error = run(
        lambda bank: bank.customers.create(NEW),
        httpx.Response(status, **answer),
        sync=sync,
    ).error
    assert isinstance(error, UnexpectedResponse)
    assert (error.outcome, error.retryable) == (Outcome.UNKNOWN, False)
