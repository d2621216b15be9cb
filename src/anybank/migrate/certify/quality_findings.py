"""The findings on data quality as a summary shows them: counts and ids, no values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from attrs import frozen

from ..journal.journal import Journal
from ..journal.tables import FINDINGS, REASONS, RECORDS
from .data_quality import BLANKS, RULES, SHARED
from .shared_identities import groups

_EXAMPLES = 3
_NAMES = (*RULES, BLANKS)


@frozen(kw_only=True)
class QualityFinding:
    """Something that looks wrong with `count` customers.

    `name` is what `accept_quality` accepts. Each of the `examples` has the source's ids
    of those who belong together: several where they share something, else one. A finding
    that is not `accepted` keeps its customers back, and `remedy` says what to do; blanks
    are removed, which needs no consent.
    """

    name: str
    field: str
    count: int
    accepted: bool
    message: str
    remedy: str
    examples: tuple[tuple[str, ...], ...]


def quality_findings(journal: Journal) -> tuple[QualityFinding, ...]:
    """Return all findings on data quality, in the order of their names' list."""
    count = sa.func.count().label("records")
    joined = sa.select(REASONS, count).join(FINDINGS, FINDINGS.c.reason == REASONS.c.id)
    rows = journal.query(
        joined.where(REASONS.c.rule.in_(_NAMES)).group_by(REASONS.c.id)
    )
    found = [_finding(journal, row) for row in rows]
    return tuple(sorted(found, key=lambda each: (_NAMES.index(each.name), each.field)))


def _finding(journal: Journal, row: sa.Row[Any]) -> QualityFinding:
    is_shared = row.rule in SHARED
    return QualityFinding(
        name=row.rule,
        field=row.field,
        count=row.records,
        accepted=not row.remedy,
        message=row.message,
        remedy=row.remedy,
        examples=groups(journal, row.rule, _EXAMPLES)
        if is_shared
        else tuple(_alone(journal, row.id)),
    )


def _alone(journal: Journal, reason: int) -> Iterator[tuple[str, ...]]:
    query = (
        sa.select(RECORDS.c.source_id)
        .join(FINDINGS, FINDINGS.c.number == RECORDS.c.number)
        .where(FINDINGS.c.reason == reason)
        .order_by(FINDINGS.c.number)
        .limit(_EXAMPLES)
    )
    yield from ((row.source_id,) for row in journal.query(query))
