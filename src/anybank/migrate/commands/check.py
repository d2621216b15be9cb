"""Checks the integrity of a journal: what is damaged, and what to do about it.

The check repairs and writes nothing: a person must judge how far a damaged journal can be
trusted about the customers who were moved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

import sqlalchemy as sa
from attrs import frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ...exit_codes import ExitCode
from ..journal.journal import Journal
from ..journal.keys import Key
from ..journal.signed_metadata import is_signed
from ..journal.states import WITH_TARGET_ID, State
from ..journal.tables import FINDINGS, REASONS, RECORDS
from .arguments import AnyPath
from .target.origins import MATCHED

_EXAMPLES = 3
_FACTS = ("migration_id", "source", "source_at", "target", "target_at", "accept_loss")
_RESTORE = (
    "restore journal and key from one earlier copy, then run `anybank migrate adopt`: it "
    "looks up the customers who were sent since"
)
_ADOPT = (
    "put the latest journal back, with its -wal file, mark and key; if it is lost, run "
    "`anybank migrate adopt` before anything is sent"
)
_LOOK = "look these up at the target, and send nothing before each is clear"
_SENT = frozenset({State.IN_FLIGHT, State.UNKNOWN, State.QUARANTINED})
_AT_TARGET = WITH_TARGET_ID | {State.DELETING, State.ROLLED_BACK}

Condition: TypeAlias = sa.ColumnElement[bool]


@frozen(kw_only=True)
class Damage:
    """A damage of a journal, with the source ids of a few records that it affects."""

    problem: str
    count: int
    examples: tuple[str, ...]
    remedy: str


@frozen(kw_only=True)
class Integrity:
    """The result of a check: an intact journal has no damages."""

    journal: str
    records: int
    damages: tuple[Damage, ...]

    @property
    def exit_code(self) -> int:
        """0 for an intact journal, else 1."""
        return ExitCode.FAILED if self.damages else ExitCode.DONE


@guarded
def check(*, journal: AnyPath) -> Integrity:
    """Look for damage in a journal; works at any time, also during a run.

    Raises ConfigurationError for a file that cannot be read as a journal at all.
    """
    with Journal.at(journal) as opened:
        opened.require_readable()
        return Integrity(
            journal=opened.path,
            records=_number(opened, sa.select(sa.func.count()).select_from(RECORDS)),
            damages=tuple(_damages(opened)),
        )


def _damages(journal: Journal) -> Iterator[Damage]:
    yield from _file_damages(journal)
    yield from _copy_damages(journal)
    yield from _metadata_damages(journal)
    yield from _key_damages(journal)
    for problem, condition, remedy in _record_rules():
        yield from _record_damages(journal, problem, condition, remedy)
    for column in (RECORDS.c.promise, RECORDS.c.failure, RECORDS.c.mismatches):
        yield from _json_damages(journal, column)
    yield from _reason_damages(journal)


def _file_damages(journal: Journal) -> Iterator[Damage]:
    """Run the integrity check of the database engine."""
    if count := journal.count_damage():
        yield _damage(f"{journal.store.title} finds it damaged", count, _RESTORE)


def _copy_damages(journal: Journal) -> Iterator[Damage]:
    """Yield why the journal may be an old copy, which commands that write refuse."""
    for doubt in journal.copy_detector.signs():
        problem = f"it may not be the latest: {doubt.reason}"
        yield _damage(problem, 1, _ADOPT)


def _metadata_damages(journal: Journal) -> Iterator[Damage]:
    facts = journal.unverified_metadata()
    missing = [name for name in _FACTS if name not in facts]
    if missing:
        problem = f"its metadata lacks {', '.join(missing)}"
        yield _damage(problem, len(missing), _RESTORE)
    elif (key := _own_key(journal)) and not is_signed(facts, key):
        problem = (
            "a program other than anybank has changed its record of banks, options and "
            "files: the signature of its key does not match"
        )
        yield _damage(problem, 1, _RESTORE)


def _key_damages(journal: Journal) -> Iterator[Damage]:
    try:
        _ = journal.key
    except ConfigurationError as error:
        problem = str(error)
    else:
        return
    yield _damage(
        problem, 1, "put the key of this journal back, readable only by its owner"
    )


def _own_key(journal: Journal) -> Key | None:
    """Return the journal's key, None where it is missing: `_key_damages` reports that."""
    try:
        return journal.key
    except ConfigurationError:
        return None


def _record_rules() -> Iterator[tuple[str, Condition, str]]:
    """Yield conditions that no record of an intact journal meets."""
    state, target = RECORDS.c.state, RECORDS.c.target_id
    promise, failure = RECORDS.c.promise, RECORDS.c.failure
    yield "in an unknown state", state.not_in(State), _RESTORE
    at_target = state.in_(_AT_TARGET)
    without_id = at_target & target.is_(None)
    yield "created at the target, but without a target id", without_id, _LOOK
    # A unique index prevents it, unless another program has written to the file.
    twin = RECORDS.alias()
    other = (twin.c.target_id == target) & (twin.c.number != RECORDS.c.number)
    yield "with the target id of another record", sa.exists().where(other), _LOOK
    not_created = state.not_in(_AT_TARGET) & target.is_not(None)
    yield "not created at the target, but with a target id", not_created, _LOOK
    # an intent is written together with the count of attempts and the expected values
    unsent = state.in_(_SENT) & ((RECORDS.c.attempts < 1) | _is_empty(promise))
    yield "sent, but without an intent", unsent, _RESTORE
    matched = failure.is_not(None) & failure.contains(f'"class": "{MATCHED}"')
    bare = state.in_(WITH_TARGET_ID) & _is_empty(promise) & ~matched
    yield "moved, but without expected values to verify", bare, _RESTORE


def _is_empty(promise: sa.Column[Any]) -> Condition:
    return sa.func.coalesce(promise, "{}") == "{}"


def _record_damages(
    journal: Journal, problem: str, condition: Condition, remedy: str
) -> Iterator[Damage]:
    count = _number(
        journal, sa.select(sa.func.count(RECORDS.c.number)).where(condition)
    )
    if count:
        ids = sa.select(RECORDS.c.source_id).where(condition).order_by(RECORDS.c.number)
        examples = tuple(row[0] for row in journal.query(ids.limit(_EXAMPLES)))
        yield Damage(problem=problem, count=count, examples=examples, remedy=remedy)


def _json_damages(journal: Journal, column: sa.Column[Any]) -> Iterator[Damage]:
    """Parse each text that must be JSON: the engines have no common function for that."""
    texts = sa.select(RECORDS.c.number, RECORDS.c.source_id, column.label("text"))
    broken = [
        row.source_id
        for row in journal.walk(texts.where(column.is_not(None)))
        if not _is_json(row.text)
    ]
    if broken:
        yield Damage(
            problem=f"with an unreadable {column.name}",
            count=len(broken),
            examples=tuple(broken[:_EXAMPLES]),
            remedy=_RESTORE,
        )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _reason_damages(journal: Journal) -> Iterator[Damage]:
    joined = FINDINGS.outerjoin(REASONS, REASONS.c.id == FINDINGS.c.reason).outerjoin(
        RECORDS, RECORDS.c.number == FINDINGS.c.number
    )
    lost = REASONS.c.id.is_(None) | RECORDS.c.number.is_(None)
    query = sa.select(sa.func.count()).select_from(joined).where(lost)
    if count := _number(journal, query):
        yield _damage(
            "reasons without a record, or records without their reason",
            count,
            "plan again, which writes all reasons again",
        )


def _number(journal: Journal, query: sa.Select[Any]) -> int:
    return int(journal.query(query)[0][0])


def _damage(problem: str, count: int, remedy: str) -> Damage:
    return Damage(problem=problem, count=count, examples=(), remedy=remedy)
