"""The journal: what is known of each record, durable before and after every request.

It holds ids, states, keyed fingerprints and codes, and no personal data. Every change of
state is one transaction, synced to disk, that names the states it may come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, Self

import sqlalchemy as sa

from ...errors import ConfigurationError
from . import throughput
from .copy_detection import CopyDetector
from .events import note_events, note_recovery
from .field_reasons import ReasonCache
from .keys import Key
from .location import store_for
from .record_pages import Page, page_of, page_of_states
from .records import Record
from .run_log import logged
from .signed_metadata import is_signed, recorded, write_facts
from .states import MOVED, State
from .store import BeginTransaction, JournalLocation, JournalStore
from .tables import META, METADATA, RECORDS, SCHEMA
from .throughput import Tick
from .transition_updates import change, record_identities
from .transitions import Transition
from .upgrades import upgrade

__all__ = ["DEPARTED", "Journal"]

DEPARTED = 0
"""The plan that has seen a customer who is not at the source any more: none."""

_VERSION = sa.select(META.c.value).where(META.c.name == "schema")
_OWNER = sa.select(RECORDS.c.source_id).where(
    RECORDS.c.target_id == sa.bindparam("target_id")
)


class Journal:
    """A journal; raises ConfigurationError for all that keeps it from working.

    `open` one that is there, or `make` one; `locked` keeps other writers out.
    """

    def __init__(self, store: JournalStore) -> None:
        self.store = store
        self._engine = store.engine()
        self._reader = self._engine.execution_options(**store.reading)
        self._begin: BeginTransaction = partial(store.unlocked, self._engine)
        self.copy_detector = CopyDetector(store, self._reading)
        self._reasons = ReasonCache()
        self._among: tuple[sa.ColumnElement[bool], ...] = ()

    @classmethod
    def at(cls, place: JournalLocation) -> Self:
        """Return the journal of a place, whether it is there or not."""
        return cls(store_for(place))

    @classmethod
    def make(cls, place: JournalLocation, **facts: object) -> Self:
        """Make an empty journal: it appears whole or not."""
        journal = cls.at(place)
        with _closed_by_failure(journal):
            journal.begin(**facts)
        return journal

    @classmethod
    def open(cls, place: JournalLocation) -> Self:
        """Open a journal that is there and is one, to read it."""
        journal = cls.at(place)
        with _closed_by_failure(journal):
            journal.require()
            journal.facts()
        return journal

    @classmethod
    @contextmanager
    def held(
        cls, place: JournalLocation, *, shared: bool = False, adopting: bool = False
    ) -> Iterator[Self]:
        """Open a journal that is there, to write to it: nobody else does meanwhile.

        Workers at its batches share it, and keep out whoever wants it alone.
        """
        with (
            cls.open(place) as journal,
            journal.locked(shared=shared, adopting=adopting),
            logged(journal),
        ):
            yield journal

    @property
    def path(self) -> str:
        """Where it is, as messages tell it: never with a password."""
        return self.store.display_name

    @property
    def exists(self) -> bool:
        """Whether there is something at its place."""
        with self.store.translated_errors():
            return self.store.exists(self._reader)

    def begin(self, **facts: object) -> None:
        """Create it with its key and its first facts."""
        key = self.store.make_key()

        def build(connection: sa.Connection) -> None:
            METADATA.create_all(connection, checkfirst=False)
            own = {"schema": SCHEMA, "key_check": key.check}
            self._set(connection, {**own, **facts}, key)

        with self.store.translated_errors():
            self.store.make(build, self._begin)
        self.copy_detector.open(self.writing, shared=False)

    @cached_property
    def key(self) -> Key:
        """The key of its fingerprints; raises ConfigurationError for another's."""
        key = self.store.key()
        if key.check != self.recorded().get("key_check"):
            raise ConfigurationError(
                f"the key is that of another journal than {self.path}: put the right one "
                "back"
            )
        return key

    def require(self) -> None:
        """Refuse what is not there, is no journal, or is one of a later version."""
        if not self.exists:
            raise ConfigurationError(
                f"there is no journal {self.path}: `anybank migrate plan` makes one"
            )
        if self._version > SCHEMA:
            raise ConfigurationError(
                f"the journal {self.path} was made by a newer anybank (schema "
                f"{self._version}, this one knows {SCHEMA}): upgrade anybank"
            )

    @cached_property
    def _version(self) -> int:
        """The schema of its tables."""
        with self._reading() as connection:
            there = sa.inspect(connection).has_table(META.name, self.store.schema)
            found = connection.scalar(_VERSION) if there else None
        if found is None or not found.isdigit():
            raise ConfigurationError(f"{self.path} {self.store.foreign_message}")
        return int(found)

    @property
    def is_current(self) -> bool:
        """Whether its tables are those of this version."""
        return self._version == SCHEMA

    def has_schema(self, version: int) -> bool:
        """Tell whether its tables are those of a version, or of a later one."""
        return self._version >= version

    @contextmanager
    def locked(self, *, shared: bool = False, adopting: bool = False) -> Iterator[None]:
        """Keep other writers out; refuse what may not be the latest, but to adopt it."""
        with ExitStack() as stack:
            with self.store.translated_errors():
                begin = stack.enter_context(
                    self.store.locked(self._engine, shared=shared)
                )
            unlocked, self._begin = self._begin, begin
            stack.callback(setattr, self, "_begin", unlocked)
            if self.exists:
                if not self.is_current and not shared:
                    self._upgrade()
                if self.is_current and not adopting:
                    self.copy_detector.require_latest()
                    self.copy_detector.open(self.writing, shared=shared)
            yield
            self.copy_detector.close(shared=shared)
            if not shared:
                self.store.checkpoint(self._engine)

    def _upgrade(self) -> None:
        with self.writing() as connection:
            upgrade(connection, self._version)
        del self._version

    def close(self) -> None:
        """Close what it has open."""
        self.copy_detector.release()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Begin a transaction: it is durable once its context has ended."""
        with self.store.translated_errors(), self._begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self.store.translated_errors(), self._reader.connect() as connection:
            yield connection

    def meta(self, name: str) -> str | None:
        """Return a fact about the migration, None where it is not known."""
        return self.facts().get(name)

    def facts(self) -> Mapping[str, str]:
        """Return all facts; raises ConfigurationError where the key did not sign them."""
        facts = self.recorded()
        if not is_signed(facts, self.key):
            raise self._changed()
        return facts

    def _changed(self) -> ConfigurationError:
        return ConfigurationError(
            f"the journal {self.path} was changed by something else than anybank: what it "
            "says of its banks, options and files is not signed by its key; restore "
            "journal and key from one copy, then run `anybank migrate adopt`"
        )

    def recorded(self) -> Mapping[str, str]:
        """Return all facts as they are written, whoever wrote them."""
        with self._reading() as connection:
            return recorded(connection)

    def set_metadata(self, **facts: object) -> None:
        """Record facts about the migration, all or none, and sign them with the others."""
        key = self.key
        with self.writing() as connection:
            self._set(connection, facts, key)

    def _set(
        self, connection: sa.Connection, facts: Mapping[str, object], key: Key
    ) -> None:
        insert = self.store.insert(META)
        upsert = insert.on_conflict_do_update(
            index_elements=[META.c.name], set_={"value": insert.excluded.value}
        )
        if not write_facts(connection, upsert, facts, key):
            raise self._changed()

    def move(self, moves: Sequence[Transition]) -> None:
        """Change states in one durable transaction: all, or none.

        Raises ConfigurationError where a record is not in a state that allows it.
        """
        if not moves:
            return
        now, reasons = datetime.now(UTC), self._reasons.copy()
        counts = Counter(each.state for each in moves)
        identities = {
            each.number: each.identities
            for each in moves
            if each.identities is not None
        }
        with self.writing() as connection:
            note_events(connection, moves, now)
            change(connection, moves, now)
            reasons.replace(connection, self.store.insert, moves)
            record_identities(connection, identities)
            throughput.note(connection, self.store.insert, counts, now)
            self.copy_detector.record(connection, len(moves))
        self.copy_detector.note(len(moves))
        self._reasons = reasons

    def recover(self) -> int:
        """Turn what was in flight when a run died into unknown; return how many.

        When each has changed stays the time of its intent: since then it may be under way.
        """
        in_flight = RECORDS.c.state == State.IN_FLIGHT
        query = sa.update(RECORDS).where(in_flight, *self._among)
        with self.writing() as connection:
            note_recovery(connection, self._among, datetime.now(UTC))
            count = connection.execute(query.values(state=State.UNKNOWN)).rowcount
            counts = {State.UNKNOWN: count}
            throughput.note(connection, self.store.insert, counts, datetime.now(UTC))
        return count

    def throughput(self) -> Sequence[Tick]:
        """Return how many records came into each state in each minute."""
        if not self.has_schema(throughput.SINCE):
            return ()
        with self._reading() as connection:
            return throughput.ticks(connection)

    def add(self, source_ids: Sequence[str], seen: int) -> Mapping[str, Record]:
        """Note that the source has these ids, and return their records.

        New ones are blocked until a certificate says otherwise.
        """
        rows = [
            {"source_id": each, "state": State.BLOCKED, "seen": seen, "attempts": 0}
            for each in source_ids
        ]
        insert = self.store.insert(RECORDS)
        upsert = insert.on_conflict_do_update(
            index_elements=[RECORDS.c.source_id], set_={"seen": insert.excluded.seen}
        )
        mine = sa.select(RECORDS).where(RECORDS.c.source_id.in_(source_ids))
        with self.writing() as connection:
            connection.execute(upsert, rows)
            return {row.source_id: Record.of(row) for row in connection.execute(mine)}

    def missing_from_plan(self, seen: int) -> Iterator[Record]:
        """Yield the records that a plan has not found at the source, and no earlier one missed."""
        query = sa.select(RECORDS).where(RECORDS.c.seen.not_in((seen, DEPARTED)))
        yield from map(Record.of, self.walk(query))

    def mark_departed(self, numbers: Sequence[int]) -> None:
        """Note that the source does not have these customers any more."""
        if numbers:
            query = sa.update(RECORDS).where(RECORDS.c.number.in_(numbers))
            with self.writing() as connection:
                connection.execute(query.values(seen=DEPARTED))

    def records(
        self, states: Collection[State], *, newest_first: bool = False
    ) -> Iterator[Record]:
        """Yield the records in some states, in the order of the plan, batch by batch.

        Each is seen once, whatever changes meanwhile.
        """
        page = partial(page_of_states, sorted(states), newest_first=newest_first)
        yield from map(Record.of, self._pages(page, newest_first=newest_first))

    def walk(
        self, query: sa.Select[Any], *, after: int | None = None
    ) -> Iterator[sa.Row[Any]]:
        """Yield the rows of a query of records with their numbers, batch by batch."""
        return self._pages(partial(page_of, query), after=after)

    def _pages(
        self, page: Page, *, after: int | None = None, newest_first: bool = False
    ) -> Iterator[sa.Row[Any]]:
        """Yield what is on each page, and go on beyond the last number that was there."""
        number = RECORDS.c.number
        begin = () if after is None else (number > after,)
        rows = self.query(page(*self._among, *begin))
        while rows:
            yield from rows
            last = rows[-1].number
            beyond = number < last if newest_first else number > last
            rows = self.query(page(*self._among, beyond))

    def counts(self) -> dict[State, int]:
        """Count the records in each state."""
        counting = sa.select(RECORDS.c.state, sa.func.count())
        by_state = counting.where(*self._among).group_by(RECORDS.c.state)
        found: dict[str, int] = dict(map(tuple, self.query(by_state)))
        return {state: found.get(state, 0) for state in State}

    def count_in_plan(self, seen: int) -> int:
        """Count the ids that a plan found at the source."""
        query = sa.select(sa.func.count()).where(RECORDS.c.seen == seen)
        return int(self.query(query)[0][0])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the source id and the target id of every record that was moved."""
        for record in self.records(MOVED):
            yield record.source_id, record.target_id or ""

    def owner_of(self, target_id: str) -> str | None:
        """Return the source id that a target id belongs to, None where it is free."""
        with self._reading() as connection:
            found: str | None = connection.scalar(_OWNER, {"target_id": target_id})
        return found

    def query(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> list[sa.Row[Any]]:
        """Return the rows of a query."""
        with self._reading() as connection:
            return list(connection.execute(statement, parameters))

    def broken(self) -> int:
        """Let the engine look for damage, and return how much it finds."""
        with self._reading() as connection:
            return self.store.broken(connection)


@contextmanager
def _closed_by_failure(journal: Journal) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(journal.close)
        yield
        stack.pop_all()
