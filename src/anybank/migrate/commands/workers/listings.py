"""Listing all customers of a bank, again and again until a pass finds nobody new.

A listing by page numbers loses whoever slides over a page border when somebody before is
deleted meanwhile. A second pass finds them: so a walk ends with a pass that finds nobody
new, and its customers are those of all passes together. Where the vendor's listing does
not shift (`stable_listing` in its declaration), one pass is enough. A page that is shorter
than asked for ends no pass: some servers shorten every page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import closing
from hashlib import blake2b

from attrs import define, evolve, field

from ....aio import AsyncBank
from ....declaration.vocabulary import Feature
from ....errors import (
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)
from ....model.customers import Customer
from ....model.pages import LoopGuard, Page

MOST_PASSES = 5
_TRIES = 3
"""How often a page is read, each with the bank's own retries."""


@define
class CustomerListing:
    """One walk through the customers of a bank: iterate it once."""

    bank: AsyncBank
    passes: int = field(init=False, default=0)
    calls: int = field(init=False, default=0)
    late: int = field(init=False, default=0)
    """How many customers only a later pass has listed."""
    without_id: int = field(init=False, default=0)
    """How many records have no usable id, in the pass that listed most of them."""
    is_settled: bool = field(init=False, default=False)
    """Whether the last pass found nobody new, or needed not be repeated."""

    async def __aiter__(self) -> AsyncIterator[Customer]:
        """Yield each customer once; raises what the bank answers."""
        list_rule = self.bank.capabilities.feature(Feature.CUSTOMERS_LIST)
        with closing(_ListedIds()) as seen:
            while not self.is_settled and self.passes < MOST_PASSES:
                new = 0
                async for customer in self._new_of_a_pass(seen):
                    new += 1
                    yield customer
                self.passes += 1
                self.late += new if self.passes > 1 else 0
                self.is_settled = list_rule.stable_listing or (
                    self.passes > 1 and not new
                )

    async def _new_of_a_pass(self, seen: _ListedIds) -> AsyncIterator[Customer]:
        without_id = 0
        async for page in self._pages():
            without_id += page.without_id
            self.without_id = max(self.without_id, without_id)
            for customer in _new(page, seen):
                yield customer

    async def _pages(self) -> AsyncIterator[Page[Customer]]:
        """Yield the pages of a listing, also beyond a page that is shorter than asked."""
        before: Sequence[Customer] = ()
        guard: LoopGuard[Customer] = LoopGuard()
        token: str | None = None
        while True:
            page = await self._page(token)
            yield page
            is_short = page.next_token is None
            if is_short and (page.beyond is None or list(page.items) == list(before)):
                return
            before = page.items
            token = guard.follow(
                evolve(page, next_token=page.next_token or page.beyond)
            )

    async def _page(self, token: str | None) -> Page[Customer]:
        """Read a page, again where that fails: one bad answer must not end a walk."""
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


def _new(page: Page[Customer], seen: _ListedIds) -> Collection[Customer]:
    return [customer for customer in page.items if seen.add(customer.id)]


class _ListedIds:
    """Which ids were seen, in a temporary file: memory stays flat."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(
            "CREATE TABLE seen (hash BLOB PRIMARY KEY) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")

    def add(self, identifier: str) -> bool:
        """Note an id; return whether it is new."""
        digest = blake2b(
            identifier.encode("utf-8", "surrogatepass"), digest_size=16
        ).digest()
        row = ("INSERT OR IGNORE INTO seen VALUES (?)", (digest,))
        return self._database.execute(*row).rowcount == 1

    def close(self) -> None:
        """Remove the file."""
        self._database.close()


def facts_of(walk: CustomerListing) -> Mapping[str, object]:
    """Return what a journal keeps of the walk that a plan took through its source."""
    return {
        "listing_passes": walk.passes,
        "listed_late": walk.late,
        "listing_settled": int(walk.is_settled or not walk.passes),
        "without_id": walk.without_id,
    }
