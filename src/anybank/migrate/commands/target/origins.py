"""How a record's customer came to be at the target: created by us, or by somebody else.

The journal stores the origin with the record. A rollback deletes a customer only where a
request of this migration created it, as the response or our reference shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from ...certify.certificate import Certifier
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import WITH_TARGET_ID
from ...journal.tables import RECORDS

MATCHED = "Matched"
"""The customer was at the target before, or its creator is not known for certain."""
LOOKED_UP = "Found"
"""The response to our create was lost, and the customer has our reference."""
ABSENT = "Absent"
"""A person reported that the customer is not at the target."""
PERSON = "a person"


class TargetOrigin(StrEnum):
    """How a customer came to be at the target, as far as the journal knows."""

    ANSWERED = "answered"
    """The target returned the customer's id in response to our create."""
    LOOKED_UP = "looked up"
    """The response to our create was lost, and the customer has our reference."""
    RESOLVED = "resolved"
    """A person recorded this customer with `resolve`."""
    MATCHED = "matched"
    """The customer was at the target before, or may have been."""


OURS = frozenset({TargetOrigin.ANSWERED, TargetOrigin.LOOKED_UP})
"""The origins of the customers that this migration created."""


def origin_of(record: Record) -> TargetOrigin:
    """Return how the customer of a moved record came to be at the target."""
    failure = record.failure
    if not failure:
        return TargetOrigin.ANSWERED
    if failure.get("class") == LOOKED_UP:
        return TargetOrigin.LOOKED_UP
    return TargetOrigin.RESOLVED if is_by_person(failure) else TargetOrigin.MATCHED


def is_by_person(failure: Mapping[str, Any]) -> bool:
    """Return whether a person recorded where a record's customer is."""
    return failure.get("by") == PERSON


def matched_facts(by: str) -> Mapping[str, str]:
    """Return what the journal stores of a customer that was at the target before."""
    return {"class": MATCHED, "by": by}


def lookup_facts(record: Record) -> Mapping[str, Any]:
    """Return what the journal stores of a customer that was looked up by our reference.

    Where the target responded "exists already", the customer may be older than our create.
    """
    existed = record.failure.get("class") == "AlreadyExists"
    if existed:
        return matched_facts("AlreadyExists")
    return {"class": LOOKED_UP, "by": "reference"}


def expected_of_match(certifier: Certifier, record: Record) -> dict[str, str]:
    """Return what to expect of a customer that was at the target before.

    Such a customer does not have the reference that this migration generates.
    """
    is_generated = record.reference == certifier.generated_reference(record.source_id)
    omitted = {"external_id"} if is_generated else set()
    return {
        name: value for name, value in record.promise.items() if name not in omitted
    }


def was_matched(record: Record) -> bool:
    """Return whether somebody else may have created a record's customer."""
    return origin_of(record) not in OURS


def count_matched(journal: Journal) -> int:
    """Count the records whose customer somebody else may have created."""
    failure = RECORDS.c.failure
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(WITH_TARGET_ID),
        failure.is_not(None),
        failure.not_in(("{}", "null")),
        # A search in the text, because the engines have different functions for JSON.
        ~failure.contains(f'"class": "{LOOKED_UP}"'),
    )
    return int(journal.query(query)[0][0])
