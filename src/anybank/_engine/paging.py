"""Listings that page by themselves and end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from attrs import evolve

from ..adapter.wire import Course
from ..model.pages import LoopGuard, Page
from .calls import Call

T = TypeVar("T")


def _followed(call: Call[Page[T]], guard: LoopGuard[T]) -> Call[Page[T]]:
    """Return the call of a page that must not come twice: its error names the bank."""
    return evolve(call, flow=_following(call.flow, guard))


def _following(flow: Course[Page[T]], guard: LoopGuard[T]) -> Course[Page[T]]:
    page = yield from flow
    guard.follow(page)
    return page


class Listing(Generic[T]):
    """A listing: iterate it for the items of all pages, or `pages()` for the pages.

    A record with fields that cannot be read is yielded with `unreadable` naming them;
    `without_id` counts those without a usable id on the pages read so far, anew each time. A listing
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
        token, self.without_id = self._token, 0
        while True:
            page = self._run(_followed(self._ask(token), guard))
            token = page.next_token
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
    `without_id` counts those without a usable id on the pages read so far, anew each time. A listing
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
        token, self.without_id = self._token, 0
        while True:
            page = await self._run(_followed(self._ask(token), guard))
            token = page.next_token
            self.without_id += page.without_id
            yield page
            if token is None:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item
