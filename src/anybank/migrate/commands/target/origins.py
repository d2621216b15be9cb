"""How a record's customer came to be at the target: created by us, or by somebody else.

The journal keeps it with the record. Only a customer whom a request of this migration
created, as its answer or our reference shows, is this migration's to delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from ...certify.certificate import Certifier
from ...journal.journal import Journal
from ...journal.records import Record
from ...journal.states import MOVED
from ...journal.tables import RECORDS

MATCHED = "Matched"
"""The customer was at the target already, or nobody knows for certain who created it."""
FOUND = "Found"
"""The answer to our create was lost, and the customer has our reference."""
ABSENT = "Absent"
"""A person has said that the customer is not at the target."""
PERSON = "a person"


class TargetOrigin(StrEnum):
    """How a customer came to be at the target, as far as the journal knows."""

    ANSWERED = "answered"
    """A request of this migration was answered with the customer's id."""
    FOUND = "found"
    """A request of this migration was not answered; the customer has our reference."""
    RESOLVED = "resolved"
    """A person said that this is the customer."""
    MATCHED = "matched"
    """The customer was there before, or may have been."""


OURS = frozenset({TargetOrigin.ANSWERED, TargetOrigin.FOUND})
"""Whom this migration created."""


def origin_of(record: Record) -> TargetOrigin:
    """Return how the customer of a moved record came to be at the target."""
    failure = record.failure
    if not failure:
        return TargetOrigin.ANSWERED
    if failure.get("class") == FOUND:
        return TargetOrigin.FOUND
    return TargetOrigin.RESOLVED if is_by_person(failure) else TargetOrigin.MATCHED


def is_by_person(failure: Mapping[str, Any]) -> bool:
    """Tell whether a person has said where a record's customer is."""
    return failure.get("by") == PERSON


def matched(by: str) -> Mapping[str, str]:
    """Return what the journal keeps of a record that was at the target already."""
    return {"class": MATCHED, "by": by}


def found(record: Record) -> Mapping[str, Any]:
    """Return what the journal keeps of a customer who was found by our reference.

    A target that said "exists already" may have had the customer before our create.
    """
    existed = record.failure.get("class") == "AlreadyExists"
    return matched("AlreadyExists") if existed else {"class": FOUND, "by": "reference"}


def promised_of_found(certifier: Certifier, record: Record) -> dict[str, str]:
    """Return what one who was there before must be like: not with the id that we make."""
    is_made = record.reference == certifier.made_reference(record.source_id)
    left_out = {"external_id"} if is_made else set()
    return {
        name: print_ for name, print_ in record.promise.items() if name not in left_out
    }


def was_matched(record: Record) -> bool:
    """Tell whether a record's customer, perhaps not made by us, is not ours to delete."""
    return origin_of(record) not in OURS


def count_matched(journal: Journal) -> int:
    """Count the records whose customer this migration has not created for certain."""
    failure = RECORDS.c.failure
    query = sa.select(sa.func.count()).where(
        RECORDS.c.state.in_(MOVED),
        failure.is_not(None),
        failure.not_in(("{}", "null")),
        ~failure.contains(f'"class": "{FOUND}"'),
    )
    return int(journal.query(query)[0][0])
