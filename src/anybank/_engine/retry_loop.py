"""Running a flow: the step that the drivers for threads and for tasks share.

`Engine.steps` is a generator that says what to do next (wait, or send a request) and is
told what came of it. Retrying, pacing and judging are here; what is done with a step is in
`_runs`.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator
from contextlib import suppress
from datetime import date
from typing import Any, TypeAlias, TypeVar

from attrs import define, field, frozen

from ..adapter.base import Adapter
from ..adapter.wire import Failure, Request, Response, Wait
from ..declaration.birth_dates import today_at
from ..declaration.vocabulary import NO_IDEMPOTENCY, Feature, Idempotency
from ..errors import AnybankError, Outcome, RateLimited, UnexpectedResponse
from .calls import Call
from .error_mapping import (
    as_answer,
    error_of,
    fault,
    in_hindsight,
    interruption,
    problem_of,
    transport_error,
    was_lost,
)
from .per_process import fork_safe_lock
from .retry import RetryPolicy
from .throttle import Throttle
from .timing import Timing

T = TypeVar("T")
Answer: TypeAlias = Response | Failure

log = logging.getLogger("anybank")

_pacing = fork_safe_lock()
"""Threads that share a throttle take their places one after the other."""


@frozen
class Exchange:
    """A request as it went out, credentials and all, and what came back."""

    request: Request
    answer: Answer


Steps: TypeAlias = Generator[Request | Wait, Exchange | None, T]


@define
class _Progress:
    """How far a flow has come.

    `sent` is a fact of the transport: it is set before anything of ours judges an answer.
    `pending` is a request that may have changed something, from its answer until that
    has been judged; `done` one that took effect, `lost` one that may have.
    """

    sent: bool = False
    pending: bool = False
    done: bool = False
    lost: bool = False

    def send(self, repeats: Idempotency) -> None:
        """Note that bytes may leave from here on."""
        self.sent = True
        self.pending = repeats.kind != "safe"

    def take_back(self, *, sent: bool) -> None:
        """Note that nothing left; `sent` is whether something had before."""
        self.sent, self.pending = sent, False

    def succeed(self, repeats: Idempotency, *, lost: bool) -> None:
        """Note that a request was answered with a success."""
        self.pending, self.lost = False, lost
        self.done = self.done or repeats.kind != "safe"

    def fail(self, *, lost: bool) -> None:
        """Note that a request failed, and whether one may have taken effect unseen."""
        self.pending, self.lost = False, lost


@frozen
class Engine:
    """The shared step of both drivers."""

    adapter: Adapter
    policy: RetryPolicy
    throttle: Throttle | None
    timing: Timing = field(factory=Timing)

    def today(self) -> date:
        """Return the latest date that it is anywhere."""
        return today_at(self.timing.wall())

    def steps(self, call: Call[T]) -> Steps[T]:
        """Run a flow, handing out each request and each wait on the way."""
        progress = _Progress()
        try:
            return (yield from self._walk(call, progress))
        except AnybankError as error:
            raised = as_answer(error) if progress.sent else error
        except Exception as error:  # noqa: BLE001  # its text may hold what was sent
            raised = fault(error, sent=progress.sent)
        raise self._attributed(raised, call, progress)

    def _walk(self, call: Call[T], progress: _Progress) -> Steps[T]:
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

    def _exchange(
        self, call: Call[Any], request: Request, progress: _Progress
    ) -> Steps[Response | AnybankError]:
        """Send one request until it is answered or there is no point in repeating it."""
        does = request.feature or call.feature
        repeats = self._idempotency(does)
        before, lost = progress.lost, False
        for attempt in itertools.count():
            yield from self._pace()
            started = self.timing.monotonic()
            exchange = yield from _exchanged(request, progress, repeats)
            judged = self._judge(call, exchange, repeats)
            self._log(call, exchange, started)
            if isinstance(judged, Response):
                progress.succeed(repeats, lost=before)
                return judged
            error = judged
            if lost:
                error = in_hindsight(judged, request, repeats, does=does)
            lost = lost or was_lost(error, repeats)
            progress.fail(lost=before or lost)
            delay = self.policy.delay(error, attempt, self.timing.chance())
            if delay is None:
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
        with _pacing:
            wait = self.throttle.reserve(self.timing.monotonic())
        if wait:
            yield Wait(wait)

    def _hold(self, error: AnybankError, delay: float) -> None:
        if self.throttle is not None and isinstance(error, RateLimited):
            with _pacing:
                self.throttle.hold(self.timing.monotonic() + delay)

    def _judge(
        self, call: Call[Any], exchange: Exchange, repeats: Idempotency
    ) -> Response | AnybankError:
        """Return the answer where it is a success, else the error that it means."""
        if isinstance(exchange.answer, Failure):
            return transport_error(exchange.answer, repeats)
        response = exchange.answer
        problem = problem_of(self.adapter, response)
        if problem is None:
            return response
        carried = (call.about, exchange.request)
        return error_of(problem, response, carried, repeats, self.timing.wall())

    def _attributed(
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
        doubtful = progress.pending or progress.lost
        if unread or (doubtful and error.outcome is not Outcome.DONE):
            error.outcome = Outcome.UNKNOWN
        elif progress.done:
            error.outcome = Outcome.DONE
        repeats = self._idempotency(call.feature)
        if unread and repeats.kind == "safe":
            error.retryable = True  # nothing was to happen
        elif progress.done or doubtful:
            error.retryable = error.retryable and repeats.repeatable

    def escaped(
        self, error: BaseException, call: Call[Any], *, sent: bool
    ) -> AnybankError | None:
        """Return what to raise for an exception that is not ours, None for itself.

        A cancellation or Ctrl-C stays what it is: a note on it says that the outcome of
        what it cut off is unknown.
        """
        provider = self.adapter.capabilities.provider
        if not isinstance(error, Exception):
            if sent and self._idempotency(call.feature).kind != "safe":
                error.add_note(interruption(provider, call.name))
            return None
        raised = fault(error, sent=sent)
        raised.provider, raised.operation = provider, call.name
        raised.outcome = Outcome.UNKNOWN if sent else Outcome.NOT_SENT
        return raised

    def _log(self, call: Call[Any], exchange: Exchange, started: float) -> None:
        """Log an exchange; a filter or handler that fails has no say in the outcome."""
        with suppress(Exception):
            took = self.timing.monotonic() - started
            request, answer = exchange.request, exchange.answer
            came = answer.status if isinstance(answer, Response) else answer
            where = (self.adapter.capabilities.provider, call.name)
            log.debug("%s %s %r: %s in %.3f s", *where, request, came, took)


def _exchanged(
    request: Request, progress: _Progress, repeats: Idempotency
) -> Steps[Exchange]:
    """Hand out a request; it counts as sent unless the transport says that it was not."""
    before = progress.sent
    progress.send(repeats)
    try:
        exchange = yield request
    except Exception:  # it could not be written
        progress.take_back(sent=before)
        raise
    if exchange is None:
        raise TypeError("a driver answers a request with an Exchange")
    if isinstance(exchange.answer, Failure) and not exchange.answer.sent:
        progress.take_back(sent=before)
    return exchange
