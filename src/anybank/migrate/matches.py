"""Who was at the target already: records that have an id there, and were not made here.

A matched record counts as created, and is never deleted or written to.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from .certificate import Certifier
from .journal import Journal, Record
from .states import MOVED
from .tables import RECORDS

MATCHED = "Matched"
_NOT_OURS = (MATCHED, "AlreadyExists")
"""What a journal keeps of whom we did not make, or not for certain."""


def matched(by: str) -> Mapping[str, str]:
    """Return what the journal keeps of a record that was at the target already."""
    return {"class": MATCHED, "by": by}


def promised_of_found(certifier: Certifier, record: Record) -> dict[str, str]:
    """Return what one who was there before must be like: not with the id that we make."""
    is_made = record.reference == certifier.made_reference(record.source_id)
    left_out = {"external_id"} if is_made else set()
    return {
        name: print_ for name, print_ in record.promise.items() if name not in left_out
    }


def was_matched(record: Record) -> bool:
    """Tell whether a record's customer, perhaps not made by us, is not ours to delete."""
    return record.failure.get("class") in _NOT_OURS


def tells_of_another(failure: str | None) -> bool:
    """Tell whether a failure, as the journal has it, is of whom we may not have made."""
    return any(f'"class": "{name}"' in (failure or "") for name in _NOT_OURS)


def count_matched(journal: Journal) -> int:
    """Count the records whose customer was at the target already."""
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(MOVED),
        sa.or_(*(RECORDS.c.failure.contains(f'"class": "{x}"') for x in _NOT_OURS)),
    )
    return int(journal.query(query)[0][0])
