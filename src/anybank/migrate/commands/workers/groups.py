"""Groups of items, for work on several items at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def groups_of(size: int, items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the items in lists of *size*, the last of them shorter."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
