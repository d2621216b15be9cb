"""What the journal stores of a create before it is sent."""

from __future__ import annotations

from ...certify.certificate import Certificate
from ...journal.records import Record
from ...journal.states import State
from ...journal.transitions import Transition
from .readiness import known_of


def intent_of(record: Record, certificate: Certificate) -> Transition:
    """Return the intent, with the certificate where it differs from the plan."""
    known = {"failure": None, "attempts": record.attempts}
    if _is_as_planned(record, certificate):
        return Transition(record.number, State.IN_FLIGHT, known)
    known |= known_of(record, certificate)
    identities = certificate.identities
    return Transition(
        record.number, State.IN_FLIGHT, known, certificate.issues, identities
    )


def _is_as_planned(record: Record, certificate: Certificate) -> bool:
    known = known_of(record, certificate)
    return all(getattr(record, name) == value for name, value in known.items())


def key_of(record: Record, certificate: Certificate) -> str | None:
    """Return the idempotency key of a create, the same for every replay."""
    key = known_of(record, certificate)["reference"] if certificate.key else None
    return str(key) if key else None


def is_changed(record: Record, certificate: Certificate) -> bool:
    """Return True if the source, or what is sent, has changed since the plan."""
    return (record.source_print, record.request_print) != (
        certificate.source_print,
        certificate.request_print,
    )
