"""Keep one value per process, such as a connection pool, across forks.

A child process opens its own connections. It abandons the inherited ones without closing
them: the parent still uses the sockets, and closing an asyncio transport removes the
socket from the parent's epoll set. An abandoned object stays referenced forever, so that
no destructor closes it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
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
class WrongProcessOrLoop(Exception):
    """A connection belongs to another process or event loop; nothing was sent."""

    reason: str


def abandon(value: object) -> None:
    """Keep a reference to a value until the process ends, even after module teardown."""
    _ABANDONED.append(value)
    # At exit Python clears the list, which would run the destructors after all. A
    # reference that nobody owns is never released.
    with suppress(ImportError, AttributeError):  # other interpreters than CPython
        import ctypes  # noqa: PLC0415  # needed in forked children only

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))


def watch(scope: _Scope) -> None:
    """Call `abandon_inherited` of a scope as soon as a child process starts."""
    _SCOPES.add(scope)


def _abandon_inherited() -> None:
    for scope in list(_SCOPES):  # a copy, because garbage collection changes the set
        scope.abandon_inherited()


def import_early(*names: str) -> None:
    """Import modules that another library would import during a request.

    If a process forks while one of its threads imports a module, the lock of that import
    stays locked in the child, whose first request would then never end.
    """
    for name in names:
        with suppress(ImportError):  # another version of the library has other modules
            import_module(name)


def fork_safe_lock() -> Lock:
    """Return a lock that is always free in a forked child; it is never deleted."""
    lock = Lock()
    if hasattr(os, "register_at_fork"):
        # The forking thread holds the lock during the fork, so no other thread can: a
        # lock that another thread held would stay locked in the child forever.
        os.register_at_fork(
            before=lock.acquire,
            after_in_parent=lock.release,
            after_in_child=lock.release,
        )
    return lock


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_inherited)


class PerProcess(Generic[T]):
    """One value for each process.

    The process id is also compared at each use, because uWSGI forks without Python's
    fork hooks.
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
            # Two threads may get here at the same time: the first value stays.
            self._values.setdefault(pid, self._create())
        return self._values[pid]

    def existing(self) -> T | None:
        """Return this process's value, or None if it was never used here."""
        return self._values.get(os.getpid())

    def abandon_inherited(self) -> None:
        """Keep the values of other processes, without touching them again."""
        for pid in [pid for pid in list(self._values) if pid != os.getpid()]:
            abandon(self._values.pop(pid, None))
