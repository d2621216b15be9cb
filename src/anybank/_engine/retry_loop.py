"""Run one call: send its requests, retry them, and raise the error of the last attempt.

`Engine.steps` is a generator without I/O. It yields the next step, a `Wait` or a
`Request`, and receives the `Attempt` that the driver returns. `drivers` runs these
steps in a thread or in a task, so that both kinds of bank share every decision.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar, cast

from attrs import define, evolve, field, frozen

from ..adapter.base import Adapter, takes_request
from ..adapter.problems import Problem
from ..adapter.wire import Failure, Json, Request, Response, Wait
from ..declaration.idempotency import NO_IDEMPOTENCY, Idempotency
from ..declaration.vocabulary import NOT_DECLARED
from ..errors import AnybankError, Outcome, RateLimited, UnexpectedResponse
from ..model.features import Feature
from ..sensitive import Sensitive
from .access_tokens import TokenStore
from .calls.call import Call
from .error_mapping import (
    account_for_lost_attempt,
    adapter_fault,
    as_response_error,
    error_of,
    interruption_note,
    may_have_happened,
    transport_error,
    unreadable_problem,
)
from .extra_content import ExtraContent, checked_body, checked_headers
from .observation import CallRecord, Observer
from .retry import RetryPolicy
from .throttle import Blocking, Throttle
from .timing import Timing

T = TypeVar("T")

log = logging.getLogger("anybank")

_UNAUTHORIZED = 401


@frozen
class Attempt:
    """A request as it was sent, with credentials, and its response or failure.

    `reused_token` is the access token of an earlier request that was sent again.
    """

    request: Request
    result: Response | Failure
    reused_token: Sensitive | None = field(default=None, repr=False)

    @property
    def token_refused(self) -> bool:
        """True where the vendor may have refused an access token that it once issued."""
        return self.reused_token is not None and (
            isinstance(self.result, Response) and self.result.status == _UNAUTHORIZED
        )


Steps: TypeAlias = Generator[Request | Wait | Blocking, Attempt | None, T]


@define
class _Progress:
    """The state of the requests that one call has sent so far.

    `sent`: bytes may have left. The transport reports it, and it is set before our code
    looks at the response. `pending`: a write was sent and its response is not yet judged.
    `done`: a write succeeded. `lost`: a write has an unknown outcome.
    """

    sent: bool = False
    pending: bool = False
    done: bool = False
    lost: bool = False

    def mark_sent(self, idempotency: Idempotency) -> None:
        """Record that bytes may leave from now on."""
        self.sent = True
        self.pending = idempotency.kind != "safe"

    def mark_unsent(self, *, sent: bool) -> None:
        """Record that this request did not leave; `sent` says if an earlier one did."""
        self.sent, self.pending = sent, False

    def succeed(self, idempotency: Idempotency, *, lost: bool) -> None:
        """Record a successful response."""
        self.pending, self.lost = False, lost
        self.done = self.done or idempotency.kind != "safe"

    def fail(self, *, lost: bool) -> None:
        """Record a failure; `lost` says if a write may have taken effect anyway."""
        self.pending, self.lost = False, lost


@frozen
class Engine:
    """The logic of a call that the synchronous and the asynchronous driver share."""

    adapter: Adapter
    policy: RetryPolicy
    throttle: Throttle | None
    timing: Timing = field(factory=Timing)
    host: str = ""
    observers: tuple[Observer, ...] = ()
    timeout: float | None = None
    """Seconds for each request, or None for the timeout of the connection."""
    extra_headers: Mapping[str, str | Sensitive] = field(factory=dict, repr=False)
    extra_body: Mapping[str, Json] = field(factory=dict, repr=False)
    tokens: TokenStore | None = field(default=None, repr=False)
    """The access token of the credentials, for an adapter that requests one."""
    log_fields: frozenset[str] = frozenset()
    """The JSON fields that the log may show, by the vendor's names."""

    def begin(
        self, call: Call[T], extra: ExtraContent
    ) -> tuple[Engine, CallRecord, Steps[T]]:
        """Return the engine with the extra content of a call, its record and its steps.

        Raises ConfigurationError for a header that anybank sets itself.
        """
        engine = self._with(**extra) if extra else self
        record = engine.record(call)
        return engine, record, engine.steps(call, record)

    def _with(
        self,
        *,
        extra_headers: Mapping[str, str | Sensitive] | None = None,
        extra_body: Mapping[str, Json] | None = None,
    ) -> Engine:
        headers = checked_headers(extra_headers or {})
        body = checked_body(extra_body or {})
        return evolve(
            self,
            extra_headers={**self.extra_headers, **headers},
            extra_body={**self.extra_body, **body},
        )

    def with_own_token(self) -> Engine:
        """Return the engine of a bank with a transport of its own, which shares no token."""
        return evolve(self, tokens=TokenStore()) if self.tokens else self

    def record(self, call: Call[Any]) -> CallRecord:
        """Return the record of a call that starts now."""
        return CallRecord(
            self.adapter,
            call.name,
            self.host,
            self.observers,
            self.timing.monotonic,
            (call.about, self.extra_body),
            self.log_fields,
        )

    def steps(self, call: Call[T], record: CallRecord | None = None) -> Steps[T]:
        """Run a call, yielding each request to send and each wait."""
        progress = _Progress()
        record = record or self.record(call)
        try:
            return (yield from self._run_flow(call, progress, record))
        except AnybankError as error:
            raised = as_response_error(error) if progress.sent else error
        except Exception as error:  # noqa: BLE001  # its text may hold personal data
            raised = adapter_fault(error, sent=progress.sent)
        # An exception that is raised inside an `except` block gets the original one as
        # its context, whose frames hold the request and the response.
        raise self._with_context(raised, call, progress)

    def _run_flow(
        self, call: Call[T], progress: _Progress, record: CallRecord
    ) -> Steps[T]:
        try:
            step = next(call.flow)
            while True:
                if isinstance(step, Wait):
                    record.wait(step.seconds, "wait")
                    yield step
                    step = next(call.flow)
                    continue
                outcome = yield from self._send_with_retries(
                    call, step, progress, record
                )
                if isinstance(outcome, Response):
                    step = call.flow.send(outcome)
                else:  # an adapter catches NotFound, for example, at its `yield`
                    step = call.flow.throw(outcome)
        except StopIteration as finished:
            value: T = finished.value
        return call.finish(value) if call.finish else value

    def _send_with_retries(
        self,
        call: Call[Any],
        request: Request,
        progress: _Progress,
        record: CallRecord,
    ) -> Steps[Response | AnybankError]:
        """Send one request until it succeeds or the policy gives up."""
        feature = request.feature or call.feature
        idempotency = self._idempotency(feature)
        # `lost` covers the attempts of this request, `before` the earlier requests of
        # the flow. A success settles the lost attempts of its own request, because a
        # request is retried after one only if a repetition has the same effect. It says
        # nothing about an earlier request.
        before, lost, renewed = progress.lost, False, False
        for number in itertools.count():
            # A retry takes a slot as well: the vendor counts every request.
            yield from self._wait_for_slot(record)
            started = self.timing.monotonic()
            if self.observers:
                record.send(request, number + 1)
            attempt = yield from _send_once(request, progress, idempotency)
            result = self._interpret(call, request, attempt, idempotency)
            failure = None if isinstance(result, Response) else result
            record.request, record.result = attempt.request, attempt.result
            if self.observers or log.isEnabledFor(logging.DEBUG):
                record.receive(failure, number + 1, started)
            if isinstance(result, Response):
                progress.succeed(idempotency, lost=before)
                return result
            error = result
            # Only a refusal of the vendor shows that nothing has happened. A gateway may
            # replace the response to a write that took effect with a 401 of its own.
            is_harmless = error.outcome is Outcome.REFUSED or error.retryable
            may_renew = attempt.token_refused and is_harmless and not renewed
            if may_renew and self.tokens is not None:
                # The token was revoked or expired early: one more attempt with another
                # token is not a retry of the policy.
                renewed = True
                self.tokens.discard(cast("Sensitive", attempt.reused_token))
                progress.fail(lost=before or lost)
                record.retry(error, number + 1, 0)
                continue
            if lost:
                error = account_for_lost_attempt(
                    result, request, idempotency, feature=feature
                )
            lost = lost or may_have_happened(error, idempotency)
            progress.fail(lost=before or lost)
            delay = self.policy.delay(error, number, self.timing.jitter())
            if delay is None:
                return error
            record.retry(error, number + 1, delay)
            yield from self._pause_throttle(error, delay)
            yield Wait(delay)
        raise AssertionError("unreachable: the policy gives up")

    def _idempotency(self, feature: Feature | None) -> Idempotency:
        """Return the operation's idempotency; raw requests have none."""
        if feature is None:
            return NO_IDEMPOTENCY
        rule = self.adapter.capabilities.features.get(feature, NOT_DECLARED)
        return rule.idempotency

    def _wait_for_slot(self, record: CallRecord) -> Steps[None]:
        if self.throttle is None:
            return
        if not log.isEnabledFor(logging.INFO):  # only the log needs the duration
            yield from self.throttle.acquire(self.timing.monotonic)
            return
        started = self.timing.monotonic()
        yield from self.throttle.acquire(self.timing.monotonic)
        record.wait(self.timing.monotonic() - started, "waited for the rate limit")

    def _pause_throttle(self, error: AnybankError, delay: float) -> Steps[None]:
        # A 429 concerns the whole account, so all calls pause. After any other error
        # only this call waits.
        if self.throttle is not None and isinstance(error, RateLimited):
            yield from self.throttle.hold_all(self.timing.monotonic, delay)

    def _interpret(
        self,
        call: Call[Any],
        request: Request,
        attempt: Attempt,
        idempotency: Idempotency,
    ) -> Response | AnybankError:
        """Return a successful response as it is, else the error that it stands for."""
        if isinstance(attempt.result, Failure):
            return transport_error(attempt.result, idempotency)
        response = attempt.result
        problem = self.problem_of(response, request, call.feature)
        if problem is None:
            return response
        sent_values = (call.about, attempt.request, self.extra_body)
        return error_of(problem, response, sent_values, idempotency, self.timing.wall())

    def problem_of(
        self, response: Response, request: Request, feature: Feature | None
    ) -> Problem | None:
        """Return the problem that a response reports, or None for a success."""
        with suppress(Exception):  # an error response of an unknown shape
            # The feature is added where there is an error, also one under status 2xx:
            # copying every request costs more than reading its response.
            if response.ok and self._read_problem(response, request) is None:
                return None
            problem = self._read_problem(response, request.serving(feature))
            if problem is not None:
                return problem
        return unreadable_problem(response)

    def _read_problem(self, response: Response, request: Request) -> Problem | None:
        if takes_request(type(self.adapter).problem):
            return self.adapter.problem(response, request)
        return self.adapter.problem(response)

    def _with_context(
        self, error: AnybankError, call: Call[Any], progress: _Progress
    ) -> AnybankError:
        """Add the provider, the operation and the call's outcome to an error."""
        error.provider = error.provider or self.adapter.capabilities.provider
        error.operation = error.operation or call.name
        self._set_outcome(error, call, progress)
        if call.once and error.outcome is Outcome.UNKNOWN:
            error.retryable = False
        error.idempotency_key = call.key or error.idempotency_key
        error.__cause__ = error.__context__ = None
        return error

    def _set_outcome(
        self, error: AnybankError, call: Call[Any], progress: _Progress
    ) -> None:
        """Let the error's outcome cover the whole call, not only its last request."""
        # A success that cannot be read: the vendor has probably done the write, but its
        # result (the id of a new customer, for example) is lost.
        unread = isinstance(error, UnexpectedResponse) and (error.status or 200) < 300
        doubtful = progress.pending or progress.lost
        if unread or (doubtful and error.outcome is not Outcome.DONE):
            error.outcome = Outcome.UNKNOWN
        elif progress.done:
            error.outcome = Outcome.DONE
        idempotency = self._idempotency(call.feature)
        if unread and idempotency.kind == "safe":
            error.retryable = True  # a read changes nothing
        elif progress.done or doubtful:
            # `retryable` is about the whole call: a read that failed after a write may
            # be repeated alone, but the caller can only repeat both.
            error.retryable = error.retryable and idempotency.repeatable

    def convert_exception(
        self, error: BaseException, call: Call[Any], *, sent: bool
    ) -> AnybankError | None:
        """Return the AnybankError to raise for a foreign exception, else None.

        A cancellation or KeyboardInterrupt is raised unchanged: it gets a note that the
        outcome of the interrupted call is unknown.
        """
        provider = self.adapter.capabilities.provider
        if not isinstance(error, Exception):
            if sent and self._idempotency(call.feature).kind != "safe":
                error.add_note(interruption_note(provider, call.name))
            return None
        raised = adapter_fault(error, sent=sent)
        raised.provider, raised.operation = provider, call.name
        raised.outcome = Outcome.UNKNOWN if sent else Outcome.NOT_SENT
        return raised


def _send_once(
    request: Request, progress: _Progress, idempotency: Idempotency
) -> Steps[Attempt]:
    """Yield a request; it counts as sent unless the transport reports that it was not."""
    before = progress.sent
    # Marked before the driver gets the request: an interruption while it is being sent
    # must not look as if nothing had left.
    progress.mark_sent(idempotency)
    try:
        attempt = yield request
    except Exception:  # the request could not be encoded
        progress.mark_unsent(sent=before)
        raise
    if attempt is None:
        raise TypeError("the driver must send an Attempt for each request")
    if isinstance(attempt.result, Failure) and not attempt.result.sent:
        progress.mark_unsent(sent=before)
    return attempt
