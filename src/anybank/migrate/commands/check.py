"""Whether a journal is sound: what is damaged in it, and what to do about that.

Nothing is repaired, and nothing is written: what a damaged journal says of who was moved
is for a person to judge.
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
from ..journal.states import MOVED, State
from ..journal.tables import FINDINGS, REASONS, RECORDS
from .arguments import AnyPath
from .target.origins import MATCHED

_EXAMPLES = 3
_FACTS = ("migration_id", "source", "source_at", "target", "target_at", "accept_loss")
_RESTORE = (
    "restore journal and key from one copy of before, then run `anybank migrate adopt`: it "
    "looks for everybody who was sent since"
)
_ADOPT = (
    "put the latest journal back, with its -wal file, mark and key; if there is none, run "
    "`anybank migrate adopt` before anything is sent"
)
_LOOK = "look for these at the target, and write to nobody before it is clear"
_SENT = frozenset({State.IN_FLIGHT, State.UNKNOWN, State.QUARANTINED})
_AT_TARGET = MOVED | {State.DELETING, State.ROLLED_BACK}

Condition: TypeAlias = sa.ColumnElement[bool]


@frozen(kw_only=True)
class Damage:
    """Something that is not as it must be, with a few ids of whom it is about."""

    problem: str
    count: int
    examples: tuple[str, ...]
    remedy: str


@frozen(kw_only=True)
class Integrity:
    """The outcome of a check: a sound journal has no damages."""

    journal: str
    records: int
    damages: tuple[Damage, ...]

    @property
    def exit_code(self) -> int:
        """0 where the journal is sound, else 1."""
        return ExitCode.FAILED if self.damages else ExitCode.DONE


@guarded
def check(*, journal: AnyPath) -> Integrity:
    """Look for damage in a journal; works at any time, also while another runs.

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
    yield from _of_the_file(journal)
    yield from _of_its_standing(journal)
    yield from _of_the_facts(journal)
    yield from _of_the_key(journal)
    for what, condition, remedy in _rules():
        yield from _of_records(journal, what, condition, remedy)
    for column in (RECORDS.c.promise, RECORDS.c.failure, RECORDS.c.mismatches):
        yield from _of_texts(journal, column)
    yield from _of_findings(journal)


def _of_the_file(journal: Journal) -> Iterator[Damage]:
    """Let the engine look at what it keeps."""
    if count := journal.count_damage():
        yield _damage(f"{journal.store.title} finds it damaged", count, _RESTORE)


def _of_its_standing(journal: Journal) -> Iterator[Damage]:
    """Say why it may not be the latest: no command that writes takes it then."""
    for doubt in journal.copy_detector.doubts():
        what = f"it may not be the latest: {doubt.reason}"
        yield _damage(what, 1, _ADOPT)


def _of_the_facts(journal: Journal) -> Iterator[Damage]:
    facts = journal.unverified_metadata()
    missing = [name for name in _FACTS if name not in facts]
    if missing:
        what = f"it does not say what it is of: no {', '.join(missing)}"
        yield _damage(what, len(missing), _RESTORE)
    elif (key := _own_key(journal)) and not is_signed(facts, key):
        what = (
            "something else than anybank has changed what it says of its banks, options "
            "and files: the signature of its key does not fit"
        )
        yield _damage(what, 1, _RESTORE)


def _of_the_key(journal: Journal) -> Iterator[Damage]:
    try:
        _ = journal.key
    except ConfigurationError as error:
        problem = str(error)
    else:
        return
    yield _damage(problem, 1, "put the key of this journal back, for you alone")


def _own_key(journal: Journal) -> Key | None:
    """Return the key that fits, None where there is none: that is another damage."""
    try:
        return journal.key
    except ConfigurationError:
        return None


def _rules() -> Iterator[tuple[str, Condition, str]]:
    """Yield what must be true of no record."""
    state, target = RECORDS.c.state, RECORDS.c.target_id
    promise, failure = RECORDS.c.promise, RECORDS.c.failure
    yield "of a state that nobody knows", state.not_in(State), _RESTORE
    at_target = state.in_(_AT_TARGET)
    yield "made at the target, but without its id", at_target & target.is_(None), _LOOK
    twin = RECORDS.alias()
    other = (twin.c.target_id == target) & (twin.c.number != RECORDS.c.number)
    yield "with the target id of another", sa.exists().where(other), _LOOK
    unmade = state.not_in(_AT_TARGET) & target.is_not(None)
    yield "not made at the target, but with an id there", unmade, _LOOK
    unsent = state.in_(_SENT) & ((RECORDS.c.attempts < 1) | _is_empty(promise))
    yield "sent, but without an intent", unsent, _RESTORE
    matched = failure.is_not(None) & failure.contains(f'"class": "{MATCHED}"')
    bare = state.in_(MOVED) & _is_empty(promise) & ~matched
    yield "moved, but without a promise to verify", bare, _RESTORE


def _is_empty(promise: sa.Column[Any]) -> Condition:
    return sa.func.coalesce(promise, "{}") == "{}"


def _of_records(
    journal: Journal, problem: str, condition: Condition, remedy: str
) -> Iterator[Damage]:
    count = _number(
        journal, sa.select(sa.func.count(RECORDS.c.number)).where(condition)
    )
    if count:
        ids = sa.select(RECORDS.c.source_id).where(condition).order_by(RECORDS.c.number)
        examples = tuple(row[0] for row in journal.query(ids.limit(_EXAMPLES)))
        yield Damage(problem=problem, count=count, examples=examples, remedy=remedy)


def _of_texts(journal: Journal, column: sa.Column[Any]) -> Iterator[Damage]:
    """Read what is JSON: not every engine can tell whether it is."""
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


def _of_findings(journal: Journal) -> Iterator[Damage]:
    joined = FINDINGS.outerjoin(REASONS, REASONS.c.id == FINDINGS.c.reason).outerjoin(
        RECORDS, RECORDS.c.number == FINDINGS.c.number
    )
    lost = REASONS.c.id.is_(None) | RECORDS.c.number.is_(None)
    query = sa.select(sa.func.count()).select_from(joined).where(lost)
    if count := _number(journal, query):
        yield _damage("reasons of nobody, or none", count, "plan again: it writes them")


def _number(journal: Journal, query: sa.Select[Any]) -> int:
    return int(journal.query(query)[0][0])


def _damage(problem: str, count: int, remedy: str) -> Damage:
    return Damage(problem=problem, count=count, examples=(), remedy=remedy)
