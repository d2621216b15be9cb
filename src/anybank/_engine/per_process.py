"""What belongs to one process: connections above all.

A child process gets connections of its own. It abandons what it inherited and closes none
of it: the sockets are its parent's too, and closing an asyncio transport takes the socket
out of the parent's epoll set. An abandoned object stays referenced for ever, so that no
destructor closes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Generic, Protocol, TypeVar
from weakref import WeakSet

from attrs import define

T = TypeVar("T")


class _Scope(Protocol):
    def abandon_inherited(self) -> None: ...


_SCOPES: WeakSet[_Scope] = WeakSet()
_ABANDONED: list[object] = []


@define
class WrongPlace(Exception):
    """There is no connection for this process or event loop; nothing was sent."""

    reason: str


def abandon(value: object) -> None:
    """Reference a value for ever; the list alone is emptied when the process ends."""
    _ABANDONED.append(value)
    with suppress(ImportError, AttributeError):  # other interpreters than CPython
        import ctypes  # noqa: PLC0415  # for the child of a fork only

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def watch(scope: _Scope) -> None:
    """Let a scope abandon what it inherited, as soon as a child process starts."""
    _SCOPES.add(scope)


def _abandon_inherited() -> None:
    for scope in list(_SCOPES):
        scope.abandon_inherited()


def fork_safe_lock() -> Lock:
    """Return a lock that nobody holds in the child of a fork; it is never freed."""
    lock = Lock()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire,
            after_in_parent=lock.release,
            after_in_child=lock.release,
        )
    return lock


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_inherited)


class PerProcess(Generic[T]):
    """A value of which each process has its own.

    The process id is compared at each use too: uWSGI forks without Python's hooks.
    """

    def __init__(self, create: Callable[[], T]) -> None:
        self._create = create
        self._values: dict[int, T] = {}
        watch(self)

    def value(self) -> T:
        """Return this process's value."""
        pid = os.getpid()
        if pid not in self._values:
            self.abandon_inherited()
            self._values.setdefault(pid, self._create())  # of two threads, one wins
        return self._values[pid]

    def existing(self) -> T | None:
        """Return this process's value, None where it was never used here."""
        return self._values.get(os.getpid())

    def abandon_inherited(self) -> None:
        """Keep what other processes created, and never touch it again."""
        for pid in [pid for pid in list(self._values) if pid != os.getpid()]:
            abandon(self._values.pop(pid, None))
