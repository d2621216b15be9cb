"""The transition of a record to ready or blocked, by its certificate."""

from __future__ import annotations

import uuid
from typing import Any

from ....errors import Effect, Issue, Remedy
from ...certify.certificate import Certificate
from ...journal.records import Record
from ...journal.states import State
from ...journal.transitions import Transition

GONE = Issue(
    "",
    Effect.BLOCKED,
    "gone",
    "",
    "the source does not know this id",
    Remedy("check the id; if the customer was deleted, there is nothing to do"),
)


def planned(record: Record, certificate: Certificate) -> Transition:
    """Return the transition to ready or blocked, as the certificate says."""
    state = State.READY if certificate.is_ready else State.BLOCKED
    # A customer who was rolled back has an earlier target id, and a failed one an error.
    known = {**known_of(record, certificate), "failure": None, "target_id": None}
    return Transition(
        record.number, state, known, certificate.issues, certificate.identities or {}
    )


def known_of(record: Record, certificate: Certificate) -> dict[str, Any]:
    """Return what the journal stores of a certificate; an idempotency key stays the same.

    A record that was rolled back gets a new key: the target may still have the customer of
    the old key, archived, and would return it.
    """
    if certificate.key is None:
        return certificate.known
    key = record.reference or certificate.key
    if record.state is State.ROLLED_BACK:
        key = str(uuid.uuid5(uuid.UUID(key), "again"))
    return {**certificate.known, "reference": key}


def unreadable(path: str) -> Issue:
    """Return the issue that blocks a customer with an unreadable value at the source."""
    return Issue(
        path.removeprefix("$").removeprefix("."),
        Effect.BLOCKED,
        "unreadable",
        "",
        "the source returned a value that cannot be read",
        Remedy("correct it at the source, then plan again"),
    )
