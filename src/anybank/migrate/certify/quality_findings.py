"""The findings on data quality of a plan, as counts and ids without values."""

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
    """A suspected fault in the data of `count` customers.

    `name` is the name that `accept_quality` accepts. Each of the `examples` holds source
    ids: several if those customers share a value, otherwise one. Customers with a finding
    that is not `accepted` are not sent, and `remedy` says what to do. Leading and trailing
    blanks are removed without consent.
    """

    name: str
    field: str
    count: int
    accepted: bool
    message: str
    remedy: str
    examples: tuple[tuple[str, ...], ...]


def quality_findings(journal: Journal) -> tuple[QualityFinding, ...]:
    """Return all data-quality findings, in the order of RULES."""
    count = sa.func.count().label("records")
    joined = sa.select(REASONS, count).join(FINDINGS, FINDINGS.c.reason == REASONS.c.id)
    rows = journal.query(
        joined.where(REASONS.c.rule.in_(_NAMES)).group_by(REASONS.c.id)
    )
    findings = [_finding(journal, row) for row in rows]
    findings.sort(key=lambda finding: (_NAMES.index(finding.name), finding.field))
    return tuple(findings)


def _finding(journal: Journal, row: sa.Row[Any]) -> QualityFinding:
    # An example of a shared value has all of its customers: one id would not show a pair.
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
        else tuple(_single_examples(journal, row.id)),
    )


def _single_examples(journal: Journal, reason: int) -> Iterator[tuple[str, ...]]:
    query = (
        sa.select(RECORDS.c.source_id)
        .join(FINDINGS, FINDINGS.c.number == RECORDS.c.number)
        .where(FINDINGS.c.reason == reason)
        .order_by(FINDINGS.c.number)
        .limit(_EXAMPLES)
    )
    yield from ((row.source_id,) for row in journal.query(query))
