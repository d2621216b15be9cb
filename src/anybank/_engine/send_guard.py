"""A last check, right before the first byte of a request leaves.

Between a decision to send and the first byte a process may be stopped for minutes, and
whatever allowed the request may have ended meanwhile. The transports ask here at the last
moment at which a request still counts as not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_allowed: ContextVar[Callable[[], bool] | None] = ContextVar(
    "is_allowed", default=None
)


@contextmanager
def sent_only_if(is_allowed: Callable[[], bool]) -> Iterator[None]:
    """Let the requests of this context leave only while a function returns True.

    A request that may not leave raises NotSent. A transport of the caller does not ask.
    """
    token = _is_allowed.set(is_allowed)
    try:
        yield
    finally:
        _is_allowed.reset(token)


def may_leave() -> bool:
    """Return whether a request of this context may leave now."""
    is_allowed = _is_allowed.get()
    return is_allowed is None or is_allowed()
