"""What a person found out about records that no look-up settles.

A verdict is on a quarantined or an ambiguous record: its customer is at the target, under
an id, or is not. Verdicts are recorded all or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa
from attrs import frozen

from .._boundary import guarded
from ..errors import ConfigurationError
from .commands import AnyPath
from .journal import Journal, Move
from .matches import matched, tells_of_another
from .rows import ID, Row, Rows
from .states import State
from .summary import Summary, summarise
from .tables import RECORDS

Complaint: TypeAlias = Callable[[str, str], ConfigurationError]
"""Takes a column and what is wrong with it."""

WORDS = ("exists", "absent")
PLACEHOLDER = "TARGET_ID"
"""What a command that is to be completed has for the id: it is nobody's."""
_JUDGED = frozenset({State.QUARANTINED, State.AMBIGUOUS})
_ONE_OF = (
    "say of which record (source_id) and what: exists=TARGET_ID or absent; or give "
    "csv, a file of verdicts"
)


@frozen
class Verdict:
    """A verdict; `target_id` is None where the customer is not at the target."""

    source_id: str
    target_id: str | None
    wrong: Complaint


@guarded
def resolve(
    *,
    journal: AnyPath,
    source_id: str | None = None,
    exists: str | None = None,
    absent: bool = False,
    csv: AnyPath | None = None,
) -> Summary:
    """Record what a person found: the customer `exists` at the target, or is `absent`.

    `csv` is a file of many verdicts: `source_id,verdict,target_id`, where the verdict is
    `exists` or `absent`. A record that exists counts as created and is verified like any
    other; one that is absent is sent by the next apply. Raises ConfigurationError, and
    records nothing, for a record that waits for no verdict or an id that another has.
    """
    alone = source_id is not None and (exists is not None) != absent
    many = csv is not None and (source_id, exists, absent) == (None, None, False)
    if not (many or (alone and csv is None)):
        raise ConfigurationError(_ONE_OF)
    with Journal.held(journal) as opened:
        if csv is not None:
            with _read(Path(csv)) as verdicts:
                count = _record(opened, verdicts)
        else:
            count = _record(opened, [Verdict(source_id or "", exists, _said)])
        return summarise(opened, "resolve", resolved=count)


def _said(column: str, said: str) -> ConfigurationError:
    return ConfigurationError(f"the {column} {said}; nothing was recorded")


@contextmanager
def _read(path: Path) -> Iterator[Iterator[Verdict]]:
    rows = Rows(path, ("verdict", "target_id"))
    try:
        yield (_verdict(rows, line, row) for line, row in rows.index())
    finally:
        rows.close()


def _verdict(rows: Rows, line: int, row: Row) -> Verdict:
    def wrong(column: str, said: str) -> ConfigurationError:
        return rows.wrong(line, column, f"{said}; nothing was recorded")

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
    return Verdict(str(row[ID]), target_id, wrong)


def _record(journal: Journal, verdicts: Iterable[Verdict]) -> int:
    taken: set[str] = set()
    moves = [_move(journal, verdict, taken) for verdict in verdicts]
    journal.move(moves)
    return len(moves)


def _move(journal: Journal, verdict: Verdict, taken: set[str]) -> Move:
    """Return what a verdict does, once it is seen that it may."""
    number, is_ours = _judged(journal, verdict)
    if verdict.target_id is None:
        return Move(number, State.READY, {"failure": None})
    _require_free(journal, verdict, taken)
    taken.add(verdict.target_id)
    return Move(number, State.CREATED, _known(verdict.target_id, is_ours=is_ours))


def _known(target_id: str, *, is_ours: bool) -> Mapping[str, object]:
    """Return what is known: whom we did not surely make is not ours to delete."""
    how = None if is_ours else matched("a person")
    return {"target_id": target_id, "failure": how}


def _judged(journal: Journal, verdict: Verdict) -> tuple[int, bool]:
    """Return the record's number, and whether its customer was made by us if at all.

    Who was quarantined was sent and not answered; an answer "exists already" tells of
    somebody who may have been there before.
    """
    query = sa.select(RECORDS.c.number, RECORDS.c.state, RECORDS.c.failure)
    rows = journal.query(query.where(RECORDS.c.source_id == verdict.source_id))
    if not rows:
        raise verdict.wrong(ID, "is not in the journal")
    number, state, failure = tuple(rows[0])
    if state not in _JUDGED:
        raise verdict.wrong(ID, f"waits for no verdict: it is {state}")
    return number, state == State.QUARANTINED and not tells_of_another(failure)


def _require_free(journal: Journal, verdict: Verdict, taken: set[str]) -> None:
    """Refuse an empty id, and one that the journal or this file has already."""
    target_id = verdict.target_id or ""
    if not target_id.strip():
        raise verdict.wrong("target_id", "is empty")
    if target_id == PLACEHOLDER:
        raise verdict.wrong("target_id", f"is to stand where {PLACEHOLDER} stands")
    if target_id in taken or journal.owner_of(target_id):
        raise verdict.wrong("target_id", "belongs to another record")
