"""Who has gone at the source since the plan, and whom a plan may have missed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from attrs import frozen

from ...journal.journal import DEPARTED, Journal
from ...journal.record_pages import BATCH
from ...journal.states import UNSENT, State
from ...journal.tables import RECORDS

_EXAMPLES = 3
_SENT = frozenset(State) - UNSENT - {State.ROLLED_BACK}


@frozen(kw_only=True)
class Notice:
    """Something about the source that a summary says, with a few ids."""

    effect: str
    rule: str
    message: str
    remedy: str
    count: int
    field: str = ""
    examples: tuple[str, ...] = ()


def totals(journal: Journal) -> Mapping[str, int]:
    """Return the counts that a summary has of the source's listing."""
    return {
        "listing_passes": _fact(journal, "listing_passes"),
        "listed_late": _fact(journal, "listed_late"),
        "without_id": _fact(journal, "without_id"),
        "unsettled_listing": int(journal.metadata_value("listing_settled") == "0"),
        "departed": _count(journal),
    }


def notices(journal: Journal) -> Iterator[Notice]:
    """Yield what somebody must know of the source before relying on a plan."""
    if count := _fact(journal, "without_id"):
        yield Notice(
            effect="blocked",
            field="id",
            rule="without id",
            message="listed by the source without an id that can be used: not planned",
            remedy="find these records in the source's own tools, then plan again",
            count=count,
        )
    if journal.metadata_value("listing_settled") == "0":
        yield Notice(
            effect="blocked",
            rule="unsettled listing",
            message="found only when the source was listed again, some in the last pass: "
            "there may be more",
            remedy="plan again while fewer customers come and go at the source",
            count=max(1, _fact(journal, "listed_late")),
        )
    if count := _count(journal):
        yield Notice(
            effect="gone",
            rule="gone at the source",
            message="not at the source any more; at the target nothing has changed",
            remedy="decide for each whether the customer at the target stays",
            count=count,
            examples=tuple(_ids(journal, _EXAMPLES)),
        )


def departed_ids(journal: Journal, most: int = BATCH) -> tuple[str, ...]:
    """Return who was sent and is not at the source any more, at most so many."""
    return tuple(_ids(journal, most))


def _ids(journal: Journal, most: int) -> Iterator[str]:
    query = sa.select(RECORDS.c.source_id).where(_is_departed())
    for row in journal.query(query.order_by(RECORDS.c.number).limit(most)):
        yield row.source_id


def _count(journal: Journal) -> int:
    query = sa.select(sa.func.count()).where(_is_departed())
    return int(journal.query(query)[0][0])


def _is_departed() -> sa.ColumnElement[bool]:
    return sa.and_(RECORDS.c.seen == DEPARTED, RECORDS.c.state.in_(_SENT))


def _fact(journal: Journal, name: str) -> int:
    return int(journal.metadata_value(name) or 0)
