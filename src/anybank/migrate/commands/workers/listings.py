"""A complete listing of a bank's customers: passes repeat until one finds nobody new.

A listing by page numbers loses a customer who moves over a page border because an earlier
customer is deleted in the meantime. A second pass finds such customers, so a listing ends
with a pass that finds nobody new and yields the customers of all passes. Where the
vendor's listing does not shift (`stable_listing` in its declaration), one pass is enough.
A page that is shorter than requested does not end a pass: some servers shorten every page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import closing
from functools import partial
from hashlib import blake2b

from attrs import define, evolve, field

from ....aio import AsyncBank
from ....errors import (
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from ....model.customers import Customer
from ....model.features import Feature
from ....model.pages import LoopGuard, Page
from .breakers import Breaker

MAX_PASSES = 5
"""A bank that gains customers all the time would never have a pass without new ones."""
_TRIES = 3
"""How often a page is read; each read has the bank's own retries."""


@define
class CustomerListing:
    """All customers of a bank, as an asynchronous iterable; iterate it once."""

    bank: AsyncBank
    breaker: Breaker | None = None
    """Waits while the bank is down, and then reads the same page again."""
    passes: int = field(init=False, default=0)
    calls: int = field(init=False, default=0)
    late: int = field(init=False, default=0)
    """How many customers only a later pass listed."""
    without_id: int = field(init=False, default=0)
    """How many records had no usable id, in the pass that listed most of them."""
    is_settled: bool = field(init=False, default=False)
    """Whether the last pass found nobody new, or one pass was enough."""

    async def __aiter__(self) -> AsyncIterator[Customer]:
        """Yield each customer once; raise the bank's errors."""
        list_rule = self.bank.capabilities.feature(Feature.CUSTOMERS_LIST)
        with closing(_ListedIds()) as listed:
            while not self.is_settled and self.passes < MAX_PASSES:
                new = 0
                async for customer in self._new_of_a_pass(listed):
                    new += 1
                    yield customer
                self.passes += 1
                self.late += new if self.passes > 1 else 0
                self.is_settled = list_rule.stable_listing or (
                    self.passes > 1 and not new
                )

    async def _new_of_a_pass(self, listed: _ListedIds) -> AsyncIterator[Customer]:
        without_id = 0
        async for page in self._pages():
            without_id += page.without_id
            self.without_id = max(self.without_id, without_id)
            for customer in _new(page, listed):
                yield customer

    async def _pages(self) -> AsyncIterator[Page[Customer]]:
        """Yield the pages of a pass, also beyond a page that is shorter than requested."""
        before: Sequence[Customer] = ()
        guard: LoopGuard[Customer] = LoopGuard()
        token: str | None = None
        while True:
            read = partial(self._page, token)
            page = await (self.breaker.read(read) if self.breaker else read())
            yield page
            # A page without a next token may be the last one, or shortened by the server.
            # So the page beyond it is read as well; the same items again mean that the
            # server ignores the number of a page beyond its last.
            is_short = page.next_token is None
            if is_short and (page.beyond is None or list(page.items) == list(before)):
                return
            before = page.items
            token = guard.follow(
                evolve(page, next_token=page.next_token or page.beyond)
            )

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


def _new(page: Page[Customer], listed: _ListedIds) -> Collection[Customer]:
    return [customer for customer in page.items if listed.add(customer.id)]


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


def listing_facts(listing: CustomerListing) -> Mapping[str, object]:
    """Return what the journal records about the plan's listing of its source."""
    return {
        "listing_passes": listing.passes,
        "listed_late": listing.late,
        "listing_settled": int(listing.is_settled or not listing.passes),
        "without_id": listing.without_id,
    }
