"""Customers who share a value that must be unique, compared in the journal's database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

import sqlalchemy as sa

from ...errors import NO_REMEDY, Effect, Issue, Remedy
from ..journal.field_reasons import issue_of
from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.states import State
from ..journal.tables import FINDINGS, IDENTITIES, REASONS, RECORDS
from ..journal.transition_updates import record_identities
from ..journal.transitions import Transition
from .data_quality import RULES, SHARED, advice_for, field_of

_OTHER = IDENTITIES.alias("other")
_IS_SHARED = sa.exists().where(
    _OTHER.c.kind == IDENTITIES.c.kind,
    _OTHER.c.print == IDENTITIES.c.print,
    _OTHER.c.number != IDENTITIES.c.number,
)


def note_shared(journal: Journal, accepted: Collection[str]) -> None:
    """Block each ready record that shares a value, unless that finding is accepted.

    An accepted finding is recorded, and its record stays ready. The database compares and
    batches are updated one at a time, so memory use stays flat.
    """
    shared = sa.exists().where(IDENTITIES.c.number == RECORDS.c.number, _IS_SHARED)
    numbers = sa.select(RECORDS.c.number).where(RECORDS.c.state == State.READY, shared)
    # The pages go by number, so a record that is blocked meanwhile shifts no page.
    rows = journal.walk(numbers)
    while batch := [row.number for row in islice(rows, BATCH)]:
        journal.write(list(_transitions(journal, batch, accepted)))


def _transitions(
    journal: Journal, batch: Sequence[int], accepted: Collection[str]
) -> Iterator[Transition]:
    issues, kinds = _issues_of(journal, batch), _kinds_of(journal, batch)
    for number in batch:
        shared = [shared_issue(kind, accepted) for kind in kinds[number]]
        is_free = not any(issue.remedy for issue in shared)
        state = State.READY if is_free else State.BLOCKED
        yield Transition(number, state, {}, [*issues[number], *shared])


def _kinds_of(journal: Journal, numbers: Collection[int]) -> Mapping[int, list[str]]:
    query = sa.select(IDENTITIES.c.number, IDENTITIES.c.kind).where(
        IDENTITIES.c.number.in_(numbers), _IS_SHARED
    )
    kinds: dict[int, list[str]] = defaultdict(list)
    for row in journal.query(query.order_by(IDENTITIES.c.number, IDENTITIES.c.kind)):
        kinds[row.number].append(row.kind)
    return kinds


def shared_issue(kind: str, accepted: Collection[str]) -> Issue:
    """Return the issue of a shared value, which blocks the record unless accepted."""
    is_accepted = kind in accepted
    effect = Effect.KEPT if is_accepted else Effect.BLOCKED
    remedy = NO_REMEDY if is_accepted else Remedy(advice_for(kind))
    return Issue(field_of(kind), effect, kind, "", RULES[kind].message, remedy)


def _issues_of(journal: Journal, numbers: Collection[int]) -> Mapping[int, list[Issue]]:
    """Return the issues that records already have, without those of shared values."""
    query = (
        sa.select(FINDINGS.c.number, REASONS)
        .join(REASONS, FINDINGS.c.reason == REASONS.c.id)
        .where(FINDINGS.c.number.in_(numbers), REASONS.c.rule.not_in(SHARED))
    )
    issues: dict[int, list[Issue]] = defaultdict(list)
    for row in journal.query(query):
        issues[row.number].append(issue_of(row))
    return issues


def kinds_shared(
    journal: Journal, number: int, identities: Mapping[str, str]
) -> Sequence[str]:
    """Record a changed customer's identities, and return the kinds that others share.

    The identities are recorded before the comparison. If two customers come to share a
    value at the same time, the second of them sees the first.
    """
    with journal.transaction() as connection:
        record_identities(connection, {number: identities})
    return _kinds_of(journal, [number])[number]


def groups(journal: Journal, kind: str, most: int) -> tuple[tuple[str, ...], ...]:
    """Return the source ids of up to *most* groups of customers who share a value."""
    recorded = (
        sa.select(IDENTITIES.c.print)
        .join(FINDINGS, FINDINGS.c.number == IDENTITIES.c.number)
        .join(REASONS, FINDINGS.c.reason == REASONS.c.id)
        .where(REASONS.c.rule == kind, IDENTITIES.c.kind == kind)
        .group_by(IDENTITIES.c.print)
        .order_by(sa.func.min(IDENTITIES.c.number))
        .limit(most)
    )
    return tuple(
        _members(journal, kind, row.print, most) for row in journal.query(recorded)
    )


def _members(
    journal: Journal, kind: str, fingerprint: str, most: int
) -> tuple[str, ...]:
    query = (
        sa.select(RECORDS.c.source_id)
        .join(IDENTITIES, IDENTITIES.c.number == RECORDS.c.number)
        .where(IDENTITIES.c.kind == kind, IDENTITIES.c.print == fingerprint)
        .order_by(RECORDS.c.number)
        .limit(most)
    )
    return tuple(row.source_id for row in journal.query(query))
