"""Pages of a listing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from ..errors import UnexpectedResponse

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page of a listing. `next_token` requests the next page; it is None on the last.

    `previous_token` requests the page before this one, where the vendor pages backwards
    (`pages_backwards` of the listing's declaration); it is None on the first page.
    A record with unreadable fields is among the items, and its `unreadable` names them. A
    record without a usable id is not; `without_id` counts those records. If a vendor
    returns neither a total nor a token, a page that is shorter than requested counts as
    the last. `beyond` is the token of the page after it, for a caller such as a migration
    that must verify that no record follows.
    """

    items: Sequence[T]
    next_token: str | None = None
    without_id: int = 0
    beyond: str | None = None
    previous_token: str | None = None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


_EMPTY_PAGES = 100
"""After this many consecutive empty pages a listing counts as endless."""


@define
class LoopGuard(Generic[T]):
    """Detects a listing that never ends because its tokens or records repeat.

    Each page is compared with the previous one and with a milestone that advances by
    powers of two (Brent's cycle detection), so a cycle of any length is detected with
    constant memory.
    """

    _before: _Mark | None = field(default=None, init=False)
    _milestone: _Mark | None = field(default=None, init=False)
    _steps: int = field(default=0, init=False)
    _limit: int = field(default=1, init=False)
    _empty: int = field(default=0, init=False)

    def follow(self, page: Page[T]) -> str | None:
        """Return the token of the next page, None after the last.

        Raises UnexpectedResponse for a repeated page, and for too many consecutive
        empty pages.
        """
        mark = _Mark.of(page)
        # The previous page is compared as well, because most broken listings repeat one
        # page, which is then noticed after a single extra request.
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
    """The identity of a page: its token and the ids of its records."""

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
