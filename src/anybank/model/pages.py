"""Pages of a listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from attrs import define, field, frozen

from ..errors import UnexpectedResponse

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page of a listing; `next_token` asks for the one after, None ends it.

    A record with fields that cannot be read is among the items, with `unreadable` naming
    them. One whose id is missing or unusable cannot be an item: `without_id` counts those.
    """

    items: Sequence[T]
    next_token: str | None = None
    without_id: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@define
class Ends(Generic[T]):
    """Sees to it that paging ends: a token or a page that comes twice is refused."""

    tokens: set[str] = field(factory=set)
    last: Page[T] | None = None

    def follow(self, page: Page[T]) -> str | None:
        """Return the token of the next page, None after the last."""
        if page.next_token is None:
            return None
        if page.next_token in self.tokens or self._repeats(page):
            raise UnexpectedResponse("the listing does not end: a page came twice")
        self.tokens.add(page.next_token)
        self.last = page
        return page.next_token

    def _repeats(self, page: Page[T]) -> bool:
        last = self.last.items if self.last else ()
        return len(page) > 0 and list(page.items) == list(last)
