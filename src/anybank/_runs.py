"""A call run to its end, in a thread or in a task: each driver does what it is told."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from ._driver import Engine, Exchange, Steps
from ._httpx import Wire
from ._wires import AsyncConnection
from .calls import Call
from .options import secret_problem
from .sensitive import Sensitive, forget_locals
from .wire import Failure, Request, Wait

T = TypeVar("T")


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


async def run_async(engine: Engine, wire: AsyncConnection, call: Call[T]) -> T:
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
        if inspect.isawaitable(given):
            if inspect.iscoroutine(given):
                given.close()
            return _refused(request, f"the callable for {name} is async: use AsyncBank")
        if problem := _credential_problem(given):
            return _refused(request, f"{name}: the callable {problem}")
        credentials = attrs.evolve(credentials, **{name: given})
    try:
        request = engine.adapter.authenticate(request, credentials)
        return Exchange(request, wire.send(request))
    except Exception as error:  # noqa: BLE001  # an adapter's slip, told as one
        return error


async def _send_async(
    engine: Engine, wire: AsyncConnection, request: Request
) -> Exchange | Exception:
    credentials = engine.adapter.options
    for name, source in _callables(credentials):
        try:
            given = source()
            given = await given if inspect.isawaitable(given) else given
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            return Exchange(request, _no_credential(name, error))
        if problem := _credential_problem(given):
            return _refused(request, f"{name}: the callable {problem}")
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


def _credential_problem(given: object) -> str | None:
    """Return why what a callable returned is no credential, without any of it."""
    text = given.reveal() if isinstance(given, Sensitive) else given
    if not isinstance(text, str):
        return f"returned {type(text).__name__}, not text"
    problem = secret_problem(text)
    return problem and f"returned text that {problem}"


def _refused(request: Request, reason: str) -> Exchange:
    return Exchange(request, Failure(sent=False, reason=reason, misconfigured=True))


def _no_credential(name: str, error: Exception) -> Failure:
    reason = f"the callable for {name} raised {type(error).__name__}"
    return Failure(sent=False, reason=reason)
