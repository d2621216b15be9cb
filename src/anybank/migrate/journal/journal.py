"""The journal: the state of every record, durable before and after each request.

It stores ids, states, keyed fingerprints and codes, and no personal data. Every change of
state is one transaction, synced to disk, which names the states that it may follow. The
commands decide which state a record gets; this module only makes the change durable, and
refuses one that another process has overtaken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Self

import sqlalchemy as sa

from ..._engine.throttle import SharedThrottle
from ...errors import ConfigurationError
from . import throughput
from .copy_detection import CopyDetector
from .events import record_events, record_recovery
from .field_reasons import ReasonCache
from .keys import Key
from .location import JournalLocation, store_for
from .record_queries import DEPARTED, RecordQueries
from .records import Record
from .run_log import logged
from .signed_metadata import ALL_METADATA, is_signed, write_metadata
from .states import State
from .store import FAILURES, BeginTransaction, JournalStore
from .table_creation import create_tables
from .tables import META, RECORDS, SCHEMA
from .throughput import Tick, WorkerTick
from .transition_updates import apply_transitions, record_identities
from .transitions import Transition
from .upgrades import upgrade

__all__ = ["DEPARTED", "Journal"]

_VERSION = sa.select(META.c.value).where(META.c.name == "schema")


class Journal(RecordQueries):
    """A journal; every method raises ConfigurationError where the journal cannot be used.

    `open` reads one, `create` creates one, `locked` keeps other writers out.
    """

    def __init__(self, store: JournalStore) -> None:
        self.store = store
        self._engine = store.engine()
        self.reader: sa.Engine = self._engine.execution_options(**store.reading)
        self._begin: BeginTransaction = partial(store.unlocked, self._engine)
        self.copy_detector: CopyDetector = CopyDetector(
            store, partial(self._translated, self.reader.connect)
        )
        self._reasons = ReasonCache()
        self.worker = ""
        """The name of the worker that writes; empty for a command that is not a worker."""
        self.throttles: dict[str, SharedThrottle] = {}
        """The rate limits that the workers share, by their keys."""

    @classmethod
    def at(cls, location: JournalLocation) -> Self:
        """Return the journal at a location, whether it exists or not."""
        return cls(store_for(location))

    @classmethod
    def create(cls, location: JournalLocation, **metadata: object) -> Self:
        """Create an empty journal, completely or not at all."""
        journal = cls.at(location)
        with _closed_on_failure(journal):
            journal.initialise(**metadata)
        return journal

    @classmethod
    def open(cls, location: JournalLocation) -> Self:
        """Open an existing journal to read it."""
        journal = cls.at(location)
        with _closed_on_failure(journal):
            journal.require_readable()
            journal.metadata()
        return journal

    @classmethod
    @contextmanager
    def open_locked(
        cls, location: JournalLocation, *, shared: bool = False, adopting: bool = False
    ) -> Iterator[Self]:
        """Open an existing journal to write to it, and keep other writers out.

        Workers at batches pass `shared`: they keep out only an exclusive writer.
        """
        with (
            cls.open(location) as journal,
            journal.locked(shared=shared, adopting=adopting),
            logged(journal),
        ):
            yield journal

    @property
    def path(self) -> str:
        """The location as messages show it: never with a password."""
        return self.store.display_name

    @property
    def exists(self) -> bool:
        """Whether something exists at the location."""
        try:
            return self.store.exists(self.reader)
        except FAILURES as error:
            failure = self.store.translation(error)
        raise failure

    def initialise(self, **metadata: object) -> None:
        """Create the tables, the key and the first metadata of a new journal."""
        # The key comes first. A key without a journal serves the next attempt, but a
        # journal without its key is useless.
        key = self.store.make_key()

        def build(connection: sa.Connection) -> None:
            create_tables(connection)
            own = {"schema": SCHEMA, "key_check": key.check}
            self._write_metadata(connection, {**own, **metadata}, key)

        with self.store.translated_errors():
            self.store.make(build, self._begin)
        self.copy_detector.open(self.transaction, shared=False)

    @cached_property
    def key(self) -> Key:
        """The key of the fingerprints."""
        key = self.store.key()
        if key.check != self.unverified_metadata().get("key_check"):
            raise ConfigurationError(
                f"the key belongs to another journal than {self.path}: put the right key "
                "back"
            )
        return key

    def require_readable(self) -> None:
        """Raise unless this is a journal that this version of anybank can read."""
        if not self.exists:
            raise ConfigurationError(
                f"there is no journal {self.path}: `anybank migrate plan` creates one"
            )
        if self._version > SCHEMA:
            raise ConfigurationError(
                f"the journal {self.path} was created by a newer anybank (schema "
                f"{self._version}, this version knows {SCHEMA}): upgrade anybank"
            )

    @cached_property
    def _version(self) -> int:
        """The schema version of the tables."""
        with self._connection() as connection:
            is_there = sa.inspect(connection).has_table(META.name, self.store.schema)
            version = connection.scalar(_VERSION) if is_there else None
        if version is None or not version.isdigit():
            raise ConfigurationError(f"{self.path} {self.store.foreign_message}")
        return int(version)

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this version of anybank."""
        return self._version == SCHEMA

    def has_schema(self, version: int) -> bool:
        """Tell whether the tables are those of a schema version, or of a later one."""
        return self._version >= version

    @contextmanager
    def locked(self, *, shared: bool = False, adopting: bool = False) -> Iterator[None]:
        """Keep other writers out; refuse an old copy, unless it is being adopted."""
        with ExitStack() as stack:
            with self.store.translated_errors():
                begin = stack.enter_context(
                    self.store.locked(self._engine, shared=shared)
                )
            unlocked, self._begin = self._begin, begin
            stack.callback(setattr, self, "_begin", unlocked)
            if self.exists:
                # A worker does not upgrade: other workers may be using the tables.
                if not self.is_current and not shared:
                    self._upgrade()
                # `adopt` records its opening itself, once it has examined the copy: an
                # opening that is recorded now would replace the mark it examines.
                if self.is_current and not adopting:
                    self.copy_detector.require_latest()
                    self.copy_detector.open(self.transaction, shared=shared)
            yield
            # Not after an error: the mark is valid as it is, and the file system may be
            # what has failed.
            self.copy_detector.close(shared=shared)
            if not shared:
                self.store.checkpoint(self._engine)

    def _upgrade(self) -> None:
        with self.transaction() as connection:
            upgrade(connection, self._version)
        del self._version  # the cached value is that of the old tables

    def close(self) -> None:
        """Close the connections and the mark."""
        self.copy_detector.release()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction, which is durable once the context ends without an error."""
        return self._translated(self._begin)

    def _connection(self) -> AbstractContextManager[sa.Connection]:
        return self._translated(self.reader.connect)

    @contextmanager
    def _translated(self, begin: BeginTransaction) -> Iterator[sa.Connection]:
        """Yield a connection whose failures, its opening included, are translated."""
        try:
            with begin() as connection:
                yield connection
        except FAILURES as error:
            failure = self.store.translation(error)
        else:
            return
        raise failure  # outside of the handler, so without the statement as its context

    @contextmanager
    def unlocked_transaction(self) -> Iterator[sa.Connection]:
        """Begin a transaction without the lock, which another process may hold.

        It is for what no state depends on: rate limits, heartbeats, and a pause.
        """
        # not connection.commit(): where it fails, SQLAlchemy returns the connection to its
        # pool with the transaction open, and that locks a file for every other writer
        with self._connection() as connection, connection.begin():
            yield connection

    def metadata_value(self, name: str) -> str | None:
        """Return one value of the metadata, or None."""
        return self.metadata().get(name)

    def metadata(self) -> Mapping[str, str]:
        """Return the metadata; raise unless the journal's key has signed it."""
        metadata = self.unverified_metadata()
        if not is_signed(metadata, self.key):
            raise self._tampered()
        return metadata

    def _tampered(self) -> ConfigurationError:
        return ConfigurationError(
            f"the journal {self.path} was changed by a program other than anybank: its "
            "record of banks, options and files is not signed by its key; restore "
            "journal and key from one copy, then run `anybank migrate adopt`"
        )

    def unverified_metadata(self) -> Mapping[str, str]:
        """Return the metadata without checking its signature."""
        return {row.name: row.value for row in self.query(ALL_METADATA)}

    def set_metadata(self, **metadata: object) -> None:
        """Write metadata and sign all of it, in one transaction."""
        key = self.key
        with self.transaction() as connection:
            self._write_metadata(connection, metadata, key)

    def _write_metadata(
        self, connection: sa.Connection, metadata: Mapping[str, object], key: Key
    ) -> None:
        insert = self.store.insert(META)
        upsert = insert.on_conflict_do_update(
            index_elements=[META.c.name], set_={"value": insert.excluded.value}
        )
        if not write_metadata(connection, upsert, metadata, key):
            raise self._tampered()

    def write(self, transitions: Sequence[Transition]) -> None:
        """Change states in one durable transaction: all of them, or none.

        Raises ConfigurationError where a record's state does not allow the new one.
        """
        if not transitions:
            return
        now, reasons = datetime.now(UTC), self._reasons.copy()
        counts = Counter(transition.state for transition in transitions)
        identities = {
            transition.number: transition.identities
            for transition in transitions
            if transition.identities is not None
        }
        with self.transaction() as connection:
            # The events come before the states: an event is recorded where the new state
            # differs from the stored one.
            record_events(connection, transitions, now)
            apply_transitions(connection, transitions, now)
            reasons.replace(connection, self.store.insert, transitions)
            record_identities(connection, identities)
            self._add_counts(connection, counts, now)
            self.copy_detector.record(connection, len(transitions))
        # After the commit, so that a crash leaves the mark behind the journal and never
        # ahead of it: a mark that is ahead means that the journal is an older copy.
        self.copy_detector.note(len(transitions))
        self._reasons = reasons

    def recover(self) -> int:
        """Turn records that a crash left in flight into unknown; return how many.

        `changed_at` stays the time of the intent: the request may be under way since then.
        """
        in_flight = RECORDS.c.state == State.IN_FLIGHT
        query = sa.update(RECORDS).where(in_flight, *self._conditions)
        now = datetime.now(UTC)
        with self.transaction() as connection:
            # before the update, since it selects the records by their old state
            record_recovery(connection, self._conditions, now)
            count = connection.execute(query.values(state=State.UNKNOWN)).rowcount
            counts = {State.UNKNOWN: count}
            self._add_counts(connection, counts, now)
        return count

    def _add_counts(
        self, connection: sa.Connection, counts: Mapping[State, int], now: datetime
    ) -> None:
        insert = self.store.insert
        throughput.add_counts(connection, insert, counts, now, self.worker)

    def throughput(self) -> Sequence[Tick]:
        """Return how many records entered each state in each minute."""
        if not self.is_current:
            return ()
        with self._connection() as connection:
            return throughput.read_ticks(connection)

    def worker_throughput(self) -> Sequence[WorkerTick]:
        """Return how many changes of state each worker wrote in each minute."""
        if not self.is_current:
            return ()
        with self._connection() as connection:
            return throughput.read_worker_ticks(connection)

    def add_records(self, source_ids: Sequence[str], plan: int) -> Mapping[str, Record]:
        """Note that a plan found these customers at the source; return their records.

        A new record is blocked until a certificate makes it ready.
        """
        if not source_ids:
            return {}
        new = {"state": State.BLOCKED, "seen": plan, "attempts": 0}
        rows = [{"source_id": source_id, **new} for source_id in source_ids]
        insert = self.store.insert(RECORDS)
        upsert = insert.on_conflict_do_update(
            index_elements=[RECORDS.c.source_id], set_={"seen": insert.excluded.seen}
        )
        added = sa.select(RECORDS).where(RECORDS.c.source_id.in_(source_ids))
        with self.transaction() as connection:
            connection.execute(upsert, rows)
            return {row.source_id: Record.of(row) for row in connection.execute(added)}

    def mark_certified(
        self, numbers: Sequence[int], plan: int, **metadata: object
    ) -> None:
        """Note in one transaction that a plan has certified these records, and metadata."""
        key = self.key
        with self.transaction() as connection:
            if numbers:
                query = sa.update(RECORDS).where(RECORDS.c.number.in_(numbers))
                connection.execute(query.values(seen=plan))
            if metadata:
                self._write_metadata(connection, metadata, key)

    def mark_departed(self, numbers: Sequence[int]) -> None:
        """Note that these customers have left the source."""
        if numbers:
            query = sa.update(RECORDS).where(RECORDS.c.number.in_(numbers))
            with self.transaction() as connection:
                connection.execute(query.values(seen=DEPARTED))

    def count_damage(self) -> int:
        """Let the database engine check its files; return how many damages it found."""
        with self._connection() as connection:
            return self.store.count_damage(connection)


@contextmanager
def _closed_on_failure(journal: Journal) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(journal.close)
        yield
        stack.pop_all()
