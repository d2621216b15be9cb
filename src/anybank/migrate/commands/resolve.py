"""What a person found out about records that no look-up settles.

A verdict says that a record's customer is at the target, under an id, or is not. The id is
read there and compared with the record before it is believed. Verdicts are recorded all or
none, and each can be corrected until its record is verified.
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
from .summaries.summary import Summary, summarise
from .target.origins import ABSENT, PERSON, is_by_person, matched_facts
from .target.resolution_check import CandidateChecker, TargetCandidate

Complaint: TypeAlias = Callable[[str, str], ConfigurationError]
"""Takes a column and what is wrong with it."""

WORDS = ("exists", "absent")
PLACEHOLDER = "TARGET_ID"
"""What a command that is to be completed has for the id: it is nobody's."""
_JUDGED = frozenset({State.QUARANTINED, State.AMBIGUOUS})
_CORRECTED = frozenset({State.READY, State.CREATED, State.MISMATCHED})
_ONE_OF = (
    "say of which record (source_id) and what: exists=TARGET_ID or absent; or give "
    "csv, a file of verdicts"
)
_SHOWN = 10
"""So many refused rows of a file are named."""


@frozen
class Resolution:
    """A verdict; `target_id` is None where the customer is not at the target."""

    source_id: str
    target_id: str | None
    wrong: Complaint


@frozen
class ResolvedRecord:
    """A verdict and its record; the record's id at the target is that of before."""

    verdict: Resolution
    record: Record

    @property
    def is_correction(self) -> bool:
        """True where a person has given a verdict on the record before."""
        return self.record.state not in _JUDGED


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
    """Record what a person found: the customer `exists` at the target, or is `absent`.

    `csv` is a file of many verdicts: `source_id,verdict,target_id`, where the verdict is
    `exists` or `absent`. A customer that exists is read at the target first, and refused
    where the name, the birth date or the last four digits of the SSN are not those of the
    record; `force` records it nevertheless, and the summary says so. It is verified like
    any other, and never deleted by a rollback; one that is absent is sent by the next
    apply. A verdict can be corrected until its record is verified.

    Raises ConfigurationError, and records nothing, for a record that waits for no verdict,
    and for an id that another record has, or that is not at the target.
    """
    alone = source_id is not None and (exists is not None) != absent
    many = csv is not None and (source_id, exists, absent) == (None, None, False)
    if not (many or (alone and csv is None)):
        raise ConfigurationError(_ONE_OF)
    with (
        Journal.open_locked(journal) as opened,
        _given(csv, source_id or "", exists) as verdicts,
    ):
        judged = _judged(opened, verdicts)
        forced = _compared(opened, target, judged, force=force)
        _record(opened, judged, forced)
        return summarise(
            opened,
            "resolve",
            resolved=len(judged),
            corrected=sum(each.is_correction for each in judged),
            forced=len(forced),
        )


@contextmanager
def _given(
    csv: AnyPath | None, source_id: str, exists: str | None
) -> Iterator[Iterable[Resolution]]:
    if csv is None:
        yield [Resolution(source_id, exists, _wrong)]
        return
    rows = RowFile(Path(csv), ("verdict", "target_id"))
    try:
        yield (_verdict(rows, line, row) for line, row in rows.index())
    finally:
        rows.close()


def _wrong(column: str, problem: str) -> ConfigurationError:
    return ConfigurationError(f"the {column} {problem}; nothing was recorded")


def _verdict(rows: RowFile, line: int, row: Row) -> Resolution:
    def wrong(column: str, problem: str) -> ConfigurationError:
        return rows.wrong(line, column, f"{problem}; nothing was recorded")

    word, target_id = row.get("verdict"), row.get("target_id")
    if word not in WORDS:
        raise wrong("verdict", f"must be {' or '.join(WORDS)}")
    if not isinstance(target_id, str | None):
        raise wrong("target_id", "is not a text")
    if (word == "exists") != (target_id is not None):
        needs = (
            "is empty" if word == "exists" else "is given, but the verdict is absent"
        )
        raise wrong("target_id", needs)
    return Resolution(str(row[ID]), target_id, wrong)


def _judged(
    journal: Journal, verdicts: Iterable[Resolution]
) -> Sequence[ResolvedRecord]:
    """Return each verdict with its record, once it is clear that it may have one."""
    judged = [ResolvedRecord(each, _record_of(journal, each)) for each in verdicts]
    released = {each.record.target_id for each in judged}
    taken: set[str] = set()
    for each in judged:
        if each.verdict.target_id is not None:
            _require_free(journal, each.verdict, taken, released)
            taken.add(each.verdict.target_id)
    return judged


def _record_of(journal: Journal, verdict: Resolution) -> Record:
    query = sa.select(RECORDS).where(RECORDS.c.source_id == verdict.source_id)
    rows = journal.query(query)
    if not rows:
        raise verdict.wrong(ID, "is not in the journal")
    record = Record.of(rows[0])
    by_person = record.state in _CORRECTED and is_by_person(record.failure)
    if record.state in _JUDGED or by_person:
        return record
    raise verdict.wrong(ID, f"waits for no verdict: it is {record.state}")


def _require_free(
    journal: Journal, verdict: Resolution, taken: set[str], released: set[str | None]
) -> None:
    """Refuse an empty id, and one that the journal or this file has already."""
    target_id = verdict.target_id or ""
    if not target_id.strip():
        raise verdict.wrong("target_id", "is empty")
    if target_id == PLACEHOLDER:
        raise verdict.wrong("target_id", f"is to stand where {PLACEHOLDER} stands")
    is_owned = target_id not in released and journal.owner_of(target_id)
    if target_id in taken or is_owned:
        raise verdict.wrong("target_id", "belongs to another record")


def _compared(
    journal: Journal,
    target: SideLike | None,
    judged: Sequence[ResolvedRecord],
    *,
    force: bool,
) -> Mapping[int, Sequence[str]]:
    """Read whom the verdicts name; return what differs, by the number of the record.

    Raises ConfigurationError for the ids that are not there, and for other people unless
    a person forces it.
    """
    claims = {
        each.record.number: TargetCandidate(each.record, each.verdict.target_id)
        for each in judged
        if each.verdict.target_id is not None
    }
    if not claims:
        return {}
    side: Side = reopen_side(journal, "target", target)
    doubts = run(CandidateChecker(side, journal.key).compare_all(claims.values()))
    refused = [
        each.verdict.wrong("target_id", doubt.problem)
        for each in judged
        if (doubt := doubts.get(each.record.number))
        and not (force and doubt.can_be_forced)
    ]
    if refused:
        raise _all_of(refused)
    return {number: doubt.fields for number, doubt in doubts.items()}


def _all_of(refused: Sequence[ConfigurationError]) -> ConfigurationError:
    """Return one error for all refused verdicts, the first of them in full."""
    if len(refused) == 1:
        return refused[0]
    shown = [str(each) for each in refused[:_SHOWN]]
    more = len(refused) - len(shown)
    rest = f"\n{more} more are refused" if more else ""
    return ConfigurationError("\n".join(shown) + rest)


def _record(
    journal: Journal,
    judged: Sequence[ResolvedRecord],
    forced: Mapping[int, Sequence[str]],
) -> None:
    """Record all verdicts: ids that corrections release are free before any is taken."""
    released = [
        Transition(
            each.record.number, State.AMBIGUOUS, {"target_id": None, "mismatches": None}
        )
        for each in judged
        if each.is_correction
    ]
    final = [_move(each, forced.get(each.record.number)) for each in judged]
    journal.write([*released, *final])


def _move(judged: ResolvedRecord, forced: Sequence[str] | None) -> Transition:
    """Return what a verdict does to its record: whom a person names is not ours."""
    number, target_id = judged.record.number, judged.verdict.target_id
    if target_id is None:
        absent = {"class": ABSENT, "by": PERSON}
        return Transition(number, State.READY, {"failure": absent})
    how: dict[str, Any] = dict(matched_facts(PERSON))
    if forced is not None:
        how["forced"] = sorted(forced)
    return Transition(number, State.CREATED, {"target_id": target_id, "failure": how})
