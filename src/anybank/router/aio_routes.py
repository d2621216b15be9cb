"""What a router decides: where a key leads, and how its entry changes.

::

    create   (no entry) --> reserved --- created -------------> located
                               |------ refused, not sent --> (no entry)
                               +------ no answer ----------> unknown
    resolve  reserved, unknown --- found --> located
                               +-- not there --> (no entry)
    move     located --> located, at another bank
    delete   located --> deleting --- gone --> (no entry)
                            +------ refused --> located

The entry is written before a request leaves, so a crash never hides a customer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from ..errors import AnybankError, Conflict, NotFound, Outcome
from .directory import (
    Directory,
    DirectoryEntry,
    EntryState,
    Location,
    new_version,
    require_key,
)
from .threads import AsyncOperation, in_thread

if TYPE_CHECKING:
    from ..aio import AsyncBank

T = TypeVar("T")

_PAGE = 500
"""How many entries of the directory are read together."""


class AsyncRoutes:
    """The banks of a router, and the entries of its directory."""

    def __init__(
        self,
        banks: Mapping[str, AsyncBank],
        directory: Directory,
        now: Callable[[], float],
    ) -> None:
        self.banks = banks
        self.directory = directory
        self.now = now

    async def find(self, key: str) -> DirectoryEntry | None:
        """Return the entry of a key, or None."""
        return await in_thread(self.directory.find, require_key(key))

    async def entry(self, key: str) -> DirectoryEntry:
        """Return the entry of a key; raises NotFound without one."""
        entry = await self.find(key)
        if entry is None:
            raise NotFound(
                "the directory has no customer with this key", outcome=Outcome.NOT_SENT
            )
        return entry

    async def located(self, key: str) -> tuple[DirectoryEntry, Location]:
        """Return the entry of a key and where the customer is.

        Raises NotFound, and Conflict while a create has not been resolved.
        """
        entry = await self.entry(key)
        if entry.location is None:
            raise unresolved()
        return entry, entry.location

    def bank(self, provider: str) -> AsyncBank:
        """Return a bank by its name in the router; raises Conflict if it is not there."""
        if provider not in self.banks:
            raise Conflict(
                f"the directory leads to {provider}, which this router does not have: add "
                "it to the banks of the router",
                outcome=Outcome.NOT_SENT,
            )
        return self.banks[provider]

    async def run(self, key: str, operation: AsyncOperation[T]) -> T:
        """Run an operation where the customer is.

        If the bank does not have the customer because a move was under way, it is run
        again where the customer is now.
        """
        _, location = await self.located(key)
        while True:
            try:
                return await operation(
                    self.bank(location.provider), location.customer_id
                )
            except NotFound:
                _, now = await self.located(key)
                if now == location:
                    raise
                location = now

    async def touch(self, entry: DirectoryEntry) -> bool:
        """Give an entry a new version after an update; False if the customer has moved.

        A move that expects an earlier version then fails: it would lose the update.
        """
        current = entry
        while not await in_thread(
            self.directory.replace, current, evolve(current, version=new_version())
        ):
            current = await self.entry(entry.key)
            if current.location != entry.location:
                return False
        return True

    async def change(self, old: DirectoryEntry, new: DirectoryEntry) -> DirectoryEntry:
        """Replace an entry; raises Conflict if another process has changed it."""
        if not await in_thread(self.directory.replace, old, new):
            raise changed_meanwhile()
        return new

    async def remove(self, entry: DirectoryEntry) -> bool:
        """Remove an entry; False if another process has changed it."""
        return await in_thread(self.directory.remove, entry)

    async def entries(self) -> AsyncIterator[DirectoryEntry]:
        """Yield all entries, sorted by key."""
        after: str | None = None
        while True:
            page = await in_thread(self.directory.entries, after, _PAGE)
            for entry in page:
                yield entry
            if len(page) < _PAGE:
                return
            after = page[-1].key


def in_state(
    entry: DirectoryEntry,
    state: EntryState,
    now: float,
    location: Location | None = None,
) -> DirectoryEntry:
    """Return a new version of an entry in another state, and at a location if named."""
    place = location or entry.location
    return evolve(
        entry,
        state=state,
        provider=place.provider if place else entry.provider,
        customer_id=place.customer_id if place else None,
        version=new_version(),
        changed_at=now,
    )


def had_no_effect(error: BaseException) -> bool:
    """Return whether an error proves that its call had no effect."""
    return isinstance(error, AnybankError) and error.outcome in (
        Outcome.NOT_SENT,
        Outcome.REFUSED,
    )


def unresolved() -> Conflict:
    """Return the error for a key whose create has not been resolved."""
    return Conflict(
        "a create with this key is under way, or its outcome is unknown: call "
        "customers.resolve(error, new, key=...)",
        outcome=Outcome.NOT_SENT,
    )


def changed_meanwhile() -> Conflict:
    """Return the error for an entry that another process has changed."""
    return Conflict(
        "the directory's entry of this key has changed: read it with locate() and decide "
        "again",
        outcome=Outcome.NOT_SENT,
    )
