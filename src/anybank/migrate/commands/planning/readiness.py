"""The transitions of a record that its certificate decides: ready, blocked, in flight."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from ....errors import Effect, Issue, Remedy
from ...certify.certificate import Certificate
from ...journal.records import Record
from ...journal.states import State
from ...journal.transitions import Transition

NEW_KEY = "new_key"
"""Marks the failure of a record whose next create needs a new idempotency key."""
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

    A record that was rolled back, or whose denied person is sent again, gets a new key: the
    target still has the customer or the application of the old key, and would return it.
    """
    if certificate.key is None or certificate.has_reference:
        return certificate.known
    key = record.reference or certificate.key
    if record.state is State.ROLLED_BACK or record.failure.get(NEW_KEY):
        key = next_key(key)
    return {**certificate.known, "reference": key}


def next_key(key: str) -> str:
    """Return the idempotency key of the create after one that was undone or denied."""
    return str(uuid.uuid5(uuid.UUID(key), "again"))


def intent_of(record: Record, certificate: Certificate, attempts: int) -> Transition:
    """Return the intent of a create, with the certificate where it differs from the plan."""
    known = {"failure": None, "attempts": attempts}
    certified = known_of(record, certificate)
    if all(getattr(record, name) == value for name, value in certified.items()):
        return Transition(record.number, State.IN_FLIGHT, known)
    return Transition(
        record.number,
        State.IN_FLIGHT,
        known | certified,
        certificate.issues,
        certificate.identities,
    )


def key_of(
    record: Record, certificate: Certificate, count_ended: Callable[[Record], int]
) -> str | None:
    """Return the idempotency key of a create, the same for every replay.

    `count_ended` returns how many creates of a record were undone or denied, each with a
    key of its own. It is called where the journal does not store the key.
    """
    if not certificate.key:
        return None
    if not certificate.has_reference:
        return str(known_of(record, certificate)["reference"])
    key = certificate.key
    for _ in range(count_ended(record)):
        key = next_key(key)
    return key


def is_changed(record: Record, certificate: Certificate) -> bool:
    """Return True if the source, or what is sent, has changed since the plan."""
    return (record.source_print, record.request_print) != (
        certificate.source_print,
        certificate.request_print,
    )


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
