"""Isolates a flow: raises when it does I/O, reads a clock or uses randomness.

Replacing the functions is not enough: `datetime.now` belongs to an immutable type, and
`from time import time` keeps a reference to the original. A profile function therefore
inspects every call before it happens.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_MODULES = frozenset(
    (
        *("time", "_socket", "socket", "_ssl", "ssl", "select", "selectors", "_uuid"),
        *("random", "_random", "secrets", "_posixsubprocess", "subprocess", "asyncio"),
        *("http.client", "urllib.request", "httpx", "requests", "threading"),
    )
)
_FUNCTIONS = frozenset(
    (
        *("datetime.now", "datetime.utcnow", "date.today", "datetime.today"),
        *("Random.random", "Random.getrandbits", "Random.seed", "urandom", "getrandom"),
        *("open", "open_code", "print", "input", "system", "getenv", "sleep"),
    )
)


class ForbiddenCall(BaseException):
    """A flow made a call that it must not make.

    Not an Exception, so that a flow with `except Exception` does not catch it.
    """


@contextmanager
def forbid_side_effects() -> Iterator[set[str]]:
    """Raise ForbiddenCall when a forbidden function is called.

    Yields the set of their names, which grows as they are called.
    """
    forbidden: set[str] = set()

    def watch(frame: FrameType, event: str, called: Any) -> None:
        name = _forbidden_name(frame, event, called)
        if name:
            forbidden.add(name)
            raise ForbiddenCall(name)

    # A debugger or a coverage tool may have its own profile function, which returns
    # afterwards.
    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # a finalizer may run at any call and is not part of the flow
    sys.setprofile(watch)
    try:
        yield forbidden
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()


def _forbidden_name(frame: FrameType, event: str, called: Any) -> str | None:
    """Return the name of the called function if a flow must not call it."""
    if event == "call":
        module = str(frame.f_globals.get("__name__"))
        return f"{module}.{frame.f_code.co_name}" if module in _MODULES else None
    if event != "c_call":
        return None
    # Functions written in C, such as `time.time`, have no frame: the profiler passes
    # the function itself.
    name = str(getattr(called, "__qualname__", ""))
    module = str(getattr(called, "__module__", None) or "")
    is_forbidden = name in _FUNCTIONS or module in _MODULES
    return f"{module}.{name}".strip(".") if is_forbidden else None
