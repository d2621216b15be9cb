"""Call the methods of a directory, which may block, from a thread or from an event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar

if TYPE_CHECKING:
    from ..aio import AsyncBank
    from ..client import Bank

P = ParamSpec("P")
T = TypeVar("T")

Operation: TypeAlias = "Callable[[Bank, str], T]"
AsyncOperation: TypeAlias = "Callable[[AsyncBank, str], Awaitable[T]]"
"""Does something with the customer who has an id at a bank."""


def directly(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function."""
    return function(*args, **kwargs)


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a method in a thread; a cancellation takes effect once it has ended.

    A method of an object that says `blocks = False` is called directly.
    """
    if not getattr(getattr(function, "__self__", None), "blocks", True):
        return function(*args, **kwargs)
    import asyncio  # noqa: PLC0415  # a synchronous router does without

    task = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # The thread cannot be stopped. If it were left behind, it might write to the
        # directory after the caller has cleaned up.
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise
