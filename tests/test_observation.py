"""Options per call, raw responses, request ids, observers, logs and short listings."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
import pytest
from attrs import evolve
from tests.fakes import FakeTime, Script, Toy, json_response

from anybank import (
    AsyncBank,
    Bank,
    CallFinished,
    CallStarted,
    ConfigurationError,
    Customer,
    InvalidInput,
    NewCustomer,
    NotFound,
    Outcome,
    ProviderUnavailable,
    RawResponse,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    Ssn,
)

ADA = {"id": "c1", "given": "Ada", "family": "Sample"}
CANARY = "333-52-7584"


def answer(status: int = 200, request_id: str = "req_1", **body: Any) -> httpx.Response:
    response = json_response(status, **(body or ADA))
    response.headers["x-request-id"] = request_id
    return response


def bank(*answers: Any, **options: Any) -> Bank:
    arguments = {"token": "secret", "transport": Script(*answers), **options}
    return Bank(Toy, timing=FakeTime().timing(), **arguments)


def test_options_per_call_share_the_connection() -> None:
    """The same transport gets the request, with the headers of the call."""
    script = Script(answer(), answer(503), answer())
    toy = bank(transport=script)
    other = toy.with_options(retries=0, timeout=5, extra_headers={"X-Trace": "t1"})
    other.customers.get("c1")
    with pytest.raises(ProviderUnavailable):
        other.customers.get("c1")
    toy.customers.get("c1")
    assert [request.headers.get("x-trace") for request in script.requests] == [
        "t1",
        "t1",
        None,
    ]
    assert script.requests[0].extensions["timeout"]["read"] <= 5


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": "5"},
        {"retries": -1.5},
        {"extra_headers": {"Idempotency-Key": "k"}},
        {"extra_headers": {"X": 1}},
        {"extra_body": [1]},
    ],
)
def test_an_unusable_option_is_refused(options: dict[str, Any]) -> None:
    """An invalid option of a call raises instead of being ignored."""
    with pytest.raises(ConfigurationError):
        bank().with_options(**options)


def test_an_extra_field_is_added_to_a_write() -> None:
    """Extra fields are added to the body of a write, and reads stay unchanged."""
    script = Script(answer(201), answer())
    toy = bank(transport=script).with_options(extra_body={"tag": "x"})
    toy.customers.create(NewCustomer(first_name="Ada", last_name="Sample"))
    assert b'"tag"' in script.requests[0].content
    assert all(b"tag" not in request.content for request in script.requests[1:])


def test_an_extra_never_replaces_what_the_adapter_sends() -> None:
    """A call whose extra field the adapter also sends fails before it is sent."""
    script = Script()
    toy = bank(transport=script)
    new = NewCustomer(first_name="Ada", last_name="Sample")
    with pytest.raises(ConfigurationError):
        toy.with_options(extra_body={"given": "Eve"}).customers.create(new)
    assert script.requests == []


def test_a_raw_response_has_the_value_and_the_response() -> None:
    """`attempts` counts retries, and header names are in lower case."""
    raw = bank(answer(503), answer()).with_raw_response.customers.get("c1")
    assert isinstance(raw, RawResponse)
    assert isinstance(raw.value, Customer)
    assert (raw.status, raw.request_id, raw.attempts) == (200, "req_1", 2)
    assert raw.headers["x-request-id"] == "req_1"
    assert raw.elapsed > 0
    assert "Ada" not in repr(raw)


def test_a_raw_response_of_an_asynchronous_bank() -> None:
    """AsyncBank returns the same RawResponse."""

    async def ask() -> Any:
        async with AsyncBank(Toy, token="t", transport=Script(answer())) as toy:
            return await toy.with_raw_response.customers.get("c1")

    raw = asyncio.run(ask())
    assert (raw.value.id, raw.status, raw.attempts) == ("c1", 200, 1)


def test_a_bank_has_no_other_raw_resources() -> None:
    """A misspelt name is an AttributeError."""
    with pytest.raises(AttributeError):
        _ = bank().with_raw_response.costumers  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", ["x-request-id", "Request-Id", "x-amzn-requestid"])
def test_an_error_has_the_request_id(header: str) -> None:
    """The request id is read from any of the usual headers."""
    response = json_response(404)
    response.headers[header] = "req_9"
    with pytest.raises(NotFound) as caught:
        bank(response).customers.get("c1")
    assert caught.value.request_id == "req_9"


def test_observers_receive_the_events_of_a_call() -> None:
    """The events of a call arrive in order, with one id."""
    events: list[Any] = []
    bank(answer(503), answer(), observers=[events.append]).customers.get("c1")
    assert [type(event) for event in events] == [
        CallStarted,
        RequestSent,
        ResponseReceived,
        RetryScheduled,
        RequestSent,
        ResponseReceived,
        CallFinished,
    ]
    assert len({event.call_id for event in events}) == 1
    assert [
        event.status for event in events if isinstance(event, ResponseReceived)
    ] == [
        503,
        200,
    ]
    assert (events[-1].outcome, events[-1].attempts) == (Outcome.DONE, 2)
    assert events[1].server_address == "toy.example.com"


def test_a_failed_call_is_reported() -> None:
    """The event of a failed call has the error's class and its outcome."""
    events: list[Any] = []
    with pytest.raises(NotFound):
        bank(json_response(404), observers=[events.append]).customers.get("c1")
    assert (events[-1].error, events[-1].outcome) == ("NotFound", Outcome.REFUSED)


def test_an_observer_that_raises_changes_nothing() -> None:
    """The call returns its value, and the other observers are called."""
    events: list[Any] = []

    def broken(event: object) -> None:
        raise ValueError(event)

    toy = bank(answer(), observers=[broken, events.append])
    assert toy.customers.get("c1").id == "c1"
    assert isinstance(events[-1], CallFinished)


async def _observe(event: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize("observers", [print, [1], [_observe]])
def test_an_unusable_observer_is_refused(observers: Any) -> None:
    """An async function is refused, because it would never be awaited."""
    with pytest.raises(ConfigurationError):
        bank(observers=observers)


def test_logs_are_structured_and_contain_no_person(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Exchanges log at DEBUG and retries at INFO; a reflected SSN is no request id."""
    events: list[Any] = []
    new = NewCustomer(first_name="Ada", last_name="Canary", ssn=Ssn(CANARY))
    with caplog.at_level(logging.DEBUG, "anybank"):
        toy = bank(
            answer(429, request_id=CANARY),
            answer(201),
            answer(),
            observers=[events.append],
        )
        raw = toy.with_raw_response.customers
        raw.create(new, accept_loss="all")
    records = [record for record in caplog.records if record.name == "anybank"]
    debug = [record for record in records if record.levelno == logging.DEBUG]
    info = [record for record in records if record.levelno == logging.INFO]
    shown: Any = debug[0]
    assert (shown.provider, shown.operation) == ("toy", "customers.create")
    assert (shown.attempt, shown.status, shown.outcome) == (1, 429, "refused")
    assert len(info) == 1
    text = repr([vars(record) for record in records]) + repr(events)
    assert CANARY not in text
    assert "Canary" not in text


def log_of_a_create(caplog: pytest.LogCaptureFixture, **options: Any) -> Any:
    """Return the DEBUG record of a create whose response repeats the SSN that was sent."""
    reflected = json_response(201, id="c1", note=f"SSN {CANARY}")
    new = NewCustomer(first_name="Ada", last_name="Canary", ssn=Ssn(CANARY))
    with caplog.at_level(logging.DEBUG, "anybank"):
        bank(reflected, answer(), **options).customers.create(new, accept_loss="all")
    return next(each for each in caplog.records if each.levelno == logging.DEBUG)


def test_a_log_shows_the_body_fields_that_are_allowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Fields of the allow-list are shown, other fields and personal texts are not."""
    record = log_of_a_create(caplog, log_fields=["id", "note", "missing"])
    assert record.response_fields == {"id": "c1", "note": "SSN ***"}
    assert record.request_fields == {}
    assert "'id': 'c1'" in record.getMessage()
    assert CANARY not in repr(vars(record))
    assert "Canary" not in repr(vars(record))


def test_a_number_and_a_path_of_the_log_are_masked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An SSN is masked where a vendor repeats it as a number or as a name."""
    digits = Ssn(CANARY).reveal()
    reflected = json_response(201, id="c1", note=int(digits), **{digits: {"note": "x"}})
    new = NewCustomer(first_name="Ada", last_name="Canary", ssn=Ssn(CANARY))
    with caplog.at_level(logging.DEBUG, "anybank"):
        toy = bank(reflected, answer(), log_fields=["note"])
        toy.customers.create(new, accept_loss="all")
    shown: Any = next(each for each in caplog.records if each.levelno == logging.DEBUG)
    assert set(shown.response_fields.values()) == {"***", "x"}
    assert digits not in repr(vars(shown))


def test_a_log_shows_no_body_by_default(caplog: pytest.LogCaptureFixture) -> None:
    """Without an allow-list, no field of a body is in the log."""
    record = log_of_a_create(caplog)
    assert record.response_fields is None
    assert "c1" not in record.getMessage()


@pytest.mark.parametrize(
    "names",
    [
        *("status", [""], [3], 5, ["last_name"], ["status", "ssn"]),
        *(["account_number"], ["accountNumber"], ["maskedSSN"], ["counterparty"]),
    ],
)
def test_an_unusable_allow_list_is_refused(names: Any) -> None:
    """A list of names is accepted, unless a name is that of a personal field."""
    with pytest.raises(ConfigurationError, match="log_fields"):
        bank(log_fields=names)


def test_the_environment_switches_the_log_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """ANYBANK_LOG sets the level, and an unknown level is refused."""
    logger = logging.getLogger("anybank")
    level, handlers = logger.level, list(logger.handlers)
    try:
        monkeypatch.setenv("ANYBANK_LOG", "debug")
        bank()
        assert logger.level == logging.DEBUG
        monkeypatch.setenv("ANYBANK_LOG", "loud")
        with pytest.raises(ConfigurationError):
            bank()
    finally:
        logger.setLevel(level)
        logger.handlers = handlers


def test_only_a_wait_that_lasts_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A free slot of a rate limit leaves no line; one that is not free yet does."""
    time = FakeTime()

    def slow_clock() -> float:
        time.now += 0.00001  # the microseconds that the code itself takes
        return time.now

    timing = evolve(time.timing(), monotonic=slow_clock)
    toy = Bank(
        Toy,
        token="secret",
        transport=Script(answer(), answer()),
        timing=timing,
        rate_limit=60,
    )
    with caplog.at_level(logging.INFO, "anybank"):
        toy.customers.get("c1")
        assert not caplog.records
        toy.customers.get("c1")
    (record,) = caplog.records
    assert "waited for the rate limit for 1." in record.getMessage()


def test_a_line_on_stderr_names_the_worker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where many workers write to one place, each line says whose it is."""
    logger = logging.getLogger("anybank")
    level, handlers, propagate = logger.level, logger.handlers, logger.propagate
    try:
        logger.handlers, logger.propagate = [], False
        monkeypatch.setenv("ANYBANK_LOG", "info")
        bank()
        logger.info("an event", extra={"worker": "host:7:a1"})
        logger.info("another")
    finally:
        logger.setLevel(level)
        logger.handlers, logger.propagate = handlers, propagate
    one, two = capsys.readouterr().err.splitlines()
    assert one.endswith("INFO anybank [host:7:a1]: an event")
    assert two.endswith("INFO anybank: another")


def test_a_listing_is_cut_short() -> None:
    """Only the pages that are needed are read."""

    def page() -> Any:
        return json_response(200, ids=["c1", "c2"], next=None)

    toy = bank(page(), page(), page(), page())
    first = toy.customers.list().first()
    assert first is not None
    assert first.id == "c1"
    assert [item.id for item in toy.customers.list().take(1)] == ["c1"]
    assert toy.customers.list().take(0) == []
    assert len(toy.customers.list().to_list()) == 2
    with pytest.raises(InvalidInput):
        toy.customers.list().take(-1)
