"""Whether a record is ready or blocked, by its certificate or for want of one."""

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
    Remedy("check the id; where the customer was deleted, nothing need be done"),
)


def planned(record: Record, certificate: Certificate) -> Transition:
    """Return the move to what a certificate says."""
    state = State.READY if certificate.is_ready else State.BLOCKED
    known = {**known_of(record, certificate), "failure": None, "target_id": None}
    return Transition(
        record.number, state, known, certificate.issues, certificate.identities or {}
    )


def known_of(record: Record, certificate: Certificate) -> dict[str, Any]:
    """Return what the journal keeps of a certificate; a key of a create stays the same.

    But for who was rolled back: what the old key made is at the target still, archived
    perhaps, and would be the answer to it.
    """
    if certificate.key is None:
        return certificate.known
    key = record.reference or certificate.key
    if record.state is State.ROLLED_BACK:
        key = str(uuid.uuid5(uuid.UUID(key), "again"))
    return {**certificate.known, "reference": key}


def unreadable(path: str) -> Issue:
    """Return why a customer is blocked of whom the source's value cannot be read."""
    return Issue(
        path.removeprefix("$").removeprefix("."),
        Effect.BLOCKED,
        "unreadable",
        "",
        "the source returned a value that cannot be read",
        Remedy("correct it at the source, then plan again"),
    )
