"""Who was at the target already: records that have an id there, and were not made here.

A matched record counts as created, and is never deleted or written to.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from .journal import Journal, Record
from .states import MOVED
from .tables import RECORDS

_MATCHED = "Matched"


def matched(by: str) -> Mapping[str, str]:
    """Return what the journal keeps of a record that was at the target already."""
    return {"class": _MATCHED, "by": by}


def was_matched(record: Record) -> bool:
    """Tell whether a record's customer was made by somebody else."""
    return record.failure.get("class") == _MATCHED


def count_matched(journal: Journal) -> int:
    """Count the records whose customer was at the target already."""
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(MOVED),
        RECORDS.c.failure.contains(f'"class": "{_MATCHED}"'),
    )
    return int(journal.query(query)[0][0])
