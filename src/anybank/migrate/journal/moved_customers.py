"""Which customers of a journal an app finds at the target, for a router.

A customer is at the target from the moment the record is verified. The customer stays
there if the record is mismatched later: after the cut-over the app changes the customer at
the target alone, and a check that reports this must not send the app back to the source. A
rollback, or the correction of a resolution, takes the customer back to the source.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ...errors import ConfigurationError
from .copy_detection import not_the_latest
from .journal import Journal
from .location import JournalLocation
from .states import State
from .tables import EVENTS, RECORDS

_WITH_EVENTS = 3
"""The first version of the tables that has the history of each record."""

_LAST_STATE = (
    sa.select(EVENTS.c.state)
    .where(EVENTS.c.number == RECORDS.c.number, EVENTS.c.state != State.MISMATCHED)
    .order_by(EVENTS.c.at.desc(), EVENTS.c.position.desc())
    .limit(1)
    .scalar_subquery()
)
_IS_MOVED = sa.or_(
    RECORDS.c.state == State.VERIFIED,
    sa.and_(RECORDS.c.state == State.MISMATCHED, _LAST_STATE == State.VERIFIED),
)
_MOVED = sa.case((_IS_MOVED, RECORDS.c.target_id), else_=None).label("moved_to")
_CUSTOMERS = sa.select(RECORDS.c.source_id, _MOVED)
_BY_SOURCE = _CUSTOMERS.where(
    RECORDS.c.source_id.in_(sa.bindparam("ids", expanding=True))
)
_BY_TARGET = _CUSTOMERS.where(
    RECORDS.c.target_id.in_(sa.bindparam("ids", expanding=True))
)
_PAGE = (
    _CUSTOMERS.where(RECORDS.c.source_id > sa.bindparam("after"))
    .order_by(RECORDS.c.source_id)
    .limit(sa.bindparam("limit"))
)


class MovedCustomers:
    """The customers of a journal, which another process may be writing to."""

    def __init__(self, location: JournalLocation) -> None:
        self._journal = Journal.open(location)
        try:
            self._require_usable()
            metadata = self._journal.metadata()
        except BaseException:
            self._journal.close()
            raise
        self.source: str = _provider(metadata["source"])
        """The name of the source's provider."""
        self.target: str = _provider(metadata["target"])
        """The name of the target's provider."""

    def _require_usable(self) -> None:
        """Raise ConfigurationError for an old copy: it has not seen the last moves."""
        journal = self._journal
        if signs := journal.copy_detector.signs():
            raise ConfigurationError(not_the_latest(journal.path, signs))
        if not journal.has_schema(_WITH_EVENTS):
            raise ConfigurationError(
                f"the journal {journal.path} was created by an older anybank: run "
                "`anybank migrate verify`, which upgrades it"
            )

    def targets(self, source_ids: Collection[str]) -> Mapping[str, str | None]:
        """Return the target id of each customer of the journal, None at the source."""
        return self._rows(_BY_SOURCE, source_ids)

    def sources(self, target_ids: Collection[str]) -> Mapping[str, str]:
        """Return the source id of each customer who has moved, by target id."""
        rows = self._rows(_BY_TARGET, target_ids)
        return {target: source for source, target in rows.items() if target is not None}

    def page(self, after: str, limit: int) -> Sequence[tuple[str, str | None]]:
        """Return customers whose source id is greater than *after*, sorted by it."""
        rows = self._journal.query(_PAGE, {"after": after, "limit": limit})
        return [(row.source_id, row.moved_to) for row in rows]

    def close(self) -> None:
        """Close the connections."""
        self._journal.close()

    def _rows(
        self, query: sa.Select[Any], ids: Collection[str]
    ) -> Mapping[str, str | None]:
        rows = self._journal.query(query, {"ids": list(ids)}) if ids else []
        return {row.source_id: row.moved_to for row in rows}


def _provider(side: str) -> str:
    return str(json.loads(side)["provider"])
