"""Listings that page by themselves and end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from attrs import define, field

from .calls import Call
from .errors import UnexpectedResponse
from .model.pages import Page

T = TypeVar("T")


@define
class _Ends(Generic[T]):
    """Sees to it that paging ends: a token or a page that comes twice is refused."""

    tokens: set[str] = field(factory=set)
    last: Page[T] | None = None

    def follow(self, page: Page[T]) -> str | None:
        """Return the token of the next page, None after the last."""
        again = page.next_token in self.tokens
        repeated = bool(page.items) and self.last is not None and _same(page, self.last)
        if page.next_token is not None and (again or repeated):
            raise UnexpectedResponse("the listing does not end: a page came twice")
        if page.next_token is not None:
            self.tokens.add(page.next_token)
        self.last = page
        return page.next_token


def _same(page: Page[T], other: Page[T]) -> bool:
    return list(page.items) == list(other.items)


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
        ends: _Ends[T] = _Ends()
        page = self._run(self._ask(self._token))
        yield page
        while (token := ends.follow(page)) is not None:
            page = self._run(self._ask(token))
            yield page

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
        ends: _Ends[T] = _Ends()
        page = await self._run(self._ask(self._token))
        yield page
        while (token := ends.follow(page)) is not None:
            page = await self._run(self._ask(token))
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
