"""The JSON of a person at Acme, and its mapping to a customer."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from anybank.adapter.converter import read
from anybank.adapter.wire import Json
from anybank.model.customers import Customer
from anybank.sensitive import Ssn


@frozen(kw_only=True)
class WirePerson:
    """A person as Acme returns it."""

    id: str
    # Only the id is required: a record in which another field cannot be read is still
    # one record, and is returned with the names of what is missing.
    given: str | None = None
    family: str | None = None
    born: date | None = None
    ssn: str | None = None


def customer(raw: Json) -> Customer:
    """Return the customer for a person in JSON."""
    wire = read(raw, WirePerson)
    return Customer(
        id=wire.id,
        provider="acme",
        first_name=wire.given,
        last_name=wire.family,
        date_of_birth=wire.born,
        ssn=Ssn.read(wire.ssn) if wire.ssn else None,
        # Everything that Acme sent, for the fields that have no neutral name.
        raw=raw,
    )
