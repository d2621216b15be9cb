"""A directory that follows a migration: each customer moves once the copy is verified."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from .._engine.error_boundary import guarded
from ..errors import ConfigurationError, Unsupported
from .directory import Directory, DirectoryEntry, EntryState

if TYPE_CHECKING:
    from ..migrate.journal.location import JournalLocation
    from ..migrate.journal.moved_customers import MovedCustomers


class JournalDirectory:
    """A directory over the journal of a migration, which may be running.

    A customer is at the source until `anybank migrate verify` has read the copy back, and
    at the target from then on; a rollback takes the customer back. The journal is only
    read.

    Pass the directory of your keys as `directory`: where it leads to the source, the
    journal decides, and new customers, moves and deletions are stored in it. Without one
    the keys are the customer ids at the source, and nothing can be created, moved or
    deleted. `source` and `target` are the names of the two banks in the router; the default
    is the names of the providers. Raises ConfigurationError, also for a journal that is
    not the latest. Install `anybank[migrate]`.
    """

    blocks = True

    def __init__(
        self,
        journal: JournalLocation,
        *,
        directory: Directory | None = None,
        source: str | None = None,
        target: str | None = None,
    ) -> None:
        from .._engine.per_process import PerProcess  # noqa: PLC0415  # slow to import

        self._location = journal
        self._stored = directory
        self._names = source, target
        # A child process must not use the connections of its parent.
        self._customers = PerProcess(self._open)

    @guarded
    def find(self, key: str, /) -> DirectoryEntry | None:
        """Return the entry of a key, or None."""
        if self._stored is None:
            targets = self._journal.targets([key])
            return self._of_source(key, targets[key]) if key in targets else None
        stored = self._stored.find(key)
        return stored and self._followed([stored])[0]

    @guarded
    def insert(self, entry: DirectoryEntry, /) -> bool:
        """Add an entry to the directory of your keys; False if its key has one already."""
        return self._writable.insert(entry)

    @guarded
    def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
        """Replace an entry; False if it has changed, or the customer has moved."""
        is_elsewhere = new.location != old.location
        if self._stored is None and not is_elsewhere and new.state is old.state:
            # An update: nothing is stored, and the caller learns whether it is too late.
            current = self.find(old.key)
            return current is not None and current.location == old.location
        stored = self._current(old)
        if stored is None:
            return False
        if not is_elsewhere:
            # The directory goes on leading to the source, so that a rollback is followed.
            new = evolve(new, provider=stored.provider, customer_id=stored.customer_id)
        return self._writable.replace(stored, new)

    @guarded
    def remove(self, old: DirectoryEntry, /) -> bool:
        """Remove an entry; False if it has changed, or the customer has moved."""
        stored = self._current(old)
        return stored is not None and self._writable.remove(stored)

    @guarded
    def keys_of(
        self, provider: str, customer_ids: Collection[str], /
    ) -> Mapping[str, str]:
        """Return the keys of customers of one bank, by customer id."""
        source, target = self._banks
        keys: dict[str, str] = {}
        if self._stored is not None:
            keys.update(self._stored.keys_of(provider, customer_ids))
        if provider == source:
            targets = self._journal.targets(customer_ids)
            if self._stored is None:
                keys.update({source_id: source_id for source_id in targets})
            moved = {item for item, target_id in targets.items() if target_id}
            return {item: key for item, key in keys.items() if item not in moved}
        if provider == target:
            sources = self._journal.sources(customer_ids)
            known = self._keys_at_source(source, sources.values())
            keys.update(
                {
                    item: known[owner]
                    for item, owner in sources.items()
                    if owner in known
                }
            )
        return keys

    @guarded
    def entries(self, after: str | None, limit: int, /) -> Sequence[DirectoryEntry]:
        """Return the first entries whose key is greater than *after*, sorted by key."""
        if self._stored is not None:
            return self._followed(self._stored.entries(after, limit))
        page = self._journal.page(after or "", limit)
        return [self._of_source(source_id, target) for source_id, target in page]

    def close(self) -> None:
        """Close this process's connections; another call opens new ones."""
        if customers := self._customers.existing():
            customers.close()
        if close := getattr(self._stored, "close", None):
            close()

    def __repr__(self) -> str:
        return f"<JournalDirectory over {self._stored!r}>"

    def _open(self) -> MovedCustomers:
        # The package raises ConfigurationError where its extra is missing.
        from ..migrate.journal.moved_customers import (  # noqa: PLC0415  # an extra
            MovedCustomers,
        )

        customers = MovedCustomers(self._location)
        source, target = self._named(customers)
        if source != target:
            return customers
        customers.close()
        raise ConfigurationError(
            "both sides of the migration have one name: pass source= and target=, the names "
            "of the two banks in the router"
        )

    @property
    def _journal(self) -> MovedCustomers:
        return self._customers.value()

    @property
    def _banks(self) -> tuple[str, str]:
        return self._named(self._journal)

    def _named(self, customers: MovedCustomers) -> tuple[str, str]:
        source, target = self._names
        return source or customers.source, target or customers.target

    @property
    def _writable(self) -> Directory:
        if self._stored is None:
            raise Unsupported(
                "a JournalDirectory alone is only read: pass directory=SqlDirectory(...) to "
                "create, move or delete customers"
            )
        return self._stored

    def _current(self, old: DirectoryEntry) -> DirectoryEntry | None:
        """Return the stored entry, or None if it has changed or the customer has moved."""
        stored = self._writable.find(old.key)
        if stored is None or stored.version != old.version:
            return None
        followed = self._followed([stored])[0]
        return stored if followed.location == old.location else None

    def _followed(self, entries: Sequence[DirectoryEntry]) -> list[DirectoryEntry]:
        """Return entries with the location that the journal has for them."""
        source, target = self._banks
        ids = [
            entry.customer_id
            for entry in entries
            if entry.provider == source and entry.customer_id is not None
        ]
        targets = self._journal.targets(ids)
        return [
            evolve(entry, provider=target, customer_id=moved_to)
            if entry.provider == source
            and (moved_to := targets.get(entry.customer_id or ""))
            else entry
            for entry in entries
        ]

    def _of_source(self, source_id: str, moved_to: str | None) -> DirectoryEntry:
        """Return the entry of a customer whose key is the id at the source."""
        source, target = self._banks
        provider, customer_id = (target, moved_to) if moved_to else (source, source_id)
        return DirectoryEntry(
            key=source_id,
            provider=provider,
            customer_id=customer_id,
            state=EntryState.LOCATED,
            version=f"{provider} {customer_id}",
        )

    def _keys_at_source(
        self, source: str, source_ids: Collection[str]
    ) -> Mapping[str, str]:
        if self._stored is None:
            return {source_id: source_id for source_id in source_ids}
        return self._stored.keys_of(source, list(source_ids))
