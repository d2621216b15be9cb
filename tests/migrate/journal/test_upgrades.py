"""A journal of an older version is opened, upgraded, and loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.migrate.moving import Moving, bond_to_sonder
from tests.migrate.postgres import Server

from anybank import ConfigurationError, migrate
from anybank.migrate.journal.journal import Journal
from anybank.migrate.journal.tables import BATCHES, SCHEMA

VERSION_1 = """
CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
CREATE TABLE records (
    number INTEGER NOT NULL, source_id VARCHAR NOT NULL, state VARCHAR NOT NULL,
    seen INTEGER NOT NULL, reference VARCHAR, target_id VARCHAR, source_print VARCHAR,
    request_print VARCHAR, promise VARCHAR, failure VARCHAR, mismatches VARCHAR,
    attempts INTEGER NOT NULL, changed_at VARCHAR,
    PRIMARY KEY (number), UNIQUE (source_id), UNIQUE (target_id));
CREATE INDEX records_by_plan ON records (seen);
CREATE INDEX records_by_state ON records (state, number);
CREATE TABLE reasons (
    id INTEGER NOT NULL, effect VARCHAR NOT NULL, field VARCHAR NOT NULL,
    rule VARCHAR NOT NULL, message VARCHAR NOT NULL, remedy VARCHAR NOT NULL,
    PRIMARY KEY (id), UNIQUE (effect, field, rule, message, remedy));
CREATE TABLE findings (
    number INTEGER NOT NULL, reason INTEGER NOT NULL, PRIMARY KEY (number, reason),
    FOREIGN KEY(number) REFERENCES records (number),
    FOREIGN KEY(reason) REFERENCES reasons (id)) WITHOUT ROWID;
CREATE INDEX findings_by_reason ON findings (reason, number);
"""
"""The tables as version 1 made them; these words do not change."""


def aged(path: Path) -> None:
    """Change a journal back into one of version 1."""
    with closing(sqlite3.connect(path.with_name("old.db"))) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.executescript(VERSION_1)
        old.execute("ATTACH ? AS now", [str(path)])
        for table in ("meta", "records", "reasons", "findings"):
            old.execute(f"INSERT INTO {table} SELECT * FROM now.{table}")  # noqa: S608
        old.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
        old.commit()
    for tail in ("-wal", "-shm"):
        path.with_name(path.name + tail).unlink(missing_ok=True)
    path.with_name("old.db").replace(path)


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    """Return a half applied migration of version 1."""
    moving = bond_to_sonder(tmp_path, 4)
    moving.plan()
    moving.crash_at(18, concurrency=1)
    aged(moving.journal)
    return moving


def tables(path: Path) -> Mapping[str, str]:
    """Return the database's description of its tables, without spaces."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql NOTNULL")
        return {name: "".join(sql.split()) for name, sql in rows}


def test_an_older_journal_is_read_as_it_is(moving: Moving) -> None:
    """A command that only reads changes nothing, and reports every state."""
    before = moving.journal.read_bytes()
    summary = migrate.status(journal=moving.journal)
    assert summary.counts["created"] >= 1
    assert migrate.check(journal=moving.journal).damages == ()
    with Journal.open(moving.journal) as journal:
        assert journal.throughput() == ()
    assert moving.journal.read_bytes() == before


def test_the_first_writer_brings_it_up_to_date(moving: Moving) -> None:
    """Every outcome stays, and the run continues."""
    walked = moving.crosswalk()
    summary = moving.apply()
    assert walked.items() <= moving.crosswalk().items()
    assert summary.counts["created"] + summary.counts["quarantined"] == 4
    with Journal.open(moving.journal) as journal:
        assert journal.metadata_value("schema") == str(SCHEMA)
        assert sum(item.count for item in journal.throughput()) > 0


def test_it_becomes_what_a_new_one_is(moving: Moving, tmp_path: Path) -> None:
    """An upgraded journal has exactly the tables and indexes of a new one."""
    Journal.create(tmp_path / "new.db").close()
    moving.apply()
    assert tables(moving.journal) == tables(tmp_path / "new.db")


def test_a_crash_during_an_upgrade_leaves_the_old_version(moving: Moving) -> None:
    """The journal has the old version or the new one, and nothing between."""
    before = tables(moving.journal)
    moving.crash_at(1)
    assert tables(moving.journal) == before
    assert moving.apply().counts["ready"] == 0


def test_a_failed_upgrade_leaves_the_old_one(moving: Moving) -> None:
    """Where one step fails, no step is committed."""
    with closing(sqlite3.connect(moving.journal)) as database:
        database.execute("CREATE INDEX records_by_reference ON records (state)")
    before = tables(moving.journal)
    with pytest.raises(ConfigurationError):
        moving.apply()
    assert tables(moving.journal) == before
    assert "throughput" not in before


_VERSION_4 = """
CREATE INDEX records_by_plan ON {0}.records (seen);
ALTER TABLE {0}.records ALTER COLUMN number TYPE INTEGER;
DROP TABLE {0}.throughput, {0}.batches, {0}.workers, {0}.pauses, {0}.rates;
CREATE TABLE {0}.throughput (minute VARCHAR NOT NULL, state VARCHAR NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (minute, state));
CREATE TABLE {0}.batches (first INTEGER NOT NULL, last INTEGER NOT NULL,
    token INTEGER NOT NULL, holder VARCHAR, deadline FLOAT, PRIMARY KEY (first));
INSERT INTO {0}.throughput VALUES ('2026-11-21T08:20Z', 'created', 7);
INSERT INTO {0}.batches VALUES (1, 200, 3, 'process 1@host', NULL);
UPDATE {0}.meta SET value = '4' WHERE name = 'schema';
"""
"""What makes version 4 of a journal in PostgreSQL; these words do not change."""


def test_a_journal_in_postgresql_is_upgraded(server: Server, url: str) -> None:
    """Batches and counts stay, and record numbers may become longer."""
    with Journal.create(url, plan=0) as journal:
        schema = journal.store.schema
    server.sql(_VERSION_4.format(schema))
    with Journal.open_locked(url) as journal:
        assert journal.is_current
        assert [tick.count for tick in journal.throughput()] == [7]
        (batch,) = journal.query(sa.select(BATCHES))
        assert (batch.first, batch.last, batch.token) == (1, 200, 3)
    (kind,) = server.sql(
        "SELECT data_type FROM information_schema.columns "  # noqa: S608  # a schema of our own
        f"WHERE table_schema = '{schema}' AND table_name = 'records' "
        "AND column_name = 'number'"
    )
    assert str(kind[0]) == "bigint"
