"""Detect that a journal is an older copy, or was moved since it was last written.

Customers that were sent after a copy was made are not in the copy, and a run from the copy
would send them again. So a journal is not written to where it is older than its mark, is in
another location than when it was last written, or has lost its mark or its log. `adopt`
accepts such a journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa
from attrs import define, field, frozen

from ...errors import ConfigurationError
from .high_water_mark import Mark, Opening, new_name
from .store import BeginTransaction, JournalStore
from .tables import META, OPENINGS

COPIED_AT = "copied_at"
"""The name of the metadata that `backup` writes into a copy."""

_LOOKS = 3
_ID = sa.select(META.c.value).where(META.c.name == "migration_id")
_COPIED = sa.select(META.c.value).where(META.c.name == COPIED_AT)
_LAST = sa.select(OPENINGS).order_by(OPENINGS.c.number.desc()).limit(1)
_NEXT = sa.select(sa.func.coalesce(sa.func.max(OPENINGS.c.number), 0) + 1)
_WRITTEN = sa.select(sa.func.sum(OPENINGS.c.changes), sa.func.count())
_ADOPT = (
    "`anybank migrate adopt` accepts this one: before it sends anything, it looks for "
    "the customers who may have been sent since"
)

Reading: TypeAlias = Callable[[], AbstractContextManager[sa.Connection]]


@frozen
class CopySign:
    """Why a journal may not be the latest."""

    reason: str
    is_moved: bool = False
    """Whether the sign is only that the journal is in another location."""


@define
class CopyDetector:
    """Compares one journal with its mark and its location."""

    store: JournalStore
    reading: Reading
    opening: Opening | None = field(init=False, default=None)
    place: Mapping[str, str] = field(init=False, factory=dict)
    """Where the journal was when this command began to write."""

    def signs(self) -> Sequence[CopySign]:
        """Return why the journal may not be the latest; nothing if it is."""
        # A command that is just starting writes its opening to the journal and then to the
        # mark. Between the two the mark seems to be missing or to belong elsewhere.
        for _ in range(_LOOKS):
            signs = self._signs()
            if not signs:
                break
        return signs

    def _signs(self) -> Sequence[CopySign]:
        with self.reading() as connection:
            identifier = connection.scalar(_ID) or ""
            path = self.store.mark_path(identifier)
        # The mark is read first. Another command may write meanwhile, and then the journal
        # is ahead of this mark, which is no sign of a copy.
        mark = Mark.read(path)
        with self.reading() as connection:
            if not sa.inspect(connection).has_table(OPENINGS.name, self.store.schema):
                return ()  # an older version has no mark
            last = connection.execute(_LAST).one_or_none()
            if last is None:
                return ()
            return [
                *self._of_a_copy(connection),
                *self._of_the_place(connection, json.loads(last.place)),
                *self._of_the_mark(connection, mark, path, identifier),
            ]

    def _of_a_copy(self, connection: sa.Connection) -> Iterator[CopySign]:
        if at := connection.scalar(_COPIED):
            yield CopySign(f"it is a copy that `anybank migrate backup` made at {at}")

    def _of_the_place(
        self, connection: sa.Connection, before: Mapping[str, str]
    ) -> Iterator[CopySign]:
        now = self.store.physical_identity(connection)
        for name, (reason, is_moved) in _PLACES.items():
            if name in before and name in now and before[name] != now[name]:
                yield CopySign(reason.format(before=before[name]), is_moved)

    def _of_the_mark(
        self, connection: sa.Connection, mark: Mark | None, path: Path, identifier: str
    ) -> Iterator[CopySign]:
        if mark is None:
            changes, openings = connection.execute(_WRITTEN).one()
            # A crash right after the creation leaves a journal without a mark. Nothing was
            # sent from it, so it may be used.
            if self.store.is_single_machine and (changes or openings > 1):
                yield CopySign(f"its mark {self.store.mark_name} is missing")
        elif mark.journal != identifier:
            yield CopySign(
                f"the mark {self.store.mark_name} belongs to another journal"
            )
        elif not mark.is_intact(path):
            yield CopySign(
                f"its mark {self.store.mark_name} was copied or restored, or its owner or "
                "rights were changed"
            )
            yield from self._of_age(connection, mark)
        else:
            yield from self._of_age(connection, mark)

    def _of_age(self, connection: sa.Connection, mark: Mark) -> Iterator[CopySign]:
        names = [name for name, _ in mark.openings]
        query = sa.select(OPENINGS.c.name, OPENINGS.c.changes)
        rows = connection.execute(query.where(OPENINGS.c.name.in_(names)))
        there: dict[str, int] = dict(map(tuple, rows))
        behind = sum(
            max(0, count - there.get(name, 0)) for name, count in mark.openings
        )
        unknown = any(name not in there for name in names)
        if behind or unknown:
            lacks = (
                f"it lacks {behind} changes that were"
                if behind
                else "it lacks a command that was"
            )
            yield CopySign(
                f"it is older than its mark {self.store.mark_name}: {lacks} "
                f"written after it{self.store.missing_log_note}"
            )

    def require_latest(self) -> None:
        """Raise ConfigurationError where the journal may not be the latest."""
        if signs := self.signs():
            raise ConfigurationError(not_the_latest(self.store.display_name, signs))

    def open(self, begin: BeginTransaction, *, shared: bool) -> None:
        """Begin to write: record an opening in the journal, then in the mark."""
        name = new_name()
        with begin() as connection:
            identifier = connection.scalar(_ID) or ""
            number = connection.scalar(_NEXT)
            self.place = self.store.physical_identity(connection)
            row = {
                "name": name,
                "number": number,
                "place": json.dumps(self.place),
                "opened_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "changes": 0,
            }
            connection.execute(sa.insert(OPENINGS), row)
        opening = Opening(name, self.store.mark_path(identifier), identifier)
        start = partial(opening.start, with_token=self.store.is_single_machine)
        self.release()
        with self.store.translated_errors():
            (opening.join if shared else start)()
        self.opening = opening

    def record(self, connection: sa.Connection, count: int) -> None:
        """Record in a transaction how many changes it contains."""
        if self.opening is not None:
            mine = OPENINGS.c.name == self.opening.name
            # Computed by the database: another lane of the worker may write at the same
            # moment, and a count of this process would overwrite that of the other lane.
            total = OPENINGS.c.changes + count
            connection.execute(sa.update(OPENINGS).where(mine).values(changes=total))

    def note(self, count: int) -> None:
        """Count the changes in the mark, after the journal and before a request relies on it."""
        if self.opening is not None:
            with self.store.translated_errors():
                self.opening.note(count)

    def close(self, *, shared: bool) -> None:
        """End the opening with a new mark, so that every earlier copy has an older mark."""
        opening = self.opening
        if opening is not None and self.store.is_single_machine:
            self._require_same_file()
        if opening is not None and not shared and self.store.is_single_machine:
            with self.store.translated_errors():
                opening.start(with_token=True)
        self.release()

    def _require_same_file(self) -> None:
        """Raise ConfigurationError where the file was removed or replaced meanwhile."""
        with suppress(ConfigurationError), self.reading() as connection:
            if self.store.physical_identity(connection) == self.place:
                return
        self.release()
        raise ConfigurationError(
            f"the journal {self.store.display_name} was removed or replaced while this "
            "command wrote to it: no file has what the command recorded, such as the ids "
            "of new customers. Put the latest copy back, with its key, and run `anybank "
            "migrate adopt`, which looks for the customers who may have been sent since"
        )

    def release(self) -> None:
        """Close the mark as it is."""
        if self.opening is not None:
            self.opening.close()
            self.opening = None


def not_the_latest(display_name: str, signs: Sequence[CopySign]) -> str:
    """Return the message for a journal that is refused: why, and what to do."""
    reasons = "; ".join(sign.reason for sign in signs)
    return (
        f"the journal {display_name} may not be the latest: {reasons}. Nothing was sent or "
        f"recorded. Put the latest journal back, with its -wal file, mark and key; if "
        f"it is lost, {_ADOPT}"
    )


_PLACES = {
    "machine": ("it was last written on another machine", False),
    "path": ("it was last written as {before}", True),
    "inode": ("its file is not the one that was last written, but a copy", False),
    "server": ("it was last written at another server of PostgreSQL", False),
    "database": ("it was last written in another database", False),
    "schema": ("its schema is not the one that was last written, but a copy", False),
}
"""By property of the storage: the message, and whether a moved file explains the change.

A move within a machine keeps the inode, and a copy has another one.
"""
