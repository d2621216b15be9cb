"""Pages of a listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from ..errors import UnexpectedResponse

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page of a listing; `next_token` asks for the one after, None ends it.

    A record with fields that cannot be read is among the items, with `unreadable` naming
    them. One whose id is missing or unusable cannot be an item: `without_id` counts those.
    A vendor that returns neither a total nor a token is taken to end at a page shorter than
    asked for; where it may shorten other pages too, `beyond` asks for the page after this
    one: whoever must lose nobody looks whether that is empty.
    """

    items: Sequence[T]
    next_token: str | None = None
    without_id: int = 0
    beyond: str | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


_EMPTY_PAGES = 100
"""So many pages in a row without a record are taken for a cursor that leads nowhere."""


@define
class LoopGuard(Generic[T]):
    """Ends a listing whose pages do not: one that returns to a token or to records.

    Each page is compared with the one before and with a milestone that moves away by
    powers of two (Brent's algorithm), so that a cycle of any length is found and memory
    stays flat however many pages there are.
    """

    _before: _Mark | None = field(default=None, init=False)
    _milestone: _Mark | None = field(default=None, init=False)
    _steps: int = field(default=0, init=False)
    _limit: int = field(default=1, init=False)
    _empty: int = field(default=0, init=False)

    def follow(self, page: Page[T]) -> str | None:
        """Return the token of the next page, None after the last.

        Raises UnexpectedResponse for a page that came before, and for an endless
        sequence of empty ones.
        """
        mark = _Mark.of(page)
        if mark.repeats(self._before) or mark.repeats(self._milestone):
            raise UnexpectedResponse("the listing does not end: a page came twice")
        self._empty = 0 if page.items else self._empty + 1
        if page.next_token is not None and self._empty >= _EMPTY_PAGES:
            raise UnexpectedResponse(
                f"the listing does not end: {_EMPTY_PAGES} pages in a row are empty"
            )
        self._remember(mark)
        return page.next_token

    def _remember(self, mark: _Mark) -> None:
        self._before = mark
        self._steps += 1
        if self._steps == self._limit:
            self._milestone = mark
            self._steps, self._limit = 0, 2 * self._limit


@frozen
class _Mark:
    """What tells a page from others: its token, and the ids on it."""

    token: str | None
    records: tuple[Any, ...]

    @classmethod
    def of(cls, page: Page[Any]) -> _Mark:
        ids = (getattr(item, "id", None) or item for item in page.items)
        return cls(page.next_token, tuple(ids))

    def repeats(self, other: _Mark | None) -> bool:
        if other is None:
            return False
        same_token = self.token is not None and self.token == other.token
        return same_token or (bool(self.records) and self.records == other.records)
