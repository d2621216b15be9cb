"""The directory of a router: where the customer behind each of the app's keys is.

A directory stores entries and changes each of them atomically. Every write gives an entry
a new version, and a change names the version that it replaces, so of two processes that
change one entry one succeeds and the other learns that it did not. All decisions are made
by the router, so a directory of your own needs only these six methods.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from threading import Lock
from typing import Protocol

from attrs import field, frozen

from ..errors import Conflict, Effect, InvalidInput, Issue, Outcome
from ..model.ids import is_usable

_LONGEST_KEY = 255


@frozen
class Location:
    """The bank of a customer, by its name in the router, and the customer's id there.

    `version` changes with every move and update; it is not compared.
    """

    provider: str
    customer_id: str
    version: str = field(default="", eq=False, repr=False)


class EntryState(StrEnum):
    """What a directory knows of a key."""

    RESERVED = "reserved"
    """A create is under way, or the process that ran it has crashed."""
    UNKNOWN = "unknown"
    """A create has ended with an unknown outcome."""
    LOCATED = "located"
    """The customer exists."""
    DELETING = "deleting"
    """A deletion was started; until it is repeated its outcome may be unknown."""


def new_version() -> str:
    """Return a version that no entry has had."""
    return uuid.uuid4().hex


@frozen(kw_only=True)
class DirectoryEntry:
    """The entry of a key.

    `customer_id` is None until the customer exists. `reference` is the `external_id` of a
    create and `idempotency_key` its key, by which a lost create is looked up.
    `changed_at` is when the state last changed, in seconds since 1970.
    """

    key: str
    provider: str
    customer_id: str | None = None
    state: EntryState
    version: str = field(factory=new_version, repr=False)
    reference: str | None = field(default=None, repr=False)
    idempotency_key: str | None = field(default=None, repr=False)
    changed_at: float = 0.0

    @property
    def location(self) -> Location | None:
        """Where the customer is; None while that is not known."""
        if self.customer_id is None:
            return None
        return Location(self.provider, self.customer_id, self.version)


class Directory(Protocol):
    """Stores entries by key. A method may block; an AsyncRouter calls it in a thread.

    No two keys lead to one customer: `insert` and `replace` raise Conflict if another
    key has the customer of the entry.
    """

    def find(self, key: str, /) -> DirectoryEntry | None:
        """Return the entry of a key, or None."""
        ...

    def insert(self, entry: DirectoryEntry, /) -> bool:
        """Add an entry; False if its key has one already."""
        ...

    def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
        """Replace an entry; False if its version is no longer that of *old*."""
        ...

    def remove(self, old: DirectoryEntry, /) -> bool:
        """Remove an entry; False if its version is no longer that of *old*."""
        ...

    def keys_of(
        self, provider: str, customer_ids: Collection[str], /
    ) -> Mapping[str, str]:
        """Return the keys of customers of one bank, by customer id."""
        ...

    def entries(self, after: str | None, limit: int, /) -> Sequence[DirectoryEntry]:
        """Return the first entries whose key is greater than *after*, sorted by key."""
        ...


def require_key(key: object) -> str:
    """Return a key; raises InvalidInput unless it is a text of 1 to 255 characters."""
    if isinstance(key, str) and len(key) <= _LONGEST_KEY and _is_storable(key):
        return key
    rule = f"a text of 1 to {_LONGEST_KEY} characters"
    message = f"must be {rule}: your own id of the customer"
    raise InvalidInput([Issue("key", Effect.BLOCKED, rule, "anybank", message)])


def _is_storable(key: str) -> bool:
    return is_usable(key) and "\0" not in key  # PostgreSQL stores no NUL


def customer_has_a_key() -> Conflict:
    """Return the error for a customer to whom another key leads."""
    return Conflict(
        "another key leads to this customer: use that key, or remove it with forget()",
        outcome=Outcome.NOT_SENT,
    )


class InMemoryDirectory:
    """A directory in the memory of one process, for tests and for a first try.

    Its entries end with the process: in production use a SqlDirectory.
    """

    blocks = False
    """An AsyncRouter calls its methods without a thread."""

    def __init__(self) -> None:
        self._entries: dict[str, DirectoryEntry] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._lock = Lock()

    def find(self, key: str, /) -> DirectoryEntry | None:
        """Return the entry of a key, or None."""
        return self._entries.get(key)

    def insert(self, entry: DirectoryEntry, /) -> bool:
        """Add an entry; False if its key has one already."""
        with self._lock:
            if entry.key in self._entries:
                return False
            self._write(None, entry)
            return True

    def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
        """Replace an entry; False if its version is no longer that of *old*."""
        with self._lock:
            stored = self._entries.get(old.key)
            if stored is None or stored.version != old.version:
                return False
            self._write(stored, new)
            return True

    def remove(self, old: DirectoryEntry, /) -> bool:
        """Remove an entry; False if its version is no longer that of *old*."""
        with self._lock:
            stored = self._entries.get(old.key)
            if stored is None or stored.version != old.version:
                return False
            self._write(stored, None)
            return True

    def _write(self, old: DirectoryEntry | None, new: DirectoryEntry | None) -> None:
        place = _place(new)
        if new and place and self._keys.get(place, new.key) != new.key:
            raise customer_has_a_key()
        if old:
            del self._entries[old.key]
            if former := _place(old):
                del self._keys[former]
        if new:
            self._entries[new.key] = new
            if place:
                self._keys[place] = new.key

    def keys_of(
        self, provider: str, customer_ids: Collection[str], /
    ) -> Mapping[str, str]:
        """Return the keys of customers of one bank, by customer id."""
        keys = ((item, self._keys.get((provider, item))) for item in customer_ids)
        return {item: key for item, key in keys if key is not None}

    def entries(self, after: str | None, limit: int, /) -> Sequence[DirectoryEntry]:
        """Return the first entries whose key is greater than *after*, sorted by key."""
        with self._lock:
            keys = sorted(key for key in self._entries if after is None or key > after)
            return [self._entries[key] for key in keys[:limit]]

    def __repr__(self) -> str:
        return f"<InMemoryDirectory of {len(self._entries)} keys>"


def _place(entry: DirectoryEntry | None) -> tuple[str, str] | None:
    if entry is None or entry.customer_id is None:
        return None
    return entry.provider, entry.customer_id
