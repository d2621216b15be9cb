"""Running a flow: the step that the drivers for threads and for tasks share.

`Engine.steps` is a generator that says what to do next (wait, or send a request) and is
told what came of it. Retrying, pacing and judging are here; what is done with a step is in
`_runs`.
"""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable, Generator
from datetime import date
from threading import Lock
from typing import Any, TypeAlias, TypeVar

from attrs import define, field, frozen

from ._outcomes import fault, in_hindsight, provider_error, transport_error, was_lost
from .adapter import Adapter
from .births import today_at
from .calls import Call
from .capabilities import NO_IDEMPOTENCY, Feature, Idempotency
from .errors import (
    AnybankError,
    ConfigurationError,
    NotSent,
    Outcome,
    RateLimited,
    UnexpectedResponse,
)
from .problems import Problem, unreadable
from .redact import personal_texts
from .retry import RetryPolicy, Throttle
from .wire import Failure, Request, Response, Wait

T = TypeVar("T")
Answer: TypeAlias = Response | Failure

log = logging.getLogger("anybank")


async def _sleep(seconds: float) -> None:
    import asyncio  # noqa: PLC0415  # a synchronous bank does without

    await asyncio.sleep(seconds)


@frozen
class Timing:
    """Clocks, sleeps and chance, so that a test may bring its own.

    `monotonic` and `wall` return seconds, `chance` a number from 0 to 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _sleep
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

    def today(self) -> date:
        """Return the latest date that it is anywhere."""
        return today_at(self.timing.wall())

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
            slip = fault(error, sent=progress.sent)
        raise self._told(slip, call, progress)

    def _exchange(
        self, call: Call[Any], request: Request, progress: _Progress
    ) -> Steps[Response | AnybankError]:
        """Send one request until it is answered or there is no point in repeating it."""
        does = request.feature or call.feature
        repeats = self._idempotency(does)
        lost = False
        for attempt in itertools.count():
            yield from self._pace()
            started = self.timing.monotonic()
            exchange = _exchanged((yield request))
            judged = self._judge(call, exchange, repeats)
            self._log(call, exchange, started)
            progress.sent = progress.sent or not _is_unsent(judged)
            if isinstance(judged, Response):
                progress.done = progress.done or repeats.kind != "safe"
                return judged
            error = judged
            if lost:
                error = in_hindsight(judged, request, repeats, does=does)
            lost = lost or was_lost(error, repeats)
            delay = self.policy.delay(error, attempt, self.timing.chance())
            if delay is None:
                progress.lost = progress.lost or lost
                return error
            self._hold(error, delay)
            yield Wait(delay)
        raise AssertionError("unreachable: the policy gives up")

    def _idempotency(self, feature: Feature | None) -> Idempotency:
        """Return what repeating does; of a raw request nobody declared it."""
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
            return transport_error(exchange.answer, repeats)
        response = exchange.answer
        problem = self._problem(response)
        if problem is None:
            return response
        sent = list(exchange.request.sensitive())
        texts = personal_texts(call.about) | personal_texts(sent)
        error = provider_error(problem, response.status, texts, repeats)
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
        repeats = self._idempotency(call.feature)
        if unread and repeats.kind == "safe":
            error.retryable = True  # nothing was to happen
        elif progress.done or progress.lost:
            error.retryable = error.retryable and repeats.repeatable

    def _log(self, call: Call[Any], exchange: Exchange, started: float) -> None:
        took = self.timing.monotonic() - started
        request, answer = exchange.request, exchange.answer
        came = answer.status if isinstance(answer, Response) else answer
        provider = self.adapter.capabilities.provider
        log.debug("%s %s %r: %s in %.3f s", provider, call.name, request, came, took)


def _is_unsent(judged: Response | AnybankError) -> bool:
    """Tell whether nothing of a request left."""
    return isinstance(judged, (NotSent, ConfigurationError))


def _exchanged(told: Exchange | None) -> Exchange:
    if told is None:
        raise TypeError("a driver answers a request with an Exchange")
    return told
