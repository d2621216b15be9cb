"""A call run to its end, in a thread or in a task: each driver does what it is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from ..adapter.options import secret_problem
from ..adapter.wire import Failure, Request, Wait
from ..errors import AnybankError
from ..sensitive import Sensitive, forget_locals
from .calls import Call
from .retry_loop import Engine, Exchange, Steps
from .transports.httpx_sync import Wire
from .transports.selection import AsyncConnection

T = TypeVar("T")


def run(engine: Engine, wire: Wire, call: Call[T]) -> T:
    """Run a call to its end, in this thread."""
    steps = engine.steps(call)
    answer: Exchange | Exception | None = None
    sent = False
    try:
        while True:
            todo = _next(steps, answer)
            if isinstance(todo, Wait):
                engine.timing.sleep(todo.seconds)
                answer = None
            else:
                sent = True
                answer = _send(engine, wire, todo)
    except StopIteration as finished:
        value: T = finished.value
        return value
    except BaseException as error:
        answer = None  # an adapter's own error: its text may hold anything
        raised = _raised(engine, call, error, sent=sent)
        if raised is None:
            raise
    raise raised


async def run_async(engine: Engine, wire: AsyncConnection, call: Call[T]) -> T:
    """Run a call to its end, in this task."""
    steps = engine.steps(call)
    answer: Exchange | Exception | None = None
    sent = False
    try:
        while True:
            todo = _next(steps, answer)
            if isinstance(todo, Wait):
                await engine.timing.async_sleep(todo.seconds)
                answer = None
            else:
                sent = True
                answer = await _send_async(engine, wire, todo)
    except StopIteration as finished:
        value: T = finished.value
        return value
    except BaseException as error:
        answer = None  # an adapter's own error: its text may hold anything
        raised = _raised(engine, call, error, sent=sent)
        if raised is None:
            raise
    raise raised


def _raised(
    engine: Engine, call: Call[Any], error: BaseException, *, sent: bool
) -> AnybankError | None:
    """Return what to raise instead of an exception, None where the engine weighed it."""
    forget_locals(error)
    if isinstance(error, AnybankError) and error.provider is not None:
        return None
    return engine.escaped(error, call, sent=sent)


def _next(steps: Steps[Any], answer: Exchange | Exception | None) -> Request | Wait:
    """Pass on what came; what an adapter did wrong while writing is thrown in."""
    if isinstance(answer, Exception):
        return steps.throw(answer)
    return steps.send(answer)


def _send(engine: Engine, wire: Wire, request: Request) -> Exchange | Exception:
    credentials = engine.adapter.options
    for name, source in _callables(credentials):
        try:
            value = source()
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Exchange(request, _no_credential(name, error))
        if inspect.isawaitable(value):
            if inspect.iscoroutine(value):
                value.close()
            return _refused(request, f"the callable for {name} is async: use AsyncBank")
        if problem := _credential_problem(value):
            return _refused(request, f"{name}: the callable {problem}")
        credentials = attrs.evolve(credentials, **{name: value})
    try:
        request = engine.adapter.authenticate(request, credentials)
        prepared = request.prepared()
    except Exception as error:  # noqa: BLE001  # an adapter's slip, told as one
        return error
    try:
        return Exchange(request, wire.send(prepared))
    except Exception as error:  # noqa: BLE001  # bytes may have left
        return _after_sending(request, error)


async def _send_async(
    engine: Engine, wire: AsyncConnection, request: Request
) -> Exchange | Exception:
    credentials = engine.adapter.options
    for name, source in _callables(credentials):
        try:
            value = source()
            value = await value if inspect.isawaitable(value) else value
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Exchange(request, _no_credential(name, error))
        if problem := _credential_problem(value):
            return _refused(request, f"{name}: the callable {problem}")
        credentials = attrs.evolve(credentials, **{name: value})
    try:
        request = engine.adapter.authenticate(request, credentials)
        prepared = request.prepared()
    except Exception as error:  # noqa: BLE001  # an adapter's slip, told as one
        return error
    try:
        return Exchange(request, await wire.send(prepared))
    except Exception as error:  # noqa: BLE001  # bytes may have left
        return _after_sending(request, error)


def _after_sending(request: Request, error: Exception) -> Exchange | Exception:
    """Return what a transport's exception means: of one that is not ours, sent."""
    if isinstance(error, AnybankError):
        return error
    return Exchange(request, Failure(sent=True, reason=type(error).__name__))


def _callables(options: Any) -> list[tuple[str, Callable[[], Any]]]:
    """Find the options that are callables: they are called for each request."""
    values = [
        (each.name, getattr(options, each.name)) for each in attrs.fields(type(options))
    ]
    return [(name, value) for name, value in values if callable(value)]


def _credential_problem(value: object) -> str | None:
    """Return why what a callable returned is no credential, without any of it."""
    text = value.reveal() if isinstance(value, Sensitive) else value
    if not isinstance(text, str):
        return f"returned {type(text).__name__}, not text"
    problem = secret_problem(text)
    return problem and f"returned text that {problem}"


def _refused(request: Request, reason: str) -> Exchange:
    return Exchange(request, Failure(sent=False, reason=reason, misconfigured=True))


def _no_credential(name: str, error: Exception) -> Failure:
    reason = f"the callable for {name} raised {type(error).__name__}"
    return Failure(sent=False, reason=reason)
