"""One customer of a migration as the journal stores the customer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from attrs import frozen

from .states import State


@frozen(kw_only=True)
class Record:
    """A row of the table `records`: ids and fingerprints of a customer, without values."""

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
    """When the state last changed, in seconds since 1970.

    After a recovery from a crash it is still the time of the intent.
    """

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Self:
        """Return the record of a row of the table."""
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


def _seconds(at: str | None) -> float:
    return datetime.fromisoformat(at).timestamp() if at else 0.0
