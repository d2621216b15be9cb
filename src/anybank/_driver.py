"""Running a flow: one step shared by the sync and the async driver.

`Engine.steps` is a generator that says what to do next (wait, or send a request) and is
told what came of it. All of retrying, pacing and judging is there; a driver only does what
it is told.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Generator
from threading import Lock
from typing import Any, TypeAlias, TypeVar

import attrs
from attrs import define, field, frozen

from ._httpx import AsyncWire, Wire
from .adapter import Adapter
from .calls import Call
from .capabilities import NO_IDEMPOTENCY, Feature, Idempotency
from .errors import (
    AnybankError,
    NotFound,
    NotSent,
    Outcome,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from .problems import Problem, unreadable
from .redact import personal_texts, scrub
from .retry import RetryPolicy, Throttle
from .sensitive import forget_locals
from .wire import Failure, Request, Response, Wait

T = TypeVar("T")
Answer: TypeAlias = Response | Failure

log = logging.getLogger("anybank")

_LONGEST_MESSAGE = 500


@frozen
class Timing:
    """Clocks, sleeps and chance, so that a test may bring its own.

    `monotonic` and `wall` return seconds, `chance` a number from 0 to 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@frozen
class Exchange:
    """A request as it went out, credentials and all, and what came back."""

    request: Request
    answer: Answer


Steps: TypeAlias = Generator[Request | Wait, Exchange | None, T]


@define
class _Progress:
    """How far a flow has come: whether anything was sent, took effect, or may have."""

    sent: bool = False
    done: bool = False
    lost: bool = False


@frozen
class Engine:
    """The shared step of both drivers."""

    adapter: Adapter
    policy: RetryPolicy
    throttle: Throttle | None
    timing: Timing = field(factory=Timing)
    _lock: Lock = field(factory=Lock, init=False, repr=False, eq=False)
    """Threads that share a bank take their places one after the other."""

    def steps(self, call: Call[T]) -> Steps[T]:
        """Run a flow, handing out each request and each wait on the way."""
        progress = _Progress()
        try:
            todo = next(call.flow)
            while True:
                if isinstance(todo, Wait):
                    yield todo
                    todo = next(call.flow)
                    continue
                outcome = yield from self._exchange(call, todo, progress)
                if isinstance(outcome, Response):
                    todo = call.flow.send(outcome)
                else:
                    todo = call.flow.throw(outcome)
        except StopIteration as finished:
            value: T = finished.value
            return value
        except AnybankError as error:
            raise self._told(error, call, progress) from None
        except Exception as error:  # noqa: BLE001  # its text may hold what was sent
            fault = _fault(error, progress)
        raise self._told(fault, call, progress)

    def _exchange(
        self, call: Call[Any], request: Request, progress: _Progress
    ) -> Steps[Response | AnybankError]:
        """Send one request until it is answered or there is no point in repeating it."""
        repeats = self._idempotency(call, request)
        lost = False
        for attempt in itertools.count():
            yield from self._pace()
            started = self.timing.monotonic()
            exchange = _exchanged((yield request))
            judged = self._judge(call, exchange, repeats)
            self._log(call, exchange, started)
            progress.sent = progress.sent or not isinstance(judged, NotSent)
            if isinstance(judged, Response):
                progress.done = progress.done or repeats.kind != "safe"
                return judged
            error = _in_hindsight(judged, request, repeats) if lost else judged
            lost = lost or _was_lost(error, repeats)
            delay = self.policy.delay(error, attempt, self.timing.chance())
            if delay is None:
                progress.lost = progress.lost or lost
                return error
            self._hold(error, delay)
            yield Wait(delay)
        raise AssertionError("unreachable: the policy gives up")

    def _idempotency(self, call: Call[Any], request: Request) -> Idempotency:
        """Return what repeating the request does: its own feature's, or the call's."""
        return self._feature_idempotency(request.feature or call.feature)

    def _feature_idempotency(self, feature: Feature | None) -> Idempotency:
        if feature is None:
            return NO_IDEMPOTENCY
        return self.adapter.capabilities.feature(feature).idempotency

    def _pace(self) -> Steps[None]:
        if self.throttle is None:
            return
        with self._lock:
            wait = self.throttle.reserve(self.timing.monotonic())
        if wait:
            yield Wait(wait)

    def _hold(self, error: AnybankError, delay: float) -> None:
        if self.throttle is not None and isinstance(error, RateLimited):
            with self._lock:
                self.throttle.hold(self.timing.monotonic() + delay)

    def _judge(
        self, call: Call[Any], exchange: Exchange, repeats: Idempotency
    ) -> Response | AnybankError:
        """Return the answer where it is a success, else the error that it means."""
        if isinstance(exchange.answer, Failure):
            return _transport_error(exchange.answer, repeats)
        response = exchange.answer
        problem = self._problem(response)
        if problem is None:
            return response
        sent = list(exchange.request.sensitive())
        texts = personal_texts(call.about) | personal_texts(sent)
        error = _error(problem, response.status, texts, repeats)
        error.retry_after = problem.pause(response, self.timing.wall())
        return error

    def _problem(self, response: Response) -> Problem | None:
        try:
            problem = self.adapter.problem(response)
        except Exception:  # noqa: BLE001  # an error answer of a shape nobody foresaw
            return unreadable(response)
        return unreadable(response) if problem is None and not response.ok else problem

    def _told(
        self, error: AnybankError, call: Call[Any], progress: _Progress
    ) -> AnybankError:
        """Say whose and which operation it was, and what had already happened."""
        error.provider = error.provider or self.adapter.capabilities.provider
        error.operation = error.operation or call.name
        self._weigh(error, call, progress)
        error.__cause__ = error.__context__ = None
        return error

    def _weigh(self, error: AnybankError, call: Call[Any], progress: _Progress) -> None:
        """Let an error speak for the whole flow: for what happened before it, too."""
        unread = isinstance(error, UnexpectedResponse) and (error.status or 200) < 300
        if unread or (progress.lost and error.outcome is not Outcome.DONE):
            error.outcome = Outcome.UNKNOWN
        elif progress.done:
            error.outcome = Outcome.DONE
        if progress.done or progress.lost:
            repeats = self._feature_idempotency(call.feature)
            error.retryable = error.retryable and repeats.repeatable

    def _log(self, call: Call[Any], exchange: Exchange, started: float) -> None:
        took = self.timing.monotonic() - started
        request, answer = exchange.request, exchange.answer
        came = answer.status if isinstance(answer, Response) else answer
        provider = self.adapter.capabilities.provider
        log.debug("%s %s %r: %s in %.3f s", provider, call.name, request, came, took)


def _exchanged(told: Exchange | None) -> Exchange:
    if told is None:
        raise TypeError("a driver answers a request with an Exchange")
    return told


def _transport_error(failed: Failure, repeats: Idempotency) -> AnybankError:
    if not failed.sent:
        said = f"nothing was sent ({failed.reason})"
        return NotSent(said, outcome=Outcome.NOT_SENT, retryable=True)
    said = f"sent, but no answer came ({failed.reason})"
    return OutcomeUnknown(said, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable)


def _error(
    problem: Problem, status: int, texts: frozenset[str], repeats: Idempotency
) -> ProviderError:
    """Make the error that a problem stands for, scrubbed of what the call carried."""
    unknown = _may_have_happened(problem.kind, status)
    passing = issubclass(problem.kind, ProviderUnavailable) and repeats.repeatable
    # A message is cut after scrubbing: half a number would not be known for one.
    return problem.kind(
        scrub(problem.message, texts)[:_LONGEST_MESSAGE],
        status=status,
        code=problem.code and scrub(problem.code, texts),
        type=problem.type and scrub(problem.type, texts),
        request_id=problem.request_id and scrub(problem.request_id, texts),
        log_reference=problem.log_reference and scrub(problem.log_reference, texts),
        field_errors={
            scrub(name, texts): tuple(scrub(text, texts) for text in said)
            for name, said in problem.field_errors.items()
        },
        outcome=Outcome.UNKNOWN if unknown else Outcome.REFUSED,
        retryable=passing or issubclass(problem.kind, RateLimited),
    )


def _may_have_happened(kind: type[ProviderError], status: int) -> bool:
    if status >= 500 or issubclass(kind, ProviderUnavailable):
        return True
    return issubclass(kind, UnexpectedResponse) and not 400 <= status < 500


def _was_lost(error: AnybankError, repeats: Idempotency) -> bool:
    """Tell whether a request may have taken effect without our hearing of it."""
    return error.outcome is Outcome.UNKNOWN and repeats.kind != "safe"


def _in_hindsight(
    error: AnybankError, request: Request, repeats: Idempotency
) -> AnybankError:
    """Remember that an earlier attempt's answer was lost: it may have happened then."""
    if isinstance(error, NotSent):
        said = f"an earlier attempt was sent and not answered; {error.args[0]}"
        return OutcomeUnknown(
            said, outcome=Outcome.UNKNOWN, retryable=repeats.repeatable
        )
    gone = isinstance(error, NotFound) and request.method == "DELETE"
    error.outcome = Outcome.DONE if gone else Outcome.UNKNOWN
    return error


def _fault(error: Exception, progress: _Progress) -> AnybankError:
    """Return an adapter's slip as an error that has its place and none of its text."""
    *_, last = _frames(error)
    place = f"{type(error).__name__} in {last}"
    if not progress.sent:
        return AnybankError(f"the adapter could not write the request: {place}")
    return UnexpectedResponse(f"the adapter could not read the answer: {place}")


def _frames(error: Exception) -> list[str]:
    places = ["?"]
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        module = frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{frame.f_code.co_name}:{step.tb_lineno}")
        step = step.tb_next
    return places


def run(engine: Engine, wire: Wire, call: Call[T]) -> T:
    """Run a call to its end, in this thread."""
    steps = engine.steps(call)
    told: Exchange | Exception | None = None
    try:
        while True:
            todo = _next(steps, told)
            if isinstance(todo, Wait):
                engine.timing.sleep(todo.seconds)
                told = None
            else:
                told = _send(engine, wire, todo)
    except StopIteration as finished:
        value: T = finished.value
        return value
    except BaseException as error:
        told = None  # an adapter's own error: its text may hold anything
        forget_locals(error)
        raise


async def run_async(engine: Engine, wire: AsyncWire, call: Call[T]) -> T:
    """Run a call to its end, in this task."""
    steps = engine.steps(call)
    told: Exchange | Exception | None = None
    try:
        while True:
            todo = _next(steps, told)
            if isinstance(todo, Wait):
                await engine.timing.async_sleep(todo.seconds)
                told = None
            else:
                told = await _send_async(engine, wire, todo)
    except StopIteration as finished:
        value: T = finished.value
        return value
    except BaseException as error:
        told = None  # an adapter's own error: its text may hold anything
        forget_locals(error)
        raise


def _next(steps: Steps[Any], told: Exchange | Exception | None) -> Request | Wait:
    """Tell the steps what came; what an adapter did wrong while writing is thrown in."""
    if isinstance(told, Exception):
        return steps.throw(told)
    return steps.send(told)


def _send(engine: Engine, wire: Wire, request: Request) -> Exchange | Exception:
    credentials = engine.adapter.options
    for name, source in _callables(credentials):
        try:
            given = source()
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Exchange(request, _no_credential(name, error))
        if inspect.iscoroutine(given):
            given.close()
            reason = f"the callable for {name} is async: use AsyncBank"
            return Exchange(request, Failure(sent=False, reason=reason))
        credentials = attrs.evolve(credentials, **{name: given})
    try:
        request = engine.adapter.authenticate(request, credentials)
        return Exchange(request, wire.send(request))
    except Exception as error:  # noqa: BLE001  # an adapter's slip, told as one
        return error


async def _send_async(
    engine: Engine, wire: AsyncWire, request: Request
) -> Exchange | Exception:
    credentials = engine.adapter.options
    for name, source in _callables(credentials):
        try:
            given = source()
            given = await given if inspect.isawaitable(given) else given
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Exchange(request, _no_credential(name, error))
        credentials = attrs.evolve(credentials, **{name: given})
    try:
        request = engine.adapter.authenticate(request, credentials)
        return Exchange(request, await wire.send(request))
    except Exception as error:  # noqa: BLE001  # an adapter's slip, told as one
        return error


def _callables(options: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Find the options that were given as callables: they are called for each request."""
    values = [
        (each.name, getattr(options, each.name)) for each in attrs.fields(type(options))
    ]
    return [(name, value) for name, value in values if callable(value)]


def _no_credential(name: str, error: Exception) -> Failure:
    reason = f"the callable for {name} raised {type(error).__name__}"
    return Failure(sent=False, reason=reason)
