"""An exception after bytes may have left never claims that nothing was sent."""

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
"""Files whose lines are no place: the test's, and those around the driver's guard."""


class Single(Toy):
    """A toy whose create is one request, so that what is said of it is said of that."""

    def create_customer(self, query: ask.CreateCustomer) -> Flow[Customer]:
        response = yield post("/customers", {"given": query.new.first_name})
        return Customer(id=response.json()["id"], provider="toy")


@define
class Places:
    """Counts the lines of ours that run once the vendor has acted, and raises at one."""

    raise_at: int | None = None
    error: type[BaseException] = OverflowError
    count: int = 0
    acted: bool = False
    where: str = field(init=False, default="")

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        name = frame.f_code.co_filename
        ours = "/anybank/" in name and not any(each in name for each in _NOT_OURS)
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
    """A vendor that acts and answers; from then on each line of ours is a place."""

    def __init__(self, places: Places, answer: Callable[[], httpx.Response]) -> None:
        self.places = places
        self.answer = answer
        self.acted = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.acted += 1
        self.places.acted = True
        return self.answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def outcome_of(
    places: Places, answer: Callable[[], httpx.Response], *, sync: bool
) -> BaseException | Customer:
    """Create a customer, and return what came of it."""
    given: Any = {
        "token": "t",
        "retries": 1,
        "timing": FakeTime().timing(),
        "transport": Acting(places, answer),
    }

    async def main() -> Customer:
        bank = AsyncBank(Single, **given)
        with places.watching():
            return await bank.customers.create(NEW)

    try:
        if not sync:
            return asyncio.run(main())
        bank = Bank(Single, **given)
        with places.watching():
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
    """At each line that runs once the vendor has acted, for each kind of exception."""
    whole = Places()
    outcome_of(whole, ANSWERS[answer], sync=sync)
    places = Places(raise_at=1 + at % whole.count, error=error)
    came = outcome_of(places, ANSWERS[answer], sync=sync)
    if isinstance(came, Customer):
        assert answer == "created"
        return
    assert isinstance(came, AnybankError), (places.where, came)
    assert came.outcome in (Outcome.UNKNOWN, Outcome.DONE), (places.where, came)
    assert not came.retryable, places.where
    assert "333" not in str(came)


@BOTH
@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interrupted_call_adds_a_note_about_its_outcome(
    error: type[BaseException], *, sync: bool
) -> None:
    """Ctrl-C and a cancellation stay what they are, and tell how to find out."""

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


class Prying(logging.Filter):
    """A user's filter that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        raise KeyError("a filter of the user's")


@BOTH
def test_a_log_filter_that_fails_has_no_say(*, sync: bool) -> None:
    """What logging does to an answer does not change it."""
    logger, prying = logging.getLogger("anybank"), Prying()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addFilter(prying)
    try:
        ran = run(
            lambda bank: bank.customers.create(NEW),
            json_response(201, id="c1"),
            sync=sync,
            adapter=Single,
        )
    finally:
        logger.removeFilter(prying)
        logger.setLevel(level)
    assert ran.error is None
    assert ran.value.id == "c1"


class Raw(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A caller's transport that breaks its contract after it has sent."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return None  # type: ignore[return-value] # that is the breach

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return None  # type: ignore[return-value] # that is the breach


@BOTH
def test_a_transport_that_breaks_its_contract_may_have_sent(*, sync: bool) -> None:
    """An exception that no transport should raise says nothing about the request."""
    ran = run(lambda bank: bank.customers.create(NEW), sync=sync, transport=Raw())
    assert ran.error is not None
    assert ran.error.outcome is Outcome.UNKNOWN


class Reads(Toy):
    """A toy whose answers hold what our values refuse."""

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
def test_what_a_vendor_returns_is_never_the_callers_input(*, sync: bool) -> None:
    """A rule of ours that an answer breaks is about the answer."""
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
    """A page that names a next one is refused where the next cannot be asked for."""

    async def all_of(bank: Any) -> Any:
        return [each async for each in bank.customers.list()]

    ran = run(
        (lambda bank: list(bank.customers.list())) if sync else all_of,
        httpx.Response(200, text=json.dumps({"next": cursor})),
        sync=sync,
        adapter=Reads,
    )
    assert isinstance(ran.error, UnexpectedResponse)
    assert (ran.error.path, ran.error.retryable) == ("$", True)


@BOTH
def test_a_refusal_that_a_flow_raises_on_purpose_stays(*, sync: bool) -> None:
    """A flow that reads before it writes may still refuse the caller's input."""
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
    """A read has nothing to look for, whatever page came instead of an answer."""
    page = {"status_code": status, "text": "<html>a portal's page</html>"}
    ran = run(
        lambda bank: bank.customers.get("c1"),
        httpx.Response(**page),  # type: ignore[arg-type] # by keyword
        sync=sync,
        retries=0,
    )
    assert ran.error is not None
    assert ran.error.retryable
    assert "look before" not in str(ran.error)


@pytest.mark.parametrize(
    "after",
    ["Wed, 21 Oct 99999999999999999999 07:28:00 GMT", "9" * 400, "²", "-1", "x"],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_no_clock_can_hold_does_not_change_the_outcome(
    after: str, status: int
) -> None:
    """What a header says of the time says nothing of what happened."""
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
    """An error answer of lists in lists is judged by its status."""
    deep = httpx.Response(503, text="[" * depth + "]" * depth)
    error = run(
        lambda bank: bank.customers.create(NEW), deep, adapter=Single, retries=0
    ).error
    assert error is not None
    assert error.outcome is Outcome.UNKNOWN


def test_a_nested_body_does_not_change_the_outcome() -> None:
    """What is too deep to be scrubbed leaves an error without the vendor's text."""
    body: Any = "leaf"
    for _ in range(600):
        body = [body]
    script = Script(json_response(503, message="down"))
    ran = run(
        lambda bank: bank.request("POST", "/x", json=body), transport=script, retries=0
    )
    assert ran.error is not None
    assert ran.error.outcome is Outcome.UNKNOWN


class Fickle(Toy):
    """An adapter whose problem() raises an error of ours, as if nothing were sent."""

    def problem(self, response: Any) -> Any:
        raise InvalidInput


@BOTH
def test_an_adapter_cannot_call_an_answer_unsent(*, sync: bool) -> None:
    """Whatever an adapter raises while it judges, the status decides."""
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
def test_what_cannot_be_written_is_not_sent(*, sync: bool) -> None:
    """A header that would start another is refused by its name."""
    adapter: type[Adapter] = WritesHeader
    ran = run(lambda bank: bank.customers.get("c1"), sync=sync, adapter=adapter)
    assert isinstance(ran.error, InvalidInput)
    assert ran.error.outcome is Outcome.NOT_SENT
    assert "x-name" in str(ran.error)
    assert "333" not in str(ran.error)


class Coded(Toy):
    """A vendor whose codes are refusals, whatever status they come under."""

    kind: type[ProviderError] = Rejected

    def problem(self, response: Response) -> Problem | None:
        return None if response.ok else Problem(kind=self.kind, code="no")


class Limited(Coded):
    """A vendor whose code says "too many"."""

    kind = RateLimited


@BOTH
@pytest.mark.parametrize("adapter", [Coded, Limited])
@pytest.mark.parametrize("status", [302, 307, 500, 503, 599])
def test_a_code_refuses_nothing_under_another_status(
    status: int, adapter: type[Adapter], *, sync: bool
) -> None:
    """A refusal comes under a 4xx: under a 5xx or 3xx a create may have happened."""
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
    """A gateway that looks at answers may block that of a create which happened."""
    error = run(
        lambda bank: bank.customers.create(NEW),
        httpx.Response(status, **answer),
        sync=sync,
    ).error
    assert isinstance(error, UnexpectedResponse)
    assert (error.outcome, error.retryable) == (Outcome.UNKNOWN, False)
