"""The journal: what is known of each record, durable before and after every request.

It holds ids, states, keyed fingerprints and codes, and no personal data. Every change of
state is one transaction, synced to disk, that names the states it may come from.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from ..errors import ConfigurationError
from .states import MOVED, State, before
from .tables import FINDINGS, FOREIGN, META, METADATA, REASONS, RECORDS, SCHEMA

BATCH = 500


@frozen(kw_only=True)
class Record:
    """A line of the journal."""

    number: int
    source_id: str
    state: State
    reference: str | None
    target_id: str | None
    source_print: str | None
    request_print: str | None
    promise: Mapping[str, str]
    failure: Mapping[str, Any]
    attempts: int


@frozen
class Move:
    """A change of state, and what else is known from then on."""

    number: int
    state: State
    known: Mapping[str, Any] = field(factory=dict)
    reasons: Sequence[Reasoned] | None = None


@frozen
class Reasoned:
    """Why a field of a record is not kept as it is: the same for many records."""

    effect: str
    field: str
    rule: str
    message: str
    remedy: str


ReasonIds: TypeAlias = dict[Reasoned, int]


class Journal:
    """A journal in SQLite; raises ConfigurationError for all that keeps it from working.

    `open` one that is there, or `make` one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reason_ids: Mapping[Reasoned, int] = {}
        self._engine = sa.create_engine(f"sqlite:///{path}", hide_parameters=True)
        sa.event.listen(self._engine, "connect", _set_pragmas)

    @classmethod
    def make(cls, path: Path, **facts: object) -> Self:
        """Make an empty journal, for its owner's eyes only: it appears whole or not."""
        unfinished = path.with_name(path.name + ".new")
        unfinished.unlink(missing_ok=True)
        _touch(unfinished)
        with cls(unfinished) as journal:
            with journal._reading() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            with journal._writing() as connection:
                METADATA.create_all(connection)
            journal.set_meta(schema=SCHEMA, **facts)
        unfinished.replace(path)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a journal that is there and is one."""
        if not path.is_file():
            raise ConfigurationError(
                f"there is no journal {path}: `anybank migrate plan` makes one"
            )
        journal = cls(path)
        try:
            journal._require_schema()
        except BaseException:
            journal.close()
            raise
        return journal

    def _require_schema(self) -> None:
        with self._reading() as connection:
            tables = sa.inspect(connection).get_table_names()
            found = self.meta("schema") if META.name in tables else None
        if found is None or not found.isdigit():
            raise ConfigurationError(f"{self.path} {FOREIGN}")
        if int(found) > SCHEMA:
            raise ConfigurationError(
                f"the journal {self.path} was made by a newer anybank (schema {found}, "
                f"this one knows {SCHEMA}): upgrade anybank"
            )

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with _told_clearly(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with _told_clearly(self.path), self._engine.connect() as connection:
            yield connection

    def meta(self, name: str) -> str | None:
        """Return a fact about the migration, None where it is not known."""
        query = sa.select(META.c.value).where(META.c.name == name)
        with self._reading() as connection:
            found: str | None = connection.scalar(query)
        return found

    def set_meta(self, **facts: object) -> None:
        """Keep facts about the migration, all or none."""
        rows = [{"name": name, "value": str(value)} for name, value in facts.items()]
        insert = sqlite.insert(META)
        upsert = insert.on_conflict_do_update(
            index_elements=[META.c.name], set_={"value": insert.excluded.value}
        )
        with self._writing() as connection:
            connection.execute(upsert, rows)

    def move(self, moves: Sequence[Move]) -> None:
        """Change states in one durable transaction: all, or none.

        Raises ConfigurationError where a record is not in a state that allows it.
        """
        reason_ids = dict(self._reason_ids)
        with self._writing() as connection:
            for move in moves:
                _move(connection, move, reason_ids)
        self._reason_ids = reason_ids

    def recover(self) -> int:
        """Turn what was in flight when a run died into unknown; return how many."""
        query = sa.update(RECORDS).where(RECORDS.c.state == State.IN_FLIGHT)
        with self._writing() as connection:
            changed = connection.execute(query.values(state=State.UNKNOWN))
        return changed.rowcount

    def add(self, source_ids: Sequence[str], seen: int) -> Mapping[str, Record]:
        """Note that the source has these ids, and return their records.

        New ones are blocked until a certificate says otherwise.
        """
        rows = [
            {"source_id": each, "state": State.BLOCKED, "seen": seen, "attempts": 0}
            for each in source_ids
        ]
        insert = sqlite.insert(RECORDS)
        upsert = insert.on_conflict_do_update(
            index_elements=[RECORDS.c.source_id], set_={"seen": insert.excluded.seen}
        )
        mine = sa.select(RECORDS).where(RECORDS.c.source_id.in_(source_ids))
        with self._writing() as connection:
            connection.execute(upsert, rows)
            return {row.source_id: _record(row) for row in connection.execute(mine)}

    def records(
        self, states: Collection[State], *, newest_first: bool = False
    ) -> Iterator[Record]:
        """Yield the records in some states, in the order of the plan, batch by batch.

        Each is seen once, whatever changes meanwhile.
        """
        # backwards the numbers are taken as negative, from below them all
        number = -RECORDS.c.number if newest_first else RECORDS.c.number
        last = -sys.maxsize
        while True:
            query = (
                sa.select(RECORDS)
                .where(RECORDS.c.state.in_(states), number > last)
                .order_by(number)
                .limit(BATCH)
            )
            with self._reading() as connection:
                rows = connection.execute(query).all()
            yield from map(_record, rows)
            if len(rows) < BATCH:
                return
            last = -rows[-1].number if newest_first else rows[-1].number

    def counts(self) -> dict[State, int]:
        """Count the records in each state."""
        counting = sa.select(RECORDS.c.state, sa.func.count())
        with self._reading() as connection:
            found = {
                State(state): number
                for state, number in connection.execute(
                    counting.group_by(RECORDS.c.state)
                )
            }
        return {state: found.get(state, 0) for state in State}

    def count_seen(self, seen: int) -> int:
        """Count the ids that a plan found at the source."""
        query = sa.select(sa.func.count()).where(RECORDS.c.seen == seen)
        with self._reading() as connection:
            return connection.scalar(query) or 0

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the source id and the target id of every record that was moved."""
        for record in self.records(MOVED):
            yield record.source_id, record.target_id or ""

    def owner_of(self, target_id: str) -> str | None:
        """Return the source id that a target id belongs to, None where it is free."""
        query = sa.select(RECORDS.c.source_id).where(RECORDS.c.target_id == target_id)
        with self._reading() as connection:
            found: str | None = connection.scalar(query)
        return found

    def query(self, statement: sa.Select[Any]) -> list[sa.Row[Any]]:
        """Return the rows of a query, for the summary."""
        with self._reading() as connection:
            return list(connection.execute(statement))


def _move(connection: sa.Connection, move: Move, reason_ids: ReasonIds) -> None:
    allowed = RECORDS.c.state.in_(before(move.state))
    query = sa.update(RECORDS).where(RECORDS.c.number == move.number, allowed)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    known = {name: _written(value) for name, value in move.known.items()}
    changed = connection.execute(
        query.values(state=move.state, changed_at=now, **known)
    )
    if changed.rowcount != 1:
        raise ConfigurationError(
            f"record {move.number} cannot become {move.state}: the journal was changed "
            "by someone else"
        )
    if move.reasons is not None:
        _explain(connection, move.number, move.reasons, reason_ids)


def _written(value: Any) -> Any:
    is_json = isinstance(value, (Mapping, list, tuple))
    return json.dumps(value, sort_keys=True) if is_json else value


def _explain(
    connection: sa.Connection,
    number: int,
    reasons: Sequence[Reasoned],
    reason_ids: ReasonIds,
) -> None:
    """Replace the reasons of a record; what the few reasons are called is remembered."""
    for reason in reasons:
        if reason not in reason_ids:
            reason_ids[reason] = _reason_id(connection, reason)
    connection.execute(sa.delete(FINDINGS).where(FINDINGS.c.number == number))
    ids = {reason_ids[reason] for reason in reasons}
    if ids:
        rows = [{"number": number, "reason": each} for each in sorted(ids)]
        connection.execute(sa.insert(FINDINGS), rows)


def _reason_id(connection: sa.Connection, reason: Reasoned) -> int:
    values = {
        "effect": reason.effect,
        "field": reason.field,
        "rule": reason.rule,
        "message": reason.message,
        "remedy": reason.remedy,
    }
    same = [REASONS.c[name] == value for name, value in values.items()]
    found: int | None = connection.scalar(sa.select(REASONS.c.id).where(*same))
    if found is not None:
        return found
    made = connection.execute(sa.insert(REASONS).values(values)).inserted_primary_key
    return int(made[0]) if made else 0


def _record(row: sa.Row[Any]) -> Record:
    return Record(
        number=row.number,
        source_id=row.source_id,
        state=State(row.state),
        reference=row.reference,
        target_id=row.target_id,
        source_print=row.source_print,
        request_print=row.request_print,
        promise=json.loads(row.promise or "{}"),
        failure=json.loads(row.failure or "{}"),
        attempts=row.attempts,
    )


def _set_pragmas(connection: Any, _: object) -> None:
    """Sync at every commit: an intent is on the disk, or its request does not leave."""
    for pragma in ("busy_timeout=30000", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _touch(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        failed = error.strerror
    else:
        return
    raise ConfigurationError(f"the journal {path} cannot be made: {failed}")


_FAILURES = {
    "unique": "two records would have one target id: run `anybank migrate apply` again",
    "full": "the disk is full: make room, then run the same command again",
    "not a database": FOREIGN,
    "malformed": "is damaged: restore it from a copy, with its -wal file and key",
    "readonly": "cannot be written: check its permissions and those of its directory",
    "locked": "is held by another program: close it, then run the command again",
    "unable to open": "cannot be opened: check its permissions",
    "disk i/o": "cannot be written: the disk fails or is full; nothing is lost so far",
}


@contextmanager
def _told_clearly(path: Path) -> Iterator[None]:
    """Turn a failure of the database into one line that says what to do."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).lower()
        what = next((text for sign, text in _FAILURES.items() if sign in said), None)
        failed = what or f"failed ({type(error.orig).__name__})"
    except OSError as error:
        failed = f"failed ({error.strerror})"
    else:
        return
    raise ConfigurationError(f"the journal {path}: {failed}")
