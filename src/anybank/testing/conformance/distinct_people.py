"""Makes invented people different in each run, for a sandbox that remembers them."""

from __future__ import annotations

import hashlib
from typing import Any

import attrs

from ...declaration.vocabulary import Capabilities
from ...model.customers import NewCustomer
from ...sensitive import Ssn
from ..strategies import accepts


def distinct(
    declared: Capabilities, person: NewCustomer, run: str, serial: int
) -> NewCustomer:
    """Return a person with a reference, e-mail address and SSN that no other one has.

    A field that is empty, or whose new value the declaration rejects, stays as it is.
    """
    reference = f"anybank-{run}-{serial}"
    digits = str(int(hashlib.sha256(reference.encode()).hexdigest(), 16))
    values: dict[str, Any] = {
        "external_id": reference,
        "emails": [f"{reference}@example.com"],
        "ssn": person.ssn and _other_ssn(person.ssn, digits),
    }
    for name, value in values.items():
        if getattr(person, name):
            person = _replaced(declared, person, name, value)
    return person


def _other_ssn(ssn: Ssn, digits: str) -> Ssn:
    """Return an SSN of the same area; neither its group nor its serial is zero."""
    area = str(ssn.reveal()).replace("-", "")[:3]
    group, serial = int(digits[:8]) % 99 + 1, int(digits[8:16]) % 9999 + 1
    return Ssn(f"{area}-{group:02d}-{serial:04d}")


def _replaced(
    declared: Capabilities, person: NewCustomer, name: str, value: Any
) -> NewCustomer:
    try:
        changed = attrs.evolve(person, **{name: value})
    except ValueError:
        return person
    return changed if accepts(declared, changed) else person
