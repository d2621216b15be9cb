"""Listings that request further pages as they are iterated."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from attrs import evolve

from ..model.pages import LoopGuard, Page
from .calls.call import Call, argument_error

T = TypeVar("T")


def _guarded(call: Call[Page[T]], guard: LoopGuard[T]) -> Call[Page[T]]:
    """Return the call of a page that raises UnexpectedResponse for a repeated page.

    The check is part of the call, so that its error names the provider.
    """

    def finish(page: Page[T]) -> Page[T]:
        checked = call.finish(page) if call.finish else page
        guard.follow(checked)
        return checked

    return evolve(call, finish=finish)


def require_count(count: object) -> None:
    """Raise InvalidInput for a count that is not a whole number from 0."""
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        rule = "a whole number, at least 0"
        raise argument_error("count", rule, f"must be {rule}")


class Listing(Generic[T]):
    """The items of all pages, by iteration; `pages()` yields the pages themselves.

    A record with unreadable fields is yielded with `unreadable` naming them. `without_id`
    counts the records without a usable id in the pages that the last iteration read.
    Raises UnexpectedResponse for a listing that does not end.
    """

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Page[T]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        self.without_id: int = 0
        # Building the first call checks the arguments: a wrong one raises here, where
        # it was passed, and not when the listing is iterated.
        ask(token).flow.close()

    def pages(self) -> Iterator[Page[T]]:
        """Yield the pages; pass the `next_token` of one to continue from there later."""
        guard: LoopGuard[T] = LoopGuard()
        token, self.without_id = self._token, 0
        while True:
            page = self._run(_guarded(self._ask(token), guard))
            token = page.next_token
            self.without_id += page.without_id
            yield page
            if token is None:
                return

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> T | None:
        """Return the first item, or None for an empty listing; reads no further page."""
        return next(iter(self), None)

    def take(self, count: int) -> list[T]:
        """Return the first items, at most *count*; reads only the pages that it needs."""
        require_count(count)
        return list(itertools.islice(self, count))

    def to_list(self) -> list[T]:
        """Return all items in memory."""
        return list(self)


class AsyncListing(Generic[T]):
    """The items of all pages, by `async for`; `pages()` yields the pages themselves.

    A record with unreadable fields is yielded with `unreadable` naming them. `without_id`
    counts the records without a usable id in the pages that the last iteration read.
    Raises UnexpectedResponse for a listing that does not end.
    """

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Awaitable[Page[T]]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        self.without_id: int = 0
        ask(token).flow.close()

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield the pages; pass the `next_token` of one to continue from there later."""
        guard: LoopGuard[T] = LoopGuard()
        token, self.without_id = self._token, 0
        while True:
            page = await self._run(_guarded(self._ask(token), guard))
            token = page.next_token
            self.without_id += page.without_id
            yield page
            if token is None:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def first(self) -> T | None:
        """Return the first item, or None for an empty listing; reads no further page."""
        async for item in self:
            return item
        return None

    async def take(self, count: int) -> list[T]:
        """Return the first items, at most *count*; reads only the pages that it needs."""
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
