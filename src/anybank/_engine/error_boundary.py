"""The boundary of the public functions: what an exception may carry across it.

A tracker of errors shows the locals of every frame, the whole chain, and what libraries
put into their errors (the parameters of a statement, the text that did not decode). None
of it crosses: frames are emptied, chains are cut, and another library's error becomes
ours, with its place and without its words.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
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
"""Whose errors hold what they worked on."""


def guarded(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap a public function: its failure leaves no locals, chain or foreign text."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = sys.exception()
        try:
            return function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # raised again, or as ours
            del args, kwargs
            failure = _crossing(error, outer, function.__name__)
        raise failure

    return wrapper


def _crossing(
    error: BaseException, outer: BaseException | None, name: str
) -> BaseException:
    """Return what leaves in place of an error, emptied of what it may not carry."""
    place = _places(error)
    forget_locals(error, outer)
    if not _is_foreign(error, place):
        cut_chain(error, outer)
        return error
    module, function, line = place[-1]
    return AnybankError(
        f"{name} failed: {type(error).__name__} in {module}:{function}:{line}. Its own "
        "words are not shown, they may hold personal data",
        outcome=Outcome.UNKNOWN,
    )


def _is_foreign(error: BaseException, place: list[tuple[str, str, int]]) -> bool:
    """Tell whether an error's own text may hold what it was about.

    What a function of the caller's raises is the caller's, and so is a wrong argument.
    """
    if isinstance(error, (AnybankError, OSError, ImportError)):
        return False
    if not isinstance(error, Exception):
        return False
    if _root(type(error).__module__) in _LIBRARIES or isinstance(error, UnicodeError):
        return True
    inside = len(place) > 1 and _root(place[-1][0]).startswith(_OURS)
    return type(error).__module__ == "builtins" and inside


def _root(module: str) -> str:
    return module.partition(".")[0]


def _places(error: BaseException) -> list[tuple[str, str, int]]:
    """Return module, function and line of each frame, those of the library's tools last."""
    found = []
    step = error.__traceback__
    while step is not None:
        found.append((*_named(step.tb_frame), step.tb_lineno))
        step = step.tb_next
    return found or [("?", "?", 0)]


def _named(frame: FrameType) -> tuple[str, str]:
    return str(frame.f_globals.get("__name__", "?")), frame.f_code.co_name
