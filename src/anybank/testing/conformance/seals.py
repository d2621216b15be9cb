"""A seal around a flow: the world outside raises instead of answering.

Functions of the interpreter cannot all be replaced (`datetime.now` belongs to a type that
does not change, and `from time import time` keeps the old one), so every call is watched
by Python's own profiler: it is raised at before it is made, by whatever name it goes.
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


class Reached(BaseException):
    """A flow reached the world outside.

    It is no Exception: a flow that catches everything does not catch it.
    """


@contextmanager
def sealed() -> Iterator[set[str]]:
    """Raise Reached at whatever is neither the question nor its answer.

    Yields the names of what was reached.
    """
    reached: set[str] = set()

    def watch(frame: FrameType, event: str, called: Any) -> None:
        name = _outside(frame, event, called)
        if name:
            reached.add(name)
            raise Reached(name)

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # what is run when it collects is not the flow's
    sys.setprofile(watch)
    try:
        yield reached
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()


def _outside(frame: FrameType, event: str, called: Any) -> str | None:
    """Name what is called, if it is of the world outside."""
    if event == "call":
        module = str(frame.f_globals.get("__name__"))
        return f"{module}.{frame.f_code.co_name}" if module in _MODULES else None
    if event != "c_call":
        return None
    name = str(getattr(called, "__qualname__", ""))
    module = str(getattr(called, "__module__", None) or "")
    outside = name in _FUNCTIONS or module in _MODULES
    return f"{module}.{name}".strip(".") if outside else None
