"""Why records wait, failed or lose fields: the reasons that a summary reports.

The database groups equal reasons, and each group has its count and three ids: a summary
stays short however many records there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ....errors import IssueCount
from ...journal.journal import Journal
from ...journal.states import FOR_A_PERSON, MOVED, State
from ...journal.tables import FINDINGS, REASONS, RECORDS
from ..target.duplicates import DuplicateCheck

_EXAMPLES = 3
_WITHOUT_CAUSE = frozenset({State.DELETING, State.ROLLED_BACK, State.PENDING})
"""The states that no failure of a request explains."""

ABSENT = ("gone",)
"""Recorded instead of fields for a customer whom the target no longer has."""
SOURCE = ("source",)
"""Recorded instead of fields for a customer who changed at the source after the move."""
DENIED = ("status",)
"""Recorded for a person whom the target has denied."""
UNREADABLE = ("unreadable",)
"""Recorded instead of fields for a customer whom the target returns unreadably."""
CHANGED_AFTER_MOVE = "changed after the move"
OVERWRITE = "`anybank migrate overwrite` writes the source's data to the target"


def record_reasons(journal: Journal) -> list[IssueCount]:
    """Return the reasons that the journal stores with its records."""
    return [
        *_certified(journal),
        *_failed(journal),
        *_denied(journal),
        *_mismatched(journal),
        *_forced(journal),
    ]


def duplicate_reasons(check: DuplicateCheck | None) -> Iterator[IssueCount]:
    """Yield the reasons of a search for duplicates at the target."""
    if check is None:
        return
    for kind, count in check.counts.items():
        ids = [
            duplicate.source_id
            for duplicate in check.examples
            if duplicate.kind == kind
        ]
        if count:
            yield IssueCount(
                effect="duplicated",
                field="",
                rule=kind.replace("_", " "),
                message=_DUPLICATES[kind],
                count=count,
                examples=tuple(ids[:_EXAMPLES]),
                remedy=_COMPARE_DUPLICATES,
            )


_DUPLICATES = {
    "duplicates": "several customers at the target have the reference of one record",
    "unrecorded": "the target has a customer with this record's reference, but the record "
    "was not sent",
    "look_alikes": "the target has another customer with the same name and date of birth",
}
_COMPARE_DUPLICATES = (
    "compare the customers that `anybank migrate report` lists, delete the duplicates at "
    "the target, then verify again"
)


def _certified(journal: Journal) -> Iterator[IssueCount]:
    count = sa.func.count().label("records")
    joined = sa.select(REASONS, count).join(FINDINGS, FINDINGS.c.reason == REASONS.c.id)
    for row in journal.query(joined.group_by(REASONS.c.id)):
        examples = (
            sa.select(RECORDS.c.source_id)
            .join(FINDINGS, FINDINGS.c.number == RECORDS.c.number)
            .where(FINDINGS.c.reason == row.id)
            .order_by(FINDINGS.c.number)
        )
        yield IssueCount(
            effect=row.effect,
            field=row.field,
            rule=row.rule,
            message=row.message,
            count=row.records,
            examples=_ids(journal, examples),
            remedy=row.remedy,
        )


def _failed(journal: Journal) -> Iterator[IssueCount]:
    others = {State.BLOCKED, State.MISMATCHED, State.DENIED}
    states = frozenset(FOR_A_PERSON) - others
    for state, text, count, examples in _grouped(
        journal, RECORDS.c.failure, states | _RETRIED_BY.keys()
    ):
        failure = json.loads(text or "{}")
        yield IssueCount(
            effect=state,
            field=", ".join(failure.get("fields", ())),
            rule=failure.get("code") or failure.get("class", ""),
            message=_failure_message(state, failure),
            count=count,
            examples=examples,
            remedy={**FOR_A_PERSON, **_RETRIED_BY}[State(state)],
        )


def _failure_message(state: str, failure: Mapping[str, Any]) -> str:
    """Return what a failure's class and status mean for the record."""
    if State(state) in _WITHOUT_CAUSE:
        return _MEANINGS[State(state)]
    status = f", HTTP {failure['status']}" if failure.get("status") else ""
    cause = f"{failure.get('class', 'the run ended before a response came')}{status}"
    return f"{_MEANINGS.get(State(state), 'refused by the target')} ({cause})"


_RETRIED_BY = {
    State.UNKNOWN: "run apply again: it looks the customer up first",
    State.DELETING: "run rollback again: it reads the customer first",
    State.PENDING: "wait for the decision of the target, then run apply again: it reads the "
    "person",
}

_MEANINGS = {
    State.DELETING: "a delete was started; its outcome is unknown",
    State.ROLLED_BACK: "created at the target, and deleted there by rollback",
    State.UNKNOWN: "sent; the outcome is unknown",
    State.PENDING: "an application is at the target, which has not decided about the person",
    State.QUARANTINED: "perhaps created: the target offers no way to look it up",
    State.AMBIGUOUS: "the target has a customer who may be this person",
}
_READ_BACK = (
    "read back",
    "was not read back as expected",
    FOR_A_PERSON[State.MISMATCHED],
)
_MISMATCHES = {
    ABSENT: (
        "gone",
        "is no longer at the target",
        "find out who deleted it there; `anybank migrate verify` reads it again",
    ),
    UNREADABLE: (
        "unreadable",
        "the target returned a value that cannot be read",
        "look at the customer in the target's own tools, then verify again",
    ),
    SOURCE: (
        CHANGED_AFTER_MOVE,
        "the source has changed since the customer was sent",
        OVERWRITE,
    ),
}


def _mismatched(journal: Journal) -> Iterator[IssueCount]:
    for state, text, count, examples in _grouped(
        journal, RECORDS.c.mismatches, frozenset({State.MISMATCHED})
    ):
        names = json.loads(text or "[]")
        rule, message, remedy = _MISMATCHES.get(tuple(names), _READ_BACK)
        yield IssueCount(
            effect=state,
            field=", ".join(names) if rule is _READ_BACK[0] else "",
            rule=rule,
            message=message,
            count=count,
            examples=examples,
            remedy=remedy,
        )


_DENIALS = {
    DENIED: ("denied", "the target has denied this person, who is not moved"),
    ABSENT: (
        "gone",
        "the application was canceled at the target; the person is not moved",
    ),
}


def _denied(journal: Journal) -> Iterator[IssueCount]:
    for state, text, count, examples in _grouped(
        journal, RECORDS.c.mismatches, frozenset({State.DENIED})
    ):
        rule, message = _DENIALS[tuple(json.loads(text or "[]")) or DENIED]
        yield IssueCount(
            effect=state,
            field="",
            rule=rule,
            message=message,
            count=count,
            examples=examples,
            remedy=FOR_A_PERSON[State.DENIED],
        )


def _forced(journal: Journal) -> Iterator[IssueCount]:
    """Yield the customers that a person recorded although the comparison differed."""
    for _, text, count, examples in _grouped(journal, RECORDS.c.failure, MOVED):
        names = json.loads(text or "{}").get("forced", ())
        if names:
            yield IssueCount(
                effect="forced",
                field=", ".join(names),
                rule="resolve --force",
                message="recorded by a person though the target's customer differs",
                count=count,
                examples=examples,
                remedy="",
            )


def _grouped(
    journal: Journal, column: sa.Column[Any], states: frozenset[State]
) -> Iterator[tuple[str, str | None, int, tuple[str, ...]]]:
    """Yield state, column, count and examples of each group of records."""
    # The examples take a query per group: a window function would read all records.
    among = RECORDS.c.state.in_(states)
    counting = sa.select(RECORDS.c.state, column, sa.func.count()).where(among)
    for row in journal.query(counting.group_by(RECORDS.c.state, column)):
        state, text, count = tuple(row)
        examples = (
            sa.select(RECORDS.c.source_id)
            .where(RECORDS.c.state == state, column.is_not_distinct_from(text))
            .order_by(RECORDS.c.number)
        )
        yield state, text, count, _ids(journal, examples)


def _ids(journal: Journal, statement: sa.Select[Any]) -> tuple[str, ...]:
    return tuple(row[0] for row in journal.query(statement.limit(_EXAMPLES)))
