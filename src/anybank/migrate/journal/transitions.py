"""What a journal is told, and tells: records, and changes of their state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from attrs import field, frozen

from .states import State


@frozen(kw_only=True)
class Record:
    """A line of the journal."""

    number: int
    source_id: str
    state: State
    reference: str | None
    target_id: str | None
    source_print: str | None
    request_print: str | None
    promise: Mapping[str, str]
    failure: Mapping[str, Any]
    attempts: int
    changed_at: float
    """When it was last moved, in seconds since 1970: what was recovered, to its intent."""

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Self:
        """Return the record that a row of the table is."""
        return cls(
            number=row.number,
            source_id=row.source_id,
            state=State(row.state),
            reference=row.reference,
            target_id=row.target_id,
            source_print=row.source_print,
            request_print=row.request_print,
            promise=json.loads(row.promise or "{}"),
            failure=json.loads(row.failure or "{}"),
            attempts=row.attempts,
            changed_at=_seconds(row.changed_at),
        )


@frozen
class Move:
    """A change of state, and what else is known from then on."""

    number: int
    state: State
    known: Mapping[str, Any] = field(factory=dict)
    reasons: Sequence[Reasoned] | None = None
    identities: Mapping[str, str] | None = None
    """Fingerprints by kind (see `quality`) that replace those of before."""


@frozen
class Reasoned:
    """Why a field of a record is not kept as it is: the same for many records."""

    effect: str
    field: str
    rule: str
    message: str
    remedy: str


def _seconds(at: str | None) -> float:
    return datetime.fromisoformat(at).timestamp() if at else 0.0
