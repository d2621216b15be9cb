"""The retry loop: which requests are repeated, how long it waits, what its errors say."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable
from threading import Thread
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import (
    Answer,
    FakeTime,
    RunResult,
    Script,
    Toy,
    ToyOptions,
    json_response,
    run,
)

from anybank import (
    AnybankError,
    AuthenticationFailed,
    Bank,
    Conflict,
    CustomerChanges,
    NewCustomer,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    StartKyc,
    UnexpectedResponse,
)
from anybank._engine.calls import Calls
from anybank._engine.retry import RetryPolicy
from anybank._engine.retry_loop import Engine
from anybank._engine.throttle import Throttle
from anybank.adapter import Adapter
from anybank.adapter.problems import Problem
from anybank.adapter.wire import Flow, Request, Response, get, post
from anybank.declaration import Feature
from anybank.model import operations as ask
from anybank.model.customers import Customer
from anybank.model.kyc import KycCheck, KycStatus

Operation = Callable[[Any], Any]

BOTH = pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
LOST = httpx.ReadTimeout("no answer")
REFUSED = httpx.ConnectError("no connection")
GONE = httpx.RemoteProtocolError("closed")
NEW = NewCustomer(first_name="Ada", last_name="Sample")


def create(bank: Any) -> Any:
    return bank.customers.create(NEW)


def read(bank: Any) -> Any:
    return bank.customers.get("c1")


def update(bank: Any) -> Any:
    return bank.customers.update("c1", CustomerChanges(first_name="Eve"))


def remove(bank: Any) -> Any:
    return bank.customers.delete("c1")


def start(bank: Any) -> Any:
    return bank.kyc.start("c1", StartKyc(program_id="p1"))


def ok() -> httpx.Response:
    return json_response(id="c1")


def down(status: int = 500) -> httpx.Response:
    return json_response(status, message="down")


def busy(after: str | None = None) -> httpx.Response:
    headers = {} if after is None else {"retry-after": after}
    return httpx.Response(429, headers=headers)


# For each scenario: the operation, the responses, the number of requests and the error.
SCENARIOS: dict[str, tuple[Operation, list[Answer], int, type[AnybankError] | None]] = {
    "read": (read, [ok()], 1, None),
    "read after 500": (read, [down(), ok()], 2, None),
    "read after a lost answer": (read, [LOST, ok()], 2, None),
    "read after a refused connection": (read, [REFUSED, ok()], 2, None),
    "read after 429": (read, [busy(), ok()], 2, None),
    "read that never comes": (read, [LOST, LOST, LOST], 3, OutcomeUnknown),
    "read of nobody": (read, [down(404)], 1, NotFound),
    "read that is not let in": (read, [down(401)], 1, AuthenticationFailed),
    "read that is wrong": (read, [down(400)], 1, Rejected),
    "read of a redirect": (read, [httpx.Response(302)], 1, UnexpectedResponse),
    "create": (create, [ok(), ok()], 2, None),
    "create after a refused connection": (create, [REFUSED, ok(), ok()], 3, None),
    "create after 429": (create, [busy(), ok(), ok()], 3, None),
    "create whose answer is lost": (create, [LOST], 1, OutcomeUnknown),
    "create whose connection is lost": (create, [GONE], 1, OutcomeUnknown),
    "create that is cut while writing": (
        create,
        [httpx.WriteError("cut")],
        1,
        OutcomeUnknown,
    ),
    "create after 500": (create, [down()], 1, ProviderUnavailable),
    "create after 503 with Retry-After": (
        create,
        [httpx.Response(503, headers={"retry-after": "1"})],
        1,
        ProviderUnavailable,
    ),
    "create that never leaves": (create, [REFUSED] * 3, 3, NotSent),
    "create that is too many": (create, [busy()] * 3, 3, RateLimited),
    "create read back after 500": (create, [ok(), down(), ok()], 3, None),
    "create that cannot be read back": (
        create,
        [ok(), down(), down(), down()],
        4,
        ProviderUnavailable,
    ),
    "create refused at the read-back": (create, [ok(), *[REFUSED] * 3], 4, NotSent),
    "update after a lost answer": (update, [ok(), LOST, ok()], 3, None),
    "update lost, then refused": (
        update,
        [ok(), LOST, REFUSED, REFUSED],
        4,
        OutcomeUnknown,
    ),
    "update lost, then wrong": (update, [ok(), LOST, down(400)], 3, Rejected),
    "update lost, then gone": (update, [ok(), LOST, down(404)], 3, NotFound),
    "update after a lost read, then wrong": (
        update,
        [LOST, ok(), down(400)],
        3,
        Rejected,
    ),
    "update that never leaves": (update, [ok(), *[REFUSED] * 3], 4, NotSent),
    "delete": (remove, [json_response(204)], 1, None),
    "delete lost, then gone": (remove, [LOST, down(404)], 2, None),
    "delete after 503, then gone": (remove, [down(503), down(404)], 2, None),
    "delete of nobody": (remove, [down(404)], 1, NotFound),
    "start after a lost answer": (start, [LOST, ok()], 2, None),
    "start of nobody": (start, [down(404)], 1, None),
}
NAMES = list(SCENARIOS)

OUTCOMES = {
    "read of nobody": Outcome.REFUSED,
    "read that is wrong": Outcome.REFUSED,
    "create whose answer is lost": Outcome.UNKNOWN,
    "create whose connection is lost": Outcome.UNKNOWN,
    "create that is cut while writing": Outcome.UNKNOWN,
    "create after 500": Outcome.UNKNOWN,
    "create after 503 with Retry-After": Outcome.UNKNOWN,
    "create that never leaves": Outcome.NOT_SENT,
    "create that is too many": Outcome.REFUSED,
    "create refused at the read-back": Outcome.DONE,
    "update lost, then refused": Outcome.UNKNOWN,
    "update lost, then wrong": Outcome.UNKNOWN,
    "update lost, then gone": Outcome.UNKNOWN,
    "update after a lost read, then wrong": Outcome.REFUSED,
    "update that never leaves": Outcome.NOT_SENT,
    "delete of nobody": Outcome.REFUSED,
}


def play(name: str, *, sync: bool) -> RunResult:
    operation, answers, _, _ = SCENARIOS[name]
    return run(operation, *map(fresh, answers), sync=sync)


def fresh(answer: Answer) -> Answer:
    """Copy a response, because one that was read cannot be read again."""
    if isinstance(answer, Exception):
        return type(answer)(*answer.args)
    return httpx.Response(
        answer.status_code, headers=answer.headers, content=answer.content
    )


@BOTH
@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_makes_its_requests_and_ends_as_it_must(
    name: str, *, sync: bool
) -> None:
    """A request is retried exactly where a repetition duplicates nothing."""
    _, _, requests, ends = SCENARIOS[name]
    result = play(name, sync=sync)
    assert len(result.request_lines) == requests
    assert type(result.error) is (ends or type(None))


@BOTH
@pytest.mark.parametrize("name", OUTCOMES)
def test_an_error_has_the_outcome_of_the_operation(name: str, *, sync: bool) -> None:
    """The outcome of an error covers the whole operation."""
    error = play(name, sync=sync).error
    assert error is not None
    assert error.outcome is OUTCOMES[name]


@pytest.mark.parametrize("name", NAMES)
def test_both_drivers_behave_in_the_same_way(name: str) -> None:
    """Bank and AsyncBank send the same requests, wait and fail in the same way."""
    sync, other = play(name, sync=True), play(name, sync=False)
    assert (sync.request_lines, sync.slept) == (other.request_lines, other.slept)
    assert str(sync.error) == str(other.error)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.startswith("create") and SCENARIOS[name][3]]
)
def test_a_create_that_may_have_happened_is_never_called_retryable(name: str) -> None:
    """The error of a create is retryable only if the create had no effect."""
    error = play(name, sync=True).error
    assert error is not None
    assert not error.retryable or error.outcome in (Outcome.NOT_SENT, Outcome.REFUSED)


def test_an_error_names_the_provider_and_the_operation() -> None:
    """The text of an error begins with the provider and the operation."""
    error = play("read of nobody", sync=True).error
    assert str(error).startswith("toy customers.get: 404")


def test_the_escape_hatch_is_named_too() -> None:
    """The text of an error names a raw request as `request`."""
    result = run(lambda bank: bank.request("GET", "/x"), down(404))
    assert str(result.error).startswith("toy request: 404")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_raw_request_is_not_repeated_after_a_lost_answer(method: str) -> None:
    """A raw request is not retried after a lost response, whatever its method is."""
    result = run(lambda bank: bank.request(method, "/x"), LOST)
    assert isinstance(result.error, OutcomeUnknown)


@given(st.integers(0, 12), st.floats(0, 1))
def test_backoff_has_full_jitter_within_its_bounds(retries: int, luck: float) -> None:
    """Each delay is the random number times a bound that doubles up to eight seconds."""
    result = run(read, *[down()] * 13, time=FakeTime(luck=luck), retries=retries)
    bounds = [min(8.0, 0.5 * 2**attempt) for attempt in range(retries)]
    assert result.slept == [luck * bound for bound in bounds]


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_a_call_is_repeated_as_often_as_allowed(retries: int) -> None:
    """`retries` counts the retries, not the attempts."""
    result = run(read, *[LOST] * 6, retries=retries)
    assert len(result.request_lines) == retries + 1


@BOTH
@pytest.mark.parametrize(
    ("after", "pause"),
    [("7", 7.0), ("0", 0.5), ("60", 60.0), ("Tue, 14 Nov 2023 22:13:32 GMT", 12.0)],
)
def test_retry_after_is_honoured(after: str, pause: float, *, sync: bool) -> None:
    """A Retry-After in seconds or as a date replaces the backoff, except for 0."""
    result = run(read, busy(after), ok(), sync=sync)
    assert result.error is None
    assert result.slept == [pause]


@pytest.mark.parametrize("after", ["61", "3600", "Tue, 14 Nov 2023 23:13:32 GMT"])
def test_a_long_retry_after_is_raised_not_slept(after: str) -> None:
    """A Retry-After of more than a minute is raised instead of slept."""
    result = run(read, busy(after))
    assert isinstance(result.error, RateLimited)
    assert result.error.retry_after is not None
    assert result.error.retry_after > 60
    assert result.slept == []


def test_retry_after_of_an_unavailable_vendor_is_honoured_too() -> None:
    """A Retry-After of a 503 is waited for."""
    unavailable = httpx.Response(503, headers={"retry-after": "9"})
    assert run(read, unavailable, ok()).slept == [9.0]


def test_a_repeat_after_429_holds_back_everybody() -> None:
    """After a 429 no other call of the bank starts before the pause has ended."""
    time, script = FakeTime(), Script(busy("5"), ok(), ok())
    bank = Bank(Toy, token="t", transport=script, timing=time.timing(), rate_limit=60)
    started = time.now
    bank.customers.get("c1")
    assert time.now - started >= 5
    bank.customers.get("c1")
    assert time.now - started >= 6


def test_a_rate_limit_paces_the_calls() -> None:
    """A limit of sixty calls per minute spreads the calls over the minutes."""
    time, script = FakeTime(), Script(*[ok() for _ in range(121)])
    bank = Bank(Toy, token="t", transport=script, timing=time.timing(), rate_limit=60)
    started = time.now
    for _ in range(121):
        bank.customers.get("c1")
    assert 120 <= time.now - started <= 120 / 0.97


class Archiver(Toy):
    """A vendor whose delete is a read followed by a POST."""

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        yield get("/customers/c1")
        yield post("/customers/c1/archive")


@BOTH
def test_a_404_after_a_lost_deletion_is_a_success(*, sync: bool) -> None:
    """A 404 after a lost deletion is a success, whatever HTTP method deletes."""
    result = run(remove, ok(), LOST, down(404), sync=sync, adapter=Archiver)
    assert result.error is None
    assert len(result.request_lines) == 3


def test_a_404_after_a_lost_read_is_not_found() -> None:
    """A 404 after a lost read in a deletion raises NotFound."""
    result = run(remove, LOST, down(404), adapter=Archiver)
    assert isinstance(result.error, NotFound)


class Clumsy(Toy):
    """An adapter whose flows raise KeyError."""

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        raise KeyError("333-52-7584")
        yield get("/never")

    def delete_customer(self, query: ask.DeleteCustomer) -> Flow[None]:
        response = yield get("/x")
        raise KeyError(response.text)


class WritesWrong(Toy):
    """An adapter that writes a body which is not JSON."""

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        yield Request(method="POST", path="/x", body={"secret": {"333-52-7584"}})
        raise AssertionError


class ShutOut(Toy):
    """An adapter whose `authenticate` raises."""

    def authenticate(self, request: Request, credentials: object) -> Request:
        raise RuntimeError("333-52-7584")


class Confused(Toy):
    """An adapter whose `problem` raises for an error response."""

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        if response.ok:
            return None
        raise ValueError(response.text)


class Blind(Toy):
    """An adapter whose `problem` takes every response for a success."""

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        return None


@BOTH
@pytest.mark.parametrize("adapter", [Clumsy, WritesWrong, ShutOut])
def test_a_bug_before_sending_is_an_error_without_its_text(
    adapter: type[Adapter], *, sync: bool
) -> None:
    """A bug before sending is reported by its location, without its text."""
    error = run(read, sync=sync, adapter=adapter).error
    assert type(error) is AnybankError
    assert error.outcome is Outcome.NOT_SENT
    assert not error.retryable
    assert "333" not in "".join(traceback.format_exception(error))


@BOTH
def test_a_bug_after_sending_leaves_the_outcome_unknown(*, sync: bool) -> None:
    """A bug in reading the response leaves the outcome of a write unknown."""
    result = run(remove, json_response(secret="333-52-7584"), sync=sync, adapter=Clumsy)
    assert isinstance(result.error, UnexpectedResponse)
    assert result.error.outcome is Outcome.UNKNOWN
    assert "333" not in str(result.error)
    assert "Clumsy" in str(result.error) or "delete_customer" in str(result.error)


@BOTH
@pytest.mark.parametrize(("operation", "repeatable"), [(read, True), (create, False)])
def test_a_read_with_an_unreadable_response_is_retryable(
    operation: Operation, *, repeatable: bool, sync: bool
) -> None:
    """An unreadable response makes a read retryable, and a create not."""
    error = run(operation, httpx.Response(200, text="<html>"), sync=sync).error
    assert isinstance(error, UnexpectedResponse)
    assert error.retryable is repeatable
    assert ("look before" in error.describe()) is not repeatable


@pytest.mark.parametrize("adapter", [Confused, Blind])
def test_an_error_answer_that_confuses_the_adapter_is_judged_by_its_status(
    adapter: type[Adapter],
) -> None:
    """If an adapter cannot read an error response, its status decides."""
    assert isinstance(run(read, down(404), adapter=adapter).error, NotFound)


def test_an_unencodable_credential_sends_nothing() -> None:
    """A credential that no header can carry is an error before sending."""
    result = run(create, token="täken")
    assert result.error is not None
    assert result.error.outcome is Outcome.NOT_SENT
    assert "täken" not in "".join(traceback.format_exception(result.error))


def test_an_error_has_no_cause_or_context() -> None:
    """An error of the library has no cause and no context."""
    error = play("create whose answer is lost", sync=True).error
    assert error is not None
    assert error.__cause__ is None
    assert error.__context__ is None


def test_the_frames_of_an_error_hold_nothing() -> None:
    """The frames of an error contain neither the credentials nor the customer."""
    script = Script(down(400))
    bank = Bank(Toy, token="very-secret", transport=script)
    with pytest.raises(Rejected) as caught:
        bank.customers.create(NewCustomer(first_name="Wilhelmina"))
    gc.collect()
    report = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    ours = [item for item in report.stack if "anybank" in item.filename]
    shown = "".join(
        str(frame.locals) for frame in ours if "/tests/" not in frame.filename
    )
    assert "very-secret" not in shown
    assert "Wilhelmina" not in shown


def test_sent_values_are_scrubbed_from_errors() -> None:
    """Values that the request carried are masked in the vendor's text."""
    problem = json_response(
        400, message="no Wilhelmina with very-secret and 333-52-7584"
    )
    result = run(
        lambda bank: bank.customers.create(NewCustomer(first_name="Wilhelmina")),
        problem,
        token="very-secret",
    )
    for text in ("Wilhelmina", "very-secret", "333-52-7584"):
        assert text not in str(result.error)


def test_nothing_personal_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A log line at DEBUG has the method and path, and no token or name."""
    caplog.set_level("DEBUG")
    run(create, ok(), ok(), token="very-secret")
    assert "POST /customers" in caplog.text
    assert "very-secret" not in caplog.text
    assert "Ada" not in caplog.text


@BOTH
def test_a_callable_credential_is_called_for_each_request(*, sync: bool) -> None:
    """A callable credential is called for each request."""
    tokens = iter(["one", "two"])
    script = Script(ok(), ok())
    result = run(create, sync=sync, transport=script, token=lambda: next(tokens))
    assert result.error is None
    sent = [request.headers["authorization"] for request in script.requests]
    assert sent == ["one", "two"]


def test_an_async_callable_credential_is_awaited() -> None:
    """AsyncBank awaits a callable credential that is a coroutine function."""

    async def token() -> str:
        return "awaited"

    script = Script(ok())
    run(read, sync=False, transport=script, token=token)
    assert script.requests[0].headers["authorization"] == "awaited"


@BOTH
def test_a_callable_credential_that_fails_sends_nothing(*, sync: bool) -> None:
    """If a callable credential raises, nothing is sent and its text is not shown."""

    def broken() -> str:
        raise OSError("vault at secret-host")

    result = run(read, sync=sync, token=broken, retries=0)
    assert isinstance(result.error, NotSent)
    assert "token: the callable raised OSError" in str(result.error)
    assert "secret-host" not in str(result.error)


@BOTH
def test_a_flow_that_waits_lets_the_clock_run(*, sync: bool) -> None:
    """`kyc.wait` sleeps between the reads, and ends at its timeout."""
    pending = [json_response(id="c1") for _ in range(9)]
    result = run(
        lambda bank: bank.kyc.wait("c1", timeout=10),
        *pending,
        sync=sync,
        adapter=Waiting,
    )
    assert result.slept == [1.0, 2.0, 4.0, 3.0]


class Waiting(Toy):
    """A vendor whose KYC stays undecided."""

    def get_kyc(self, query: ask.GetKycCheck) -> Flow[Any]:
        yield get("/kyc")
        return KycCheck(customer_id="c1", status=KycStatus.SUBMITTED)


def test_a_retry_that_is_refused_for_good_ends_the_call() -> None:
    """A 400 in response to a retry of a read is an ordinary refusal."""
    error = run(read, down(), down(400)).error
    assert isinstance(error, Rejected)
    assert error.outcome is Outcome.REFUSED


class ReadsAfterConflict(Toy):
    """A vendor whose KYC start reads the state after a Conflict."""

    def start_kyc(self, query: ask.StartKycCheck) -> Flow[KycCheck]:
        try:
            yield post("/kyc", {})
        except Conflict:
            yield get("/kyc", feature=Feature.KYC_GET)
        return KycCheck(customer_id=query.customer_id)


def test_a_lost_request_is_remembered_through_the_rest_of_a_flow() -> None:
    """After a lost write, a later failure of the flow leaves the outcome unknown."""
    result = run(start, LOST, down(409), down(404), adapter=ReadsAfterConflict)
    assert isinstance(result.error, NotFound)
    assert result.error.outcome is Outcome.UNKNOWN


def test_a_driver_answers_with_an_exchange() -> None:
    """The steps reject a driver that sends no Attempt."""
    engine = Engine(Toy(None), RetryPolicy(), None)
    steps = engine.steps(Calls(engine.adapter, engine.timing.today).customers.get("c1"))
    next(steps)
    with pytest.raises(AnybankError, match="TypeError"):
        next(steps)


class Crowded(Throttle):
    """A throttle that records how many threads reserve a slot at the same time."""

    inside = 0
    most = 0

    def reserve(self, now: float) -> float:
        Crowded.inside += 1
        for _ in range(200):
            Crowded.most = max(Crowded.most, Crowded.inside)
        Crowded.inside -= 1
        return super().reserve(now)


def test_threads_reserve_slots_one_after_the_other() -> None:
    """Threads that share a bank never reserve a slot at the same time."""
    throttle = Crowded(60_000_000)
    engine = Engine(Toy(ToyOptions(token="t")), RetryPolicy(), throttle)  # type: ignore[arg-type] # a text is masked
    calls = Calls(engine.adapter, engine.timing.today)

    def ask_often() -> None:
        for _ in range(50):
            next(engine.steps(calls.customers.get("c1")))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # switch threads as often as possible
    threads = [Thread(target=ask_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.setswitchinterval(before)
    assert Crowded.most == 1


class NoFlow(Toy):
    """An adapter whose method is not a generator."""

    def get_customer(self, query: ask.GetCustomer) -> Flow[Customer]:
        raise KeyError("333-52-7584")


@BOTH
def test_a_bug_in_a_plain_method_is_reported_by_location(*, sync: bool) -> None:
    """A bug in a method that is no generator is reported by its location, too."""
    error = run(read, sync=sync, adapter=NoFlow).error
    assert type(error) is AnybankError
    assert "333" not in "".join(traceback.format_exception(error))


class Asking(Toy):
    """An adapter that reports the request of each error."""

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        if response.ok or request is None:
            return None
        secrets = [*request.headers.values()]
        message = f"{request.method} {request.path} {request.feature} {secrets}"
        return Problem(kind=Rejected, message=message)


@BOTH
def test_a_problem_has_the_request_of_its_response(*, sync: bool) -> None:
    """The adapter sees the method, the path and the feature, and no credentials."""
    error = run(read, down(400), sync=sync, adapter=Asking).error
    assert isinstance(error, Rejected)
    assert error.message == "GET /customers/c1 customers.get []"
