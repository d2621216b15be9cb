"""Records what a person found out about records that no look-up can settle.

A resolution says that a record's customer is at the target, under an id, or is absent. The
customer under the id is read at the target and compared with the record first. A file of
resolutions is recorded as a whole or not at all. A resolution can be corrected until its
record is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from attrs import frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..certify.row_file import ID, Row, RowFile
from ..event_loop import run
from ..journal.journal import Journal
from ..journal.records import Record
from ..journal.run_log import run_logged
from ..journal.states import State
from ..journal.tables import RECORDS
from ..journal.transitions import Transition
from ..migration import SideLike, reopen_side
from ..side import Side
from .arguments import AnyPath
from .planning.readiness import NEW_KEY
from .summaries.summary import Summary, summarise
from .target.origins import ABSENT, PERSON, is_by_person, matched_facts
from .target.resolution_check import CandidateChecker, TargetCandidate

RowError: TypeAlias = Callable[[str, str], ConfigurationError]
"""Creates the error for a column and its problem."""

WORDS = ("exists", "absent")
PLACEHOLDER = "TARGET_ID"
"""Stands for the id in a command line that a person must complete."""
_UNRESOLVED = frozenset({State.QUARANTINED, State.AMBIGUOUS, State.DENIED})
_CORRECTED = frozenset({State.READY, State.CREATED, State.MISMATCHED})
_ONE_OF = (
    "resolve needs a record (source_id) with exists=TARGET_ID or absent, or csv, a file of "
    "resolutions"
)
_MAX_ERRORS = 10
"""How many refused rows of a file an error names."""


@frozen
class Resolution:
    """What a person recorded; `target_id` is None for a customer that is absent."""

    source_id: str
    target_id: str | None
    error: RowError


@frozen
class ResolvedRecord:
    """A resolution with its record, which still has its earlier target id."""

    resolution: Resolution
    record: Record

    @property
    def is_correction(self) -> bool:
        """True where a person resolved the record before."""
        return self.record.state not in _UNRESOLVED


@guarded
@run_logged
def resolve(
    *,
    journal: AnyPath,
    target: SideLike | None = None,
    source_id: str | None = None,
    exists: str | None = None,
    absent: bool = False,
    csv: AnyPath | None = None,
    force: bool = False,
) -> Summary:
    """Record that a customer `exists` at the target under an id, or is `absent` there.

    `csv` is a file with the columns `source_id,verdict,target_id`, where the verdict is
    `exists` or `absent`. A customer that exists is read at the target first, and refused
    where the name, the date of birth or the last four digits of the SSN differ from the
    record; `force` records it nevertheless, and every summary says so. The record is then
    verified like any other, and a rollback never deletes its customer. The next `apply`
    sends a customer that is absent. A resolution can be corrected until its record is
    verified.

    Raises ConfigurationError and records nothing for a record that does not wait for a
    person, for an id that another record has, and for an id that the target does not have.
    """
    is_single = source_id is not None and (exists is not None) != absent
    is_file = csv is not None and (source_id, exists, absent) == (None, None, False)
    if not (is_file or (is_single and csv is None)):
        raise ConfigurationError(_ONE_OF)
    with (
        Journal.open_locked(journal) as opened,
        _resolutions(csv, source_id or "", exists) as resolutions,
    ):
        resolved = _resolved_records(opened, resolutions)
        forced = _compare(opened, target, resolved, force=force)
        _record(opened, resolved, forced)
        return summarise(
            opened,
            "resolve",
            resolved=len(resolved),
            corrected=sum(item.is_correction for item in resolved),
            forced=len(forced),
        )


@contextmanager
def _resolutions(
    csv: AnyPath | None, source_id: str, exists: str | None
) -> Iterator[Iterable[Resolution]]:
    if csv is None:
        yield [Resolution(source_id, exists, _error)]
        return
    rows = RowFile(Path(csv), ("verdict", "target_id"))
    try:
        yield (_resolution(rows, line, row) for line, row in rows.index())
    finally:
        rows.close()


def _error(column: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"the {column} {problem}; nothing was recorded")


def _resolution(rows: RowFile, line: int, row: Row) -> Resolution:
    def error(column: str, problem: str) -> ConfigurationError:
        return rows.wrong(line, column, f"{problem}; nothing was recorded")

    word, target_id = row.get("verdict"), row.get("target_id")
    if word not in WORDS:
        raise error("verdict", f"must be {' or '.join(WORDS)}")
    if not isinstance(target_id, str | None):
        raise error("target_id", "is not a text")
    if (word == "exists") != (target_id is not None):
        problem = (
            "is empty" if word == "exists" else "is present, but the verdict is absent"
        )
        raise error("target_id", problem)
    return Resolution(str(row[ID]), target_id, error)


def _resolved_records(
    journal: Journal, resolutions: Iterable[Resolution]
) -> Sequence[ResolvedRecord]:
    """Return the resolutions with their records; raise for one that is not allowed."""
    resolved = [
        ResolvedRecord(resolution, _record_of(journal, resolution))
        for resolution in resolutions
    ]
    # Two people who were mixed up are corrected in one file: each id is free as soon as
    # its record is resolved again.
    released = {item.record.target_id for item in resolved}
    used: set[str] = set()
    for item in resolved:
        if item.resolution.target_id is not None:
            _require_free(journal, item.resolution, used, released)
            used.add(item.resolution.target_id)
    return resolved


def _record_of(journal: Journal, resolution: Resolution) -> Record:
    query = sa.select(RECORDS).where(RECORDS.c.source_id == resolution.source_id)
    rows = journal.query(query)
    if not rows:
        raise resolution.error(ID, "is not in the journal")
    record = Record.of(rows[0])
    by_person = record.state in _CORRECTED and is_by_person(record.failure)
    if record.state in _UNRESOLVED or by_person:
        return record
    raise resolution.error(ID, f"does not wait for a person: it is {record.state}")


def _require_free(
    journal: Journal, resolution: Resolution, used: set[str], released: set[str | None]
) -> None:
    """Raise for an empty id, and for an id that the journal or this file has already."""
    target_id = resolution.target_id or ""
    if not target_id.strip():
        raise resolution.error("target_id", "is empty")
    if target_id == PLACEHOLDER:
        raise resolution.error("target_id", f"must replace {PLACEHOLDER}")
    is_owned = target_id not in released and journal.owner_of(target_id)
    if target_id in used or is_owned:
        raise resolution.error("target_id", "belongs to another record")


def _compare(
    journal: Journal,
    target: SideLike | None,
    resolved: Sequence[ResolvedRecord],
    *,
    force: bool,
) -> Mapping[int, Sequence[str]]:
    """Read the customers at the target; return the fields that differ per record.

    Raises ConfigurationError for ids that the target does not have, and for customers that
    are another person, unless `force` is set.
    """
    candidates = [
        TargetCandidate(item.record, item.resolution.target_id)
        for item in resolved
        if item.resolution.target_id is not None
    ]
    if not candidates:
        return {}
    side: Side = reopen_side(journal, "target", target)
    problems = run(CandidateChecker(side, journal.key).compare_all(candidates))
    errors = [
        item.resolution.error("target_id", problem.problem)
        for item in resolved
        if (problem := problems.get(item.record.number))
        and not (force and problem.can_be_forced)
    ]
    if errors:
        raise _one_error(errors)
    return {number: problem.fields for number, problem in problems.items()}


def _one_error(errors: Sequence[ConfigurationError]) -> ConfigurationError:
    """Return one error for all refused resolutions, with the first of them in full."""
    if len(errors) == 1:
        return errors[0]
    shown = [str(error) for error in errors[:_MAX_ERRORS]]
    more = len(errors) - len(shown)
    rest = f"\n{more} more are refused" if more else ""
    return ConfigurationError("\n".join(shown) + rest)


def _record(
    journal: Journal,
    resolved: Sequence[ResolvedRecord],
    forced: Mapping[int, Sequence[str]],
) -> None:
    """Record all resolutions, those that correct earlier ones as well."""
    released = [
        Transition(
            item.record.number, State.AMBIGUOUS, {"target_id": None, "mismatches": None}
        )
        for item in resolved
        if item.is_correction
    ]
    final = [_transition(item, forced.get(item.record.number)) for item in resolved]
    # One transaction. The ids are unique, so all are released before the first is used.
    journal.write([*released, *final])


def _transition(resolved: ResolvedRecord, forced: Sequence[str] | None) -> Transition:
    """Return the transition of a resolved record."""
    number, target_id = resolved.record.number, resolved.resolution.target_id
    # A denied person had an id, and the reason for the denial.
    cleared = {"target_id": None, "mismatches": None}
    if target_id is None:
        is_denied = resolved.record.state is State.DENIED
        absent = {
            "class": ABSENT,
            "by": PERSON,
            **({NEW_KEY: True} if is_denied else {}),
        }
        return Transition(number, State.READY, {**cleared, "failure": absent})
    facts: dict[str, Any] = dict(matched_facts(PERSON))
    if forced is not None:
        facts["forced"] = sorted(forced)
    known = {**cleared, "target_id": target_id, "failure": facts}
    return Transition(number, State.CREATED, known)
