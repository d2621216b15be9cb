"""The customers of the source that a plan leaves out.

An exclusion stays in the journal until another file replaces it. Otherwise a later plan
without the option would move customers whom somebody has excluded on purpose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

import sqlalchemy as sa

from ..journal.journal import Journal
from ..journal.record_pages import BATCH
from ..journal.states import UNSENT
from ..journal.tables import EVENTS, EXCLUSIONS, FINDINGS, IDENTITIES, RECORDS

SINCE = 3
"""The first version of the journal's schema with a table of exclusions."""

_IS_EXCLUDED = RECORDS.c.source_id.in_(sa.select(EXCLUSIONS.c.source_id))
_UNSENT = sa.and_(_IS_EXCLUDED, RECORDS.c.state.in_(sorted(UNSENT)))


def replace_exclusions(journal: Journal, ids: Iterable[str]) -> None:
    """Exclude exactly these customers, and delete their records that were never sent."""
    iterator = iter(ids)
    with journal.transaction() as connection:
        connection.execute(sa.delete(EXCLUSIONS))
        while batch := list(islice(iterator, BATCH)):
            rows = [{"source_id": source_id} for source_id in batch]
            connection.execute(sa.insert(EXCLUSIONS), rows)
    drop_excluded(journal)


def drop_excluded(journal: Journal) -> None:
    """Delete the records of excluded customers that do not exist at the target."""
    numbers = sa.select(RECORDS.c.number).where(_UNSENT)
    if not journal.query(numbers.limit(1)):
        return
    with journal.transaction() as connection:
        # Their rows first: PostgreSQL enforces the foreign keys.
        for table in (FINDINGS, IDENTITIES, EVENTS):
            connection.execute(sa.delete(table).where(table.c.number.in_(numbers)))
        connection.execute(sa.delete(RECORDS).where(_UNSENT))


def excluded_among(journal: Journal, ids: Collection[str]) -> frozenset[str]:
    """Return the ids that are excluded."""
    query = sa.select(EXCLUSIONS.c.source_id).where(EXCLUSIONS.c.source_id.in_(ids))
    return frozenset(row.source_id for row in journal.query(query))


def known_among(journal: Journal, ids: Collection[str]) -> frozenset[str]:
    """Return the ids that have a record in the journal."""
    query = sa.select(RECORDS.c.source_id).where(RECORDS.c.source_id.in_(ids))
    return frozenset(row.source_id for row in journal.query(query))


def count_excluded(journal: Journal) -> tuple[int, int]:
    """Return the number of excluded customers, and how many of them were sent before."""
    if not journal.has_schema(SINCE):
        return 0, 0
    count = sa.select(sa.func.count())
    excluded = journal.query(count.select_from(EXCLUSIONS))[0][0]
    sent = journal.query(count.select_from(RECORDS).where(_IS_EXCLUDED))[0][0]
    return int(excluded), int(sent)
