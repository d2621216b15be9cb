"""Shows the history of one customer: the effect on each field, and all events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import frozen

from ..._engine.error_boundary import guarded
from ...errors import ConfigurationError
from ..certify.excluded_customers import excluded_among
from ..journal.journal import Journal
from ..journal.run_log import run_at
from ..journal.states import State
from ..journal.tables import EVENTS, FINDINGS, REASONS, RECORDS
from .arguments import AnyPath

SINCE = 3
"""The first schema version with events."""


@frozen(kw_only=True)
class FieldEffect:
    """What happens to one field of a customer, by which rule, and what to do about it."""

    field: str
    effect: str
    rule: str = ""
    message: str = ""
    remedy: str = ""


@frozen(kw_only=True)
class RecordEvent:
    """An event in the history of a customer.

    `request` is the kind of request that the event belongs to, if any. `code` has the
    class, status and code of the target's error.
    """

    at: datetime
    state: State
    message: str
    request: str | None
    command: str | None
    operator: str | None
    code: str


@frozen(kw_only=True)
class CustomerHistory:
    """All that a journal knows about one customer; it contains no personal data."""

    source_id: str
    target_id: str | None
    reference: str | None
    state: State
    attempts: int
    fields: tuple[FieldEffect, ...]
    events: tuple[RecordEvent, ...]


@guarded
def show(source_id: str, *, journal: AnyPath) -> CustomerHistory:
    """Return the history of one customer, by its source id; works also during a run.

    Raises ConfigurationError for an id that the journal does not have.
    """
    with Journal.open(journal) as opened:
        rows = opened.query(sa.select(RECORDS).where(RECORDS.c.source_id == source_id))
        if not rows:
            raise _unknown(opened, source_id)
        row = rows[0]
        return CustomerHistory(
            source_id=row.source_id,
            target_id=row.target_id,
            reference=row.reference,
            state=State(row.state),
            attempts=row.attempts,
            fields=tuple(_fields(opened, row)),
            events=tuple(_events(opened, row.number)),
        )


def _unknown(journal: Journal, source_id: str) -> ConfigurationError:
    if journal.has_schema(SINCE) and excluded_among(journal, [source_id]):
        return ConfigurationError(
            f"the customer {source_id} is excluded from this migration and was not sent: "
            "to move it, plan with an --exclude file without the id"
        )
    return ConfigurationError(
        f"the journal {journal.path} has no customer {source_id}: use the id that the "
        "source has, or plan first"
    )


def _fields(journal: Journal, row: sa.Row[Any]) -> Iterator[FieldEffect]:
    """Yield the effect on each field; a field without an issue arrives unchanged."""
    query = (
        sa.select(REASONS)
        .join(FINDINGS, FINDINGS.c.reason == REASONS.c.id)
        .where(FINDINGS.c.number == row.number)
        .order_by(REASONS.c.field, REASONS.c.id)
    )
    issues = journal.query(query)
    for issue in issues:
        yield FieldEffect(
            field=issue.field,
            effect=issue.effect,
            rule=issue.rule,
            message=issue.message,
            remedy=issue.remedy,
        )
    mismatches = json.loads(row.mismatches or "[]")
    for name in mismatches:
        yield FieldEffect(
            field=name, effect="mismatched", message="was not read back as expected"
        )
    named = {issue.field for issue in issues} | set(mismatches)
    for name in sorted(json.loads(row.promise or "{}").keys() - named):
        yield FieldEffect(field=name, effect="kept")


def _events(journal: Journal, number: int) -> Iterator[RecordEvent]:
    if not journal.has_schema(SINCE):
        return
    query = sa.select(EVENTS).where(EVENTS.c.number == number)
    for row in journal.query(query.order_by(EVENTS.c.at, EVENTS.c.position)):
        # An event does not name its run. One command writes at a time, or several workers
        # of one command do, so the run that started last before the event is of it.
        state, run = State(row.state), run_at(journal, row.at)
        message, request = _MESSAGES[state]
        yield RecordEvent(
            at=datetime.fromisoformat(row.at),
            state=state,
            message=message,
            request=request,
            command=run.command if run else None,
            operator=run.operator if run else None,
            code=_code(json.loads(row.failure or "{}")),
        )


def _code(failure: Mapping[str, Any]) -> str:
    status = f"HTTP {failure['status']}" if failure.get("status") else None
    parts = (failure.get("class"), status, failure.get("code"))
    return ", ".join(str(part) for part in parts if part)


_MESSAGES: Mapping[State, tuple[str, str | None]] = {
    State.READY: ("can be sent", None),
    State.BLOCKED: ("cannot be sent as it is", None),
    State.AMBIGUOUS: ("the target has a customer who may be this person", None),
    State.IN_FLIGHT: ("about to be sent", "create"),
    State.UNKNOWN: ("the outcome of the create is unknown", "create"),
    State.QUARANTINED: ("no look-up is possible: a person decides", None),
    State.CREATED: ("is at the target", "create"),
    State.PENDING: ("an application is at the target, which has not decided", "create"),
    State.DENIED: ("the target denied the person, who is not moved", None),
    State.FAILED: ("the target refused it: nothing was created", "create"),
    State.VERIFIED: ("read back, as expected", "read"),
    State.MISMATCHED: ("differs from what was expected", "read"),
    State.DELETING: ("about to be deleted at the target", "delete"),
    State.ROLLED_BACK: ("no longer at the target", "delete"),
}
