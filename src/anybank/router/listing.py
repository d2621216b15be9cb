# Generated from aio_listing.py by `make sync`: edit that file instead.

"""Listings of a router: the bank is located when the listing is iterated."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..sensitive import forget_locals

T = TypeVar("T")


class RoutedListing(Generic[T]):
    """The items of a listing, by iteration; every iteration starts again."""

    def __init__(self, items: Callable[[], Iterator[T]]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[T]:
        outer = sys.exception()
        try:
            for item in self._items():
                yield item
        except BaseException as error:
            forget_locals(error, outer)  # the frames hold the key and the records
            raise

    def first(self) -> T | None:
        """Return the first item, or None for an empty listing; reads no further page."""
        for item in self:
            return item
        return None

    def take(self, count: int) -> list[T]:
        """Return the first items, at most *count*; reads only the pages that it needs."""
        from .._engine.paging import require_count  # noqa: PLC0415  # loaded already

        require_count(count)
        items: list[T] = []
        if count:  # the loop would read a page before it could compare
            for item in self:
                items.append(item)
                if len(items) == count:
                    break
        return items

    def to_list(self) -> list[T]:
        """Return all items in memory."""
        return [item for item in self]
