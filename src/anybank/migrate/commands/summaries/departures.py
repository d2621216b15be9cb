"""Customers who left the source since the plan, and customers whom a plan may have missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from ....errors import IssueCount
from ...journal.journal import DEPARTED, Journal
from ...journal.record_pages import BATCH
from ...journal.states import UNSENT, State
from ...journal.tables import RECORDS

_EXAMPLES = 3
_SENT = frozenset(State) - UNSENT - {State.ROLLED_BACK}
"""The states of customers who may be at the target, where somebody must decide."""


def totals(journal: Journal, metadata: Mapping[str, str]) -> Mapping[str, int]:
    """Return the counts of a summary that are about the source's listing."""
    return {
        "listing_passes": int(metadata.get("listing_passes", 0)),
        "listed_late": int(metadata.get("listed_late", 0)),
        "without_id": int(metadata.get("without_id", 0)),
        "unsettled_listing": int(_is_unsettled(metadata)),
        "departed": _count(journal),
    }


def reasons(journal: Journal, metadata: Mapping[str, str]) -> Iterator[IssueCount]:
    """Yield what a person must know about the source before relying on a plan."""
    if count := int(metadata.get("without_id", 0)):
        yield IssueCount(
            effect="blocked",
            field="id",
            rule="without id",
            message="listed by the source without a usable id: not planned",
            remedy="find these records in the source's own tools, then plan again",
            count=count,
            examples=(),
        )
    if _is_unsettled(metadata):
        yield IssueCount(
            effect="blocked",
            field="",
            rule="unsettled listing",
            message="found only when the source was listed again, some of them in the last "
            "pass: there may be more",
            remedy="plan again while fewer customers are added or deleted at the source",
            count=max(1, int(metadata.get("listed_late", 0))),
            examples=(),
        )
    if count := _count(journal):
        yield IssueCount(
            effect="gone",
            field="",
            rule="gone at the source",
            message="no longer at the source; nothing has changed at the target",
            remedy="decide for each whether the customer at the target stays",
            count=count,
            examples=tuple(_ids(journal, _EXAMPLES)),
        )


def departed_ids(journal: Journal, most: int = BATCH) -> tuple[str, ...]:
    """Return the ids of customers who were sent and left the source, at most *most*."""
    return tuple(_ids(journal, most))


def _is_unsettled(metadata: Mapping[str, str]) -> bool:
    return metadata.get("listing_settled") == "0"


def _ids(journal: Journal, most: int) -> Iterator[str]:
    query = sa.select(RECORDS.c.source_id).where(_is_departed())
    for row in journal.query(query.order_by(RECORDS.c.number).limit(most)):
        yield row.source_id


def _count(journal: Journal) -> int:
    query = sa.select(sa.func.count()).where(_is_departed())
    return int(journal.query(query)[0][0])


def _is_departed() -> sa.ColumnElement[bool]:
    return sa.and_(RECORDS.c.seen == DEPARTED, RECORDS.c.state.in_(_SENT))
