"""Remove personal data from exceptions that leave the library's public functions.

An error tracker records the local variables of every frame, the exception chain, and what
other libraries put into their messages (SQL parameters, undecodable text). At this
boundary frames are cleared, chains are cut, and the exception of another library becomes
an AnybankError with its location and without its message.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import ParamSpec, TypeVar

from ..errors import AnybankError, Outcome
from ..sensitive import cut_chain, forget_locals

P = ParamSpec("P")
T = TypeVar("T")

_OURS = "anybank"
_LIBRARIES = frozenset(
    {
        *("_csv", "csv", "json", "sqlite3", "sqlalchemy", "psycopg", "psycopg_pool"),
        *("attr", "attrs", "cattrs", "jinja2", "cryptography", "httpx", "httpcore"),
        *("aiohttp", "procrastinate"),
    }
)
"""Libraries whose exceptions contain the data that they processed."""


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a public function so that its exceptions carry no personal data."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # raised again, or converted
            del args, kwargs
            failure = _exception_to_raise(error, outer, function.__name__)
        raise failure

    return wrapper


def guarded_async(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Wrap a coroutine function as `guarded` wraps a function."""

    @functools.wraps(function)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = sys.exception()
        try:
            return await function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # raised again, or converted
            del args, kwargs
            failure = _exception_to_raise(error, outer, function.__name__)
        raise failure

    return wrapper


def _exception_to_raise(
    error: BaseException, outer: BaseException | None, name: str
) -> BaseException:
    """Return the exception to raise: the same one cleared, or an AnybankError."""
    locations = _locations(error)
    forget_locals(error, outer)
    if not _is_foreign(error, locations):
        cut_chain(error, outer)
        return error
    module, function, line = locations[-1]
    return AnybankError(
        f"{name} failed: {type(error).__name__} in {module}:{function}:{line}. Its "
        "message is not shown, because it may contain personal data",
        outcome=Outcome.UNKNOWN,
    )


def _is_foreign(error: BaseException, locations: list[tuple[str, str, int]]) -> bool:
    """Return whether an error's message may contain the data that was processed.

    Exceptions of the caller's own functions, and those about a wrong argument, may not.
    """
    # The messages of OSError and ImportError name a file or a module, which users need.
    if isinstance(error, (AnybankError, OSError, ImportError)):
        return False
    if not isinstance(error, Exception):
        return False
    if _root(type(error).__module__) in _LIBRARIES or isinstance(error, UnicodeError):
        return True
    # A builtin exception of our own code may hold a value, as `KeyError('James')` does.
    # With a single frame Python itself rejected the call: the text names parameters
    # only.
    inside = len(locations) > 1 and _root(locations[-1][0]).startswith(_OURS)
    return type(error).__module__ == "builtins" and inside


def _root(module: str) -> str:
    return module.partition(".")[0]


def _locations(error: BaseException) -> list[tuple[str, str, int]]:
    """Return the module, function and line of each frame, the innermost last."""
    locations = []
    step = error.__traceback__
    while step is not None:
        locations.append((*_module_and_function(step.tb_frame), step.tb_lineno))
        step = step.tb_next
    return locations or [("?", "?", 0)]


def _module_and_function(frame: FrameType) -> tuple[str, str]:
    return str(frame.f_globals.get("__name__", "?")), frame.f_code.co_name
