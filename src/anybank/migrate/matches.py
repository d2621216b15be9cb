"""Who was at the target already: records that have an id there, and were not made here.

A matched record counts as created, and is never deleted or written to.
"""

from __future__ import annotations

from collections.abc import Mapping

from .journal import Record

_MATCHED = "Matched"


def matched(by: str) -> Mapping[str, str]:
    """Return what the journal keeps of a record that was at the target already."""
    return {"class": _MATCHED, "by": by}


def was_matched(record: Record) -> bool:
    """Tell whether a record's customer was made by somebody else."""
    return record.failure.get("class") == _MATCHED
