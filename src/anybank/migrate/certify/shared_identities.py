"""Who shares what no two people should have: compared in the journal's own database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

import sqlalchemy as sa

from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.states import State
from ..journal.tables import FINDINGS, IDENTITIES, REASONS, RECORDS
from ..journal.transition_updates import record_identities
from ..journal.transitions import FieldReason, Transition
from .data_quality import RULES, SHARED, advice, field_of

_OTHER = IDENTITIES.alias("other")
_IS_SHARED = sa.exists().where(
    _OTHER.c.kind == IDENTITIES.c.kind,
    _OTHER.c.print == IDENTITIES.c.print,
    _OTHER.c.number != IDENTITIES.c.number,
)


def note_shared(journal: Journal, accepted: Collection[str]) -> None:
    """Keep back everybody who is ready and shares something that was not accepted.

    Who shares what was accepted is noted, and goes. Memory stays flat: the database
    compares, and a batch at a time is changed.
    """
    shared = sa.exists().where(IDENTITIES.c.number == RECORDS.c.number, _IS_SHARED)
    numbers = sa.select(RECORDS.c.number).where(RECORDS.c.state == State.READY, shared)
    rows = journal.walk(numbers)
    while batch := [row.number for row in islice(rows, BATCH)]:
        journal.move(list(_moves(journal, batch, accepted)))


def _moves(
    journal: Journal, batch: Sequence[int], accepted: Collection[str]
) -> Iterator[Transition]:
    reasons, kinds = _reasons_of(journal, batch), _kinds_of(journal, batch)
    for number in batch:
        found = [shared_reason(kind, accepted) for kind in kinds[number]]
        is_free = all(each.effect == "kept" for each in found)
        state = State.READY if is_free else State.BLOCKED
        yield Transition(number, state, {}, [*reasons[number], *found])


def _kinds_of(journal: Journal, numbers: Collection[int]) -> Mapping[int, list[str]]:
    query = sa.select(IDENTITIES.c.number, IDENTITIES.c.kind).where(
        IDENTITIES.c.number.in_(numbers), _IS_SHARED
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in journal.query(query.order_by(IDENTITIES.c.number, IDENTITIES.c.kind)):
        found[row.number].append(row.kind)
    return found


def shared_reason(kind: str, accepted: Collection[str]) -> FieldReason:
    """Return the reason of one who shares something, as it stops or goes."""
    is_accepted = kind in accepted
    return FieldReason(
        "kept" if is_accepted else "blocked",
        field_of(kind),
        kind,
        RULES[kind].message,
        "" if is_accepted else advice(kind),
    )


def _reasons_of(
    journal: Journal, numbers: Collection[int]
) -> Mapping[int, list[FieldReason]]:
    """Return what is known of records already; what they share is found anew."""
    query = (
        sa.select(FINDINGS.c.number, REASONS)
        .join(REASONS, FINDINGS.c.reason == REASONS.c.id)
        .where(FINDINGS.c.number.in_(numbers), REASONS.c.rule.not_in(SHARED))
    )
    found: dict[int, list[FieldReason]] = defaultdict(list)
    for row in journal.query(query):
        reason = FieldReason(row.effect, row.field, row.rule, row.message, row.remedy)
        found[row.number].append(reason)
    return found


def kinds_shared(
    journal: Journal, number: int, identities: Mapping[str, str]
) -> Sequence[str]:
    """Record what a changed customer has now, and return what others have, too.

    It is recorded first: of two who come to share something, the second finds the first.
    """
    with journal.writing() as connection:
        record_identities(connection, {number: identities})
    return _kinds_of(journal, [number])[number]


def groups(journal: Journal, kind: str, most: int) -> tuple[tuple[str, ...], ...]:
    """Return the ids of a few groups of people of whom somebody was noted to share."""
    noted = (
        sa.select(IDENTITIES.c.print)
        .join(FINDINGS, FINDINGS.c.number == IDENTITIES.c.number)
        .join(REASONS, FINDINGS.c.reason == REASONS.c.id)
        .where(REASONS.c.rule == kind, IDENTITIES.c.kind == kind)
        .group_by(IDENTITIES.c.print)
        .order_by(sa.func.min(IDENTITIES.c.number))
        .limit(most)
    )
    return tuple(
        _members(journal, kind, row.print, most) for row in journal.query(noted)
    )


def _members(journal: Journal, kind: str, print_: str, most: int) -> tuple[str, ...]:
    query = (
        sa.select(RECORDS.c.source_id)
        .join(IDENTITIES, IDENTITIES.c.number == RECORDS.c.number)
        .where(IDENTITIES.c.kind == kind, IDENTITIES.c.print == print_)
        .order_by(RECORDS.c.number)
        .limit(most)
    )
    return tuple(row.source_id for row in journal.query(query))
