"""The worker that a line of the log belongs to: many workers may write to one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_WORKER: ContextVar[str | None] = ContextVar("anybank_worker", default=None)


@contextmanager
def logged_as(worker: str) -> Iterator[None]:
    """Let all lines of the log in this context, and in tasks that it starts, name a worker."""
    token = _WORKER.set(worker)
    try:
        yield
    finally:
        _WORKER.reset(token)


def current_worker() -> str | None:
    """Return the name of the worker whose work this is, or None."""
    return _WORKER.get()
