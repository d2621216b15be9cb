"""The tables of the journal; later versions read them, so their meaning is fixed.

The rows of `meta` are `schema migration_id source target accept_loss supplement
supplement_sha256 key_check plan plan_checksum irreversible inventory limit`, and the
`signature` of all of them (see `signed_metadata`). A table that changes here needs a step
in `upgrades`, and a test compares the result of the steps with these tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

SCHEMA = 5
"""The version of the tables; a journal with a newer one is refused."""

METADATA = sa.MetaData()

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""The number of a record.

SQLite assigns numbers by itself only to an INTEGER PRIMARY KEY, which has 64 bits as well.
"""


def _updated_in_place(percent: int) -> dict[str, Any]:
    """Return the options of a table whose pages PostgreSQL fills only to a percentage.

    PostgreSQL writes an updated row to a new place. With room in the page, and no change
    of an indexed column, the new row stays in its page and needs no new index entries
    (https://www.postgresql.org/docs/current/storage-hot.html).
    """
    return {"postgresql_with": {"fillfactor": percent}}


META = sa.Table(
    "meta",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

RECORDS = sa.Table(
    "records",
    METADATA,
    sa.Column("number", _NUMBER, primary_key=True),
    sa.Column("source_id", sa.String, nullable=False, unique=True),
    sa.Column("state", sa.String, nullable=False),
    # the last plan that found the customer at the source
    sa.Column("seen", sa.Integer, nullable=False),
    # our reference at the target, by which a create with a lost response is found
    sa.Column("reference", sa.String),
    sa.Column("target_id", sa.String, unique=True),
    # fingerprints: of the customer at the source, and of the request to the target
    sa.Column("source_print", sa.String),
    sa.Column("request_print", sa.String),
    # JSON: by field, the fingerprint of the value that the target is expected to return
    sa.Column("promise", sa.String),
    # JSON: class, code, status, outcome and fields of the last failure; for a customer
    # who was already at the target, how they were recognised
    sa.Column("failure", sa.String),
    # JSON: the fields that differed from the expectation
    sa.Column("mismatches", sa.String),
    # how many times a request was about to be sent
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("changed_at", sa.String),
    sa.Index("records_by_state", "state", "number"),
    sa.Index("records_by_reference", "reference"),
    **_updated_in_place(50),
)

REASONS = sa.Table(
    "reasons",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("effect", sa.String, nullable=False),
    sa.Column("field", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("message", sa.String, nullable=False),
    sa.Column("remedy", sa.String, nullable=False),
    sa.UniqueConstraint("effect", "field", "rule", "message", "remedy"),
)

FINDINGS = sa.Table(
    "findings",
    METADATA,
    sa.Column("number", sa.ForeignKey("records.number"), primary_key=True),
    sa.Column("reason", sa.ForeignKey("reasons.id"), primary_key=True),
    sa.Index("findings_by_reason", "reason", "number"),
    sqlite_with_rowid=False,
)

THROUGHPUT = sa.Table(
    "throughput",
    METADATA,
    # the minute in UTC, as 2026-11-21T08:20Z
    sa.Column("minute", sa.String, primary_key=True),
    sa.Column("state", sa.String, primary_key=True),
    # the worker that counted: each has rows of its own, so that no worker waits for another
    sa.Column("worker", sa.String, primary_key=True),
    # how many records entered the state in that minute
    sa.Column("count", sa.Integer, nullable=False),
    **_updated_in_place(50),
)

BATCHES = sa.Table(
    "batches",
    METADATA,
    # the numbers of the first and the last record
    sa.Column("first", _NUMBER, primary_key=True, autoincrement=False),
    sa.Column("last", _NUMBER, nullable=False),
    # how many leases there were: a worker with an earlier token can write nothing
    sa.Column("token", sa.Integer, nullable=False),
    sa.Column("holder", sa.String),
    # When the lease ends, in seconds by the engine's clock, since the clocks of the
    # workers may differ; null without a lease.
    sa.Column("deadline", sa.Float),
    # the work that is left in it: apply, look_up, verify or rollback; null for none
    sa.Column("task", sa.String),
    # when a worker may claim it, in seconds by the engine's clock; null for now
    sa.Column("available_at", sa.Float),
    **_updated_in_place(50),
)

sa.Index(
    "batches_by_task",
    BATCHES.c.task,
    BATCHES.c.first,
    sqlite_where=BATCHES.c.task.is_not(None),
    postgresql_where=BATCHES.c.task.is_not(None),
)

WORKERS = sa.Table(
    "workers",
    METADATA,
    # as in batches.holder and throughput.worker
    sa.Column("name", sa.String, primary_key=True),
    # how many records it handles concurrently
    sa.Column("concurrency", sa.Integer, nullable=False),
    # in seconds by the engine's clock
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("heartbeat_at", sa.Float, nullable=False),
    # working, paused, draining or ended
    sa.Column("status", sa.String, nullable=False),
    **_updated_in_place(50),
)

PAUSES = sa.Table(
    "pauses",
    METADATA,
    # always 1: the row is there while workers must not claim a batch
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("paused_at", sa.String, nullable=False),
    sa.Column("operator", sa.String, nullable=False),
)

RATES = sa.Table(
    "rates",
    METADATA,
    # the bank whose rate limit it is: source or target
    sa.Column("name", sa.String, primary_key=True),
    # the next free slot, and until when no call may start, by the engine's clock
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("held_until", sa.Float, nullable=False),
    **_updated_in_place(50),
)

IDENTITIES = sa.Table(
    "identities",
    METADATA,
    sa.Column("number", sa.ForeignKey("records.number"), primary_key=True),
    # a field that two people should not share, such as an SSN
    sa.Column("kind", sa.String, primary_key=True),
    # the keyed fingerprint of the value, equal for all who share it
    sa.Column("print", sa.String, nullable=False),
    sa.Index("identities_by_print", "kind", "print", "number"),
)

EXCLUSIONS = sa.Table(
    "exclusions",
    METADATA,
    # a customer of the source who is never moved
    sa.Column("source_id", sa.String, primary_key=True),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("number", sa.ForeignKey("records.number"), primary_key=True),
    sa.Column("at", sa.String, primary_key=True),
    # distinguishes the events of a record in one transaction
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    # JSON: class, code and status of an error of the target
    sa.Column("failure", sa.String),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("command", sa.String, nullable=False),
    sa.Column("operator", sa.String, nullable=False),
    sa.Column("started_at", sa.String, nullable=False),
    sa.Column("ended_at", sa.String),
    # done, stopped, interrupted or failed; null while it runs or if it was killed
    sa.Column("outcome", sa.String),
)

OPENINGS = sa.Table(
    "openings",
    METADATA,
    # random, and also in the mark (see `high_water_mark`)
    sa.Column("name", sa.String, primary_key=True),
    # their order; workers that open the journal together may share a number
    sa.Column("number", sa.Integer, nullable=False),
    # JSON: machine, path and inode; or server, database and schema
    sa.Column("place", sa.String, nullable=False),
    sa.Column("opened_at", sa.String, nullable=False),
    # how many changes of state the opening has written
    sa.Column("changes", sa.Integer, nullable=False),
    **_updated_in_place(50),
)
