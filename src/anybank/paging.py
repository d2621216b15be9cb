"""Listings that page by themselves and end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from .calls import Call
from .model.pages import LoopGuard, Page

T = TypeVar("T")


class Listing(Generic[T]):
    """A listing: iterate it for the items of all pages, or `pages()` for the pages.

    A record with fields that cannot be read is yielded with `unreadable` naming them;
    `without_id` counts those of the pages read so far that have no usable id. A listing
    that does not end raises UnexpectedResponse.
    """

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Page[T]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        self.without_id = 0
        ask(token).flow.close()

    def pages(self) -> Iterator[Page[T]]:
        """Yield page after page; `next_token` of one takes the listing up later."""
        guard: LoopGuard[T] = LoopGuard()
        token = self._token
        while True:
            page = self._run(self._ask(token))
            token = guard.follow(page)
            self.without_id += page.without_id
            yield page
            if token is None:
                return

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items


class AsyncListing(Generic[T]):
    """A listing: `async for` gives the items of all pages, `pages()` the pages.

    A record with fields that cannot be read is yielded with `unreadable` naming them;
    `without_id` counts those of the pages read so far that have no usable id. A listing
    that does not end raises UnexpectedResponse.
    """

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Awaitable[Page[T]]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        self.without_id = 0
        ask(token).flow.close()

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield page after page; `next_token` of one takes the listing up later."""
        guard: LoopGuard[T] = LoopGuard()
        token = self._token
        while True:
            page = await self._run(self._ask(token))
            token = guard.follow(page)
            self.without_id += page.without_id
            yield page
            if token is None:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
