"""Listings of a router: the bank is located when the listing is iterated."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from ..sensitive import forget_locals

T = TypeVar("T")


class AsyncRoutedListing(Generic[T]):
    """The items of a listing, by iteration; every iteration starts again."""

    def __init__(self, items: Callable[[], AsyncIterator[T]]) -> None:
        self._items = items

    async def __aiter__(self) -> AsyncIterator[T]:
        outer = sys.exception()
        try:
            async for item in self._items():
                yield item
        except BaseException as error:
            forget_locals(error, outer)  # the frames hold the key and the records
            raise

    async def first(self) -> T | None:
        """Return the first item, or None for an empty listing; reads no further page."""
        async for item in self:
            return item
        return None

    async def take(self, count: int) -> list[T]:
        """Return the first items, at most *count*; reads only the pages that it needs."""
        from .._engine.paging import require_count  # noqa: PLC0415  # loaded already

        require_count(count)
        items: list[T] = []
        if count:  # the loop would read a page before it could compare
            async for item in self:
                items.append(item)
                if len(items) == count:
                    break
        return items

    async def to_list(self) -> list[T]:
        """Return all items in memory."""
        return [item async for item in self]
