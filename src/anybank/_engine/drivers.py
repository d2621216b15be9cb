"""Run the steps of a call: send its requests and wait, in a thread or in a task.

The synchronous and the asynchronous loop are written twice, because they differ in every
`await`. They decide nothing: every decision is in `retry_loop`, which both of them run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, Unpack

import attrs
from attrs import frozen

from ..adapter.options import secret_problem
from ..adapter.wire import Failure, Request, Response, Wait
from ..errors import AnybankError
from ..sensitive import Sensitive, forget_locals
from .access_tokens import TokenGrant, TokenUnavailable, obtain, obtain_async
from .calls.call import Call
from .extra_content import ExtraContent, add_extras
from .observation import CallRecord, RawResponse
from .retry_loop import Attempt, Engine, Steps
from .throttle import Blocking
from .throttle_steps import attempt, attempt_in_thread
from .transports.httpx_connections import HttpxConnection
from .transports.selection import AsyncConnection

T = TypeVar("T")


def run(
    engine: Engine,
    wire: HttpxConnection,
    call: Call[T],
    **extra: Unpack[ExtraContent],
) -> T:
    """Run a call in this thread and return its value."""
    value: T = _run(engine, wire, call, extra, raw=False)
    return value


def run_raw(
    engine: Engine,
    wire: HttpxConnection,
    call: Call[T],
    **extra: Unpack[ExtraContent],
) -> RawResponse[T]:
    """Run a call in this thread and return its value with the last response."""
    response: RawResponse[T] = _run(engine, wire, call, extra, raw=True)
    return response


def _run(
    engine: Engine,
    wire: HttpxConnection,
    call: Call[T],
    extra: ExtraContent,
    *,
    raw: bool,
) -> Any:
    engine, record, steps = engine.begin(call, extra)
    response: Attempt | Exception | None = None
    sent = False
    try:
        while True:
            step = _advance(steps, response)
            if isinstance(step, Wait):
                engine.timing.sleep(step.seconds)
                response = None
            elif isinstance(step, Blocking):
                response = attempt(step)
            else:
                sent = True
                response = _send(engine, wire, step)
    except StopIteration as finished:
        value: T = finished.value
        _finish(record, None)
        return record.raw(value) if raw else value
    except BaseException as error:
        response = None  # an adapter's error may hold personal data
        raised = _error_to_raise(engine, call, error, sent=sent)
        _finish(record, raised or error)
        if raised is None:
            raise
    # Raised outside the `except` block, so that the foreign exception is not its
    # context.
    raise raised


async def run_async(
    engine: Engine,
    wire: AsyncConnection,
    call: Call[T],
    **extra: Unpack[ExtraContent],
) -> T:
    """Run a call in this task and return its value."""
    value: T = await _run_async(engine, wire, call, extra, raw=False)
    return value


async def run_raw_async(
    engine: Engine,
    wire: AsyncConnection,
    call: Call[T],
    **extra: Unpack[ExtraContent],
) -> RawResponse[T]:
    """Run a call in this task and return its value with the last response."""
    response: RawResponse[T] = await _run_async(engine, wire, call, extra, raw=True)
    return response


async def _run_async(
    engine: Engine,
    wire: AsyncConnection,
    call: Call[T],
    extra: ExtraContent,
    *,
    raw: bool,
) -> Any:
    engine, record, steps = engine.begin(call, extra)
    response: Attempt | Exception | None = None
    sent = False
    try:
        while True:
            step = _advance(steps, response)
            if isinstance(step, Wait):
                await engine.timing.async_sleep(step.seconds)
                response = None
            elif isinstance(step, Blocking):
                response = await attempt_in_thread(step)
            else:
                sent = True
                response = await _send_async(engine, wire, step)
    except StopIteration as finished:
        value: T = finished.value
        _finish(record, None)
        return record.raw(value) if raw else value
    except BaseException as error:
        response = None  # an adapter's error may hold personal data
        raised = _error_to_raise(engine, call, error, sent=sent)
        _finish(record, raised or error)
        if raised is None:
            raise
    raise raised


def _error_to_raise(
    engine: Engine, call: Call[Any], error: BaseException, *, sent: bool
) -> AnybankError | None:
    """Return the error to raise instead, or None if the engine created this one."""
    forget_locals(error)
    if isinstance(error, AnybankError) and error.provider is not None:
        return None
    return engine.convert_exception(error, call, sent=sent)


def _finish(record: CallRecord, error: BaseException | None) -> None:
    """Report the end of a call; an error in the report does not change the call."""
    if record.observers:
        with suppress(Exception):
            record.finish(error)


def _advance(
    steps: Steps[Any], response: Attempt | Exception | None
) -> Request | Wait | Blocking:
    """Advance to the next step; an error while building a request is thrown into it."""
    if isinstance(response, Exception):
        return steps.throw(response)
    return steps.send(response)


def _send(
    engine: Engine, wire: HttpxConnection, request: Request
) -> Attempt | Exception:
    # The flow never sees credentials: they are added here, for each attempt anew, so
    # that a retry uses a token that was renewed in the meantime.
    credentials = engine.adapter.options
    for name, source in _credential_callables(credentials):
        try:
            value = source()
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Attempt(request, _credential_failure(name, error))
        if inspect.isawaitable(value):
            if inspect.iscoroutine(value):
                value.close()  # else Python warns that it was never awaited
            return _misconfigured(
                request, f"{name}: the callable is async. Use AsyncBank"
            )
        if problem := _credential_problem(value):
            return _misconfigured(request, f"{name}: the callable {problem}")
        credentials = attrs.evolve(credentials, **{name: value})
    prepared = _prepare(engine, wire, request, credentials)
    if not isinstance(prepared, _PreparedRequest):
        return prepared
    # Apart from what is above, where nothing was sent: from here on bytes may have left
    # whatever the exception is.
    try:
        return prepared.attempt(wire.send(prepared.for_transport, engine.timeout))
    except Exception as error:  # noqa: BLE001  # bytes may have left
        return _failed_attempt(prepared.request, error)


async def _send_async(
    engine: Engine, wire: AsyncConnection, request: Request
) -> Attempt | Exception:
    credentials = engine.adapter.options
    for name, source in _credential_callables(credentials):
        try:
            value = source()
            value = await value if inspect.isawaitable(value) else value
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Attempt(request, _credential_failure(name, error))
        if problem := _credential_problem(value):
            return _misconfigured(request, f"{name}: the callable {problem}")
        credentials = attrs.evolve(credentials, **{name: value})
    prepared = await _prepare_async(engine, wire, request, credentials)
    if not isinstance(prepared, _PreparedRequest):
        return prepared
    try:
        return prepared.attempt(await wire.send(prepared.for_transport, engine.timeout))
    except Exception as error:  # noqa: BLE001  # bytes may have left
        return _failed_attempt(prepared.request, error)


@frozen
class _PreparedRequest:
    """A request with credentials, the same for a transport, and its access token."""

    request: Request
    for_transport: Request
    grant: TokenGrant | None

    def attempt(self, result: Response | Failure) -> Attempt:
        """Return the attempt with the token that an earlier request may have sent."""
        reused = self.grant is not None and self.grant.reused
        token = self.grant.token if self.grant is not None and reused else None
        return Attempt(self.request, result, token)


def _prepare(
    engine: Engine, wire: HttpxConnection, request: Request, credentials: Any
) -> _PreparedRequest | Attempt | Exception:
    grant: TokenGrant | None = None
    try:
        if engine.tokens is not None:
            grant = obtain(engine, engine.tokens, wire, credentials)
        return _signed(engine, request, credentials, grant)
    except TokenUnavailable as unavailable:
        return Attempt(request, unavailable.failure)
    except Exception as error:  # noqa: BLE001  # a bug in the adapter
        return error


async def _prepare_async(
    engine: Engine, wire: AsyncConnection, request: Request, credentials: Any
) -> _PreparedRequest | Attempt | Exception:
    grant: TokenGrant | None = None
    try:
        if engine.tokens is not None:
            grant = await obtain_async(engine, engine.tokens, wire, credentials)
        return _signed(engine, request, credentials, grant)
    except TokenUnavailable as unavailable:
        return Attempt(request, unavailable.failure)
    except Exception as error:  # noqa: BLE001  # a bug in the adapter
        return error


def _signed(
    engine: Engine, request: Request, credentials: Any, grant: TokenGrant | None
) -> _PreparedRequest:
    """Return a request with credentials and extras, ready to be sent."""
    request = engine.adapter.authenticate(request, credentials)
    if grant is not None:
        request = engine.adapter.authorize(request, grant.token)
    if engine.extra_headers or engine.extra_body:
        request = add_extras(request, engine.extra_headers, engine.extra_body)
    return _PreparedRequest(request, request.prepared(), grant)


def _failed_attempt(request: Request, error: Exception) -> Attempt | Exception:
    """Convert an exception of a transport; assume that the request was sent."""
    if isinstance(error, AnybankError):
        return error
    return Attempt(request, Failure(sent=True, reason=type(error).__name__))


def _credential_callables(options: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Return the credentials that are callables, which are called for each request."""
    values = [
        (field.name, getattr(options, field.name))
        for field in attrs.fields(type(options))
    ]
    return [(name, value) for name, value in values if callable(value)]


def _credential_problem(value: object) -> str | None:
    """Return why a callable's result is not a valid credential, without its text."""
    text = value.reveal() if isinstance(value, Sensitive) else value
    if not isinstance(text, str):
        return f"returned {type(text).__name__}, not text"
    problem = secret_problem(text)
    return problem and f"returned text that {problem}"


def _misconfigured(request: Request, reason: str) -> Attempt:
    return Attempt(request, Failure(sent=False, reason=reason, misconfigured=True))


def _credential_failure(name: str, error: Exception) -> Failure:
    reason = f"{name}: the callable raised {type(error).__name__}"
    return Failure(sent=False, reason=reason)
