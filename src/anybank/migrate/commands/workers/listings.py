"""A complete listing of a bank's customers: passes repeat until one finds nobody new.

A listing by page numbers loses a customer who moves over a page border because an earlier
customer is deleted in the meantime. A second pass finds such customers, so a listing ends
with a pass that finds nobody new and yields the customers of all passes. Where the
vendor's listing does not shift (`stable_listing` in its declaration), one pass is enough.
A page that is shorter than requested does not end a pass: some servers shorten every page.

A listing continues from the position after any of its pages, also in another process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from hashlib import blake2b
from typing import Self

from attrs import define, evolve, field, frozen

from ....aio import AsyncBank
from ....errors import (
    Conflict,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Rejected,
    UnexpectedResponse,
)
from ....model.customers import Customer
from ....model.features import Feature
from ....model.pages import LoopGuard, Page
from .breakers import Breaker

MAX_PASSES = 5
"""A bank that gains customers all the time would never have a pass without new ones."""
_TRIES = 4
"""How often a page is read; each read has the bank's own retries."""


_TOKEN_REFUSED = (Conflict, InvalidInput, NotFound, Rejected, UnexpectedResponse)
"""What a bank may respond to the token of a page of long ago."""


@frozen
class ListingPosition:
    """Where a listing continues: in which pass, and at which page."""

    token: str | None = None
    """The token of the next page; None for the first page of a pass."""
    passes: int = 0
    """How many passes are complete."""
    new: int = 0
    """How many customers this pass has listed that no earlier one had."""
    late: int = 0
    """How many customers only a later pass listed, in the passes that are complete."""
    without_id: int = 0
    """How many records had no usable id, in the complete pass that listed most of them."""
    without_id_now: int = 0
    """How many records had no usable id in this pass."""
    is_settled: bool = False
    """Whether the last pass found nobody new, or one pass was enough."""

    def after(self, page: Page[Customer], new: int, token: str | None) -> Self:
        """Return the position after a page with so many new customers."""
        return evolve(
            self,
            token=token,
            new=self.new + new,
            without_id_now=self.without_id_now + page.without_id,
        )

    def next_pass(self, *, is_stable: bool) -> Self:
        """Return the position after the last page of a pass."""
        return type(self)(
            passes=self.passes + 1,
            late=self.late + (self.new if self.passes else 0),
            without_id=max(self.without_id, self.without_id_now),
            is_settled=is_stable or bool(self.passes and not self.new),
        )


@frozen
class ListedPage:
    """The customers of a page that no earlier page had, and where the listing continues."""

    customers: Sequence[Customer]
    position: ListingPosition


@define
class CustomerListing:
    """All customers of a bank, as an asynchronous iterable; iterate it once."""

    bank: AsyncBank
    breaker: Breaker | None = None
    """Waits while the bank is down, and then reads the same page again."""
    position: ListingPosition = field(factory=ListingPosition)
    """Where the listing continues."""
    listed_before: Iterable[str] = ()
    """The ids of customers who are not listed again."""
    calls: int = field(init=False, default=0)

    @property
    def passes(self) -> int:
        """How many passes are complete."""
        return self.position.passes

    @property
    def late(self) -> int:
        """How many customers only a later pass listed."""
        return self.position.late

    @property
    def without_id(self) -> int:
        """How many records had no usable id, in the pass that listed most of them."""
        return max(self.position.without_id, self.position.without_id_now)

    @property
    def is_settled(self) -> bool:
        """Whether the last pass found nobody new, or one pass was enough."""
        return self.position.is_settled

    async def __aiter__(self) -> AsyncIterator[Customer]:
        """Yield each customer once; raise the bank's errors."""
        async for page in self.pages():
            for customer in page.customers:
                yield customer

    async def pages(self) -> AsyncIterator[ListedPage]:
        """Yield the pages of all passes; the position is that after the page."""
        is_stable = self.bank.capabilities.feature(
            Feature.CUSTOMERS_LIST
        ).stable_listing
        with closing(_ListedIds()) as listed:
            for identifier in self.listed_before:
                listed.add(identifier)
            while not self.is_settled and self.passes < MAX_PASSES:
                async for page, token in self._pages(self.position.token):
                    new = [item for item in page.items if listed.add(item.id)]
                    self.position = self.position.after(page, len(new), token)
                    if token is None:  # before the page is yielded: it may be the last
                        self.position = self.position.next_pass(is_stable=is_stable)
                    yield ListedPage(new, self.position)

    async def _pages(
        self, token: str | None
    ) -> AsyncIterator[tuple[Page[Customer], str | None]]:
        """Yield the pages of a pass, also beyond a page that is shorter than requested.

        Each page comes with the token of the next one, or None for the last one.
        """
        before: Sequence[Customer] = ()
        guard: LoopGuard[Customer] = LoopGuard()
        page = await self._first_page(token)
        while True:
            # A page without a next token may be the last one, or shortened by the server.
            # So the page beyond it is read as well; the same items again mean that the
            # server ignores the number of a page beyond its last.
            is_short = page.next_token is None
            if is_short and (page.beyond is None or list(page.items) == list(before)):
                yield page, None
                return
            before = page.items
            token = guard.follow(
                evolve(page, next_token=page.next_token or page.beyond)
            )
            yield page, token
            page = await self._patient_page(token)

    async def _first_page(self, token: str | None) -> Page[Customer]:
        """Read the page at which the listing continues.

        A bank may refuse the token of an earlier process, or have forgotten it. The pass
        then begins again, and skips whom it has listed before.
        """
        if token is None:
            return await self._patient_page(None)
        try:
            return await self._patient_page(token)
        except _TOKEN_REFUSED:
            pass
        self.position = evolve(self.position, token=None, without_id_now=0)
        return await self._patient_page(None)

    async def _patient_page(self, token: str | None) -> Page[Customer]:
        read = partial(self._page, token)
        return await (self.breaker.read(read) if self.breaker else read())

    async def _page(self, token: str | None) -> Page[Customer]:
        """Read a page, with retries: one bad response must not end a long listing."""
        for left in reversed(range(_TRIES)):
            try:
                self.calls += 1
                return await self._read(token)
            except (
                OutcomeUnknown,
                ProviderUnavailable,
                RateLimited,
                UnexpectedResponse,
            ):
                if not left:
                    raise
        raise TypeError

    async def _read(self, token: str | None) -> Page[Customer]:
        return await anext(self.bank.customers.list(token=token).pages())


class _ListedIds:
    """The hashes of the ids that were listed, in a temporary file: memory stays flat."""

    def __init__(self) -> None:
        # An empty name is a temporary file that SQLite removes when it is closed. The one
        # transaction is never committed: nobody reads the file after this process.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(
            "CREATE TABLE listed (hash BLOB PRIMARY KEY) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")

    def add(self, identifier: str) -> bool:
        """Add an id; return whether it is new."""
        digest = blake2b(
            identifier.encode("utf-8", "surrogatepass"), digest_size=16
        ).digest()
        insert = "INSERT OR IGNORE INTO listed VALUES (?)"
        return self._database.execute(insert, (digest,)).rowcount == 1

    def close(self) -> None:
        """Close and remove the file."""
        self._database.close()


def listing_facts(listing: CustomerListing, not_listed: int) -> Mapping[str, object]:
    """Return what the journal records about the plan's listing of its source.

    *not_listed* is how many customers only their ids found.
    """
    return {
        "listing_passes": listing.passes,
        "listed_late": listing.late + not_listed,
        "listing_settled": int(listing.is_settled or not listing.passes),
        "without_id": listing.without_id,
    }
