"""Listings that page by themselves and end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from .calls import Call
from .model.pages import Ends, Page

T = TypeVar("T")


class Listing(Generic[T]):
    """A listing: iterate it for the items of all pages, or `pages()` for the pages."""

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Page[T]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        ask(token).flow.close()

    def pages(self) -> Iterator[Page[T]]:
        """Yield page after page; `next_token` of one takes the listing up later."""
        ends: Ends[T] = Ends()
        token = self._token
        while True:
            page = self._run(self._ask(token))
            token = ends.follow(page)
            yield page
            if token is None:
                return

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items


class AsyncListing(Generic[T]):
    """A listing: `async for` gives the items of all pages, `pages()` the pages."""

    def __init__(
        self,
        run: Callable[[Call[Page[T]]], Awaitable[Page[T]]],
        ask: Callable[[str | None], Call[Page[T]]],
        token: str | None,
    ) -> None:
        self._run, self._ask, self._token = run, ask, token
        ask(token).flow.close()

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield page after page; `next_token` of one takes the listing up later."""
        ends: Ends[T] = Ends()
        token = self._token
        while True:
            page = await self._run(self._ask(token))
            token = ends.follow(page)
            yield page
            if token is None:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
